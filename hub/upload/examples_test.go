package upload_test

import (
	"os"
	"strings"
	"testing"

	"wardlight/hub/upload"
)

// TestTheExamplesOfTheManualRead checks that the examples in docs/authorities.md can be parsed.
func TestTheExamplesOfTheManualRead(t *testing.T) {
	text, err := os.ReadFile("../../docs/authorities.md")
	if err != nil {
		t.Fatal(err)
	}

	manual := string(text)
	var table strings.Builder
	for line := range strings.Lines(manual) {
		if code, ok := strings.CutPrefix(line, "    "); ok && strings.Count(code, ",") == 9 {
			table.WriteString(code)
		}
	}

	rows, err := upload.ParseCSV([]byte(table.String()))
	if err != nil || len(rows) != 3 {
		t.Fatalf("ParseCSV returned %d rows, error %v, want 3 rows", len(rows), err)
	}

	_, object, _ := strings.Cut(manual, "```json\n")
	object, _, _ = strings.Cut(object, "```")
	file, err := upload.ParseJSON([]byte(object), "V999", now)
	if err != nil {
		t.Fatalf("ParseJSON: %v", err)
	}

	for _, row := range append(rows, file.Rows...) {
		got := newRecords(t).process(t, row).Rows[0] // the test's records do not contain the manual's patients
		if got.Code != upload.NoMatch {
			t.Errorf("answer to row %+v = %+v, want code %s", row, got, upload.NoMatch)
		}
	}

	for _, c := range []string{
		"CPR01", "CPR02", "CPR03", "CPR04", "CPR05", "CPR06", "CPR07", "CPF01", "CPF02", "CPF03",
		"CPF04", "CPF05", "CPF06",
	} {
		if !strings.Contains(manual, "| `"+c+"` |") {
			t.Errorf("docs/authorities.md does not explain %s", c)
		}
	}
}
