package summary_test

import (
	"os"
	"testing"

	"wardlight/internal/need"
	"wardlight/internal/nhs"
	"wardlight/internal/summary"
)

// example is the patient of the contract's examples.
const example = nhs.Number("9000000009")

// contract returns an example of the NHS's OpenAPI document. The test is skipped if the document isn't there.
func contract(t *testing.T, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(need.Contract(t, "../..", "scr/components/examples/"+name))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestReadLatest_ExampleOfTheContract(t *testing.T) {
	got, err := summary.ReadLatest(contract(t, "DocumentReferenceBundle.json"), example)
	want := summary.Latest{State: summary.Available, ID: "FA60BE64-1F34-11EB-A2A8-000C29A364EB"}
	if err != nil || got != want {
		t.Errorf("ReadLatest = %+v, %v; want %+v", got, err, want)
	}
}

func TestRead_ExampleOfTheContract(t *testing.T) {
	s, err := summary.Read(contract(t, "GetScrBundle.json"), example, now)
	if err != nil {
		t.Fatal(err)
	}
	if s.State != summary.Available || s.Author != "Dr Steve Jones" || s.Date.String() != "17-Nov-2020" ||
		s.ID != "BF4180FD-C403-4EF7-A4AB-E07303AF5477" || len(s.About) != 1 || len(s.Sections) != 14 {
		t.Errorf("Read = %+v", s)
	}
	for _, section := range s.Sections {
		if section.State != summary.Filled {
			t.Errorf("%s: got the state %d, want Filled", section.Code, section.State)
		}
	}
	requireWords(t, contract(t, "GetScrBundle.json"), s)
}
