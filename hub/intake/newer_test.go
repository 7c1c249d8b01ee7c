package intake_test

import (
	"slices"
	"strings"
	"testing"

	"wardlight/internal/nhs"
)

// labelled returns tess's record with that version and that label; "" means none.
func labelled(version, label string) string {
	meta := []string{}
	if version != "" {
		meta = append(meta, `"versionId":"`+version+`"`)
	}
	if label != "" {
		meta = append(meta, `"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"`+
			label+`"}]`)
	}
	return with(tess, `"gender"`, `"meta":{`+strings.Join(meta, ",")+`},"address":[{"postalCode":"LS1 4`+label+
		`"}],"gender"`)
}

// An import of an older record must not reveal a protected address.
func TestImport_AnOlderRecordReplacesNoNewerOne(t *testing.T) {
	const older, unlabelled = "its meta.versionId is ", "it has no security label"
	for name, c := range map[string]struct {
		before, now [2]string // version and label
		says        string    // the refusal; "" if the record is imported
	}{
		"the same again":                           {[2]string{"3", "R"}, [2]string{"3", "R"}, ""},
		"newer and no longer restricted":           {[2]string{"9", "R"}, [2]string{"10", "U"}, ""},
		"newer and restricted":                     {[2]string{"2", "U"}, [2]string{"3", "R"}, ""},
		"newer and without a label":                {[2]string{"2", "U"}, [2]string{"3", ""}, ""},
		"neither has a version":                    {[2]string{"", "R"}, [2]string{"", "U"}, ""},
		"the first one with a version":             {[2]string{"", "R"}, [2]string{"1", "U"}, ""},
		"older and no longer restricted":           {[2]string{"10", "R"}, [2]string{"9", "U"}, older},
		"older and never restricted":               {[2]string{"3", "U"}, [2]string{"2", "U"}, older},
		"older and very restricted":                {[2]string{"3", "R"}, [2]string{"2", "V"}, older},
		"the same version, no longer restricted":   {[2]string{"3", "R"}, [2]string{"3", "U"}, older},
		"without a version, no longer restricted":  {[2]string{"3", "R"}, [2]string{"", "U"}, older},
		"another kind of version, not restricted":  {[2]string{"3", "R"}, [2]string{"4x", "U"}, older},
		"newer and without a label, of restricted": {[2]string{"3", "R"}, [2]string{"4", ""}, unlabelled},
		"without version and label, of restricted": {[2]string{"", "V"}, [2]string{"", ""}, unlabelled},
	} {
		for _, batches := range []int{1, 2} {
			s := books(t)
			first, second := labelled(c.before[0], c.before[1]), labelled(c.now[0], c.now[1])+"\n"+aunt+"\n"+tom
			text := first + "\n" + second
			if batches == 2 {
				if _, refused := take(t, s, first); len(refused) != 0 {
					t.Fatal(refused)
				}
				text = second
			}

			at, refused := take(t, s, text)
			p, err := s.Patient(t.Context(), "9990000018")
			if err != nil {
				t.Fatal(err)
			}

			related, err := s.RelatedPersons(t.Context(), "9990000018")
			if err != nil {
				t.Fatal(err)
			}

			taken := strings.Contains(string(p.Body), "LS1 4"+c.now[1]+`"`) && len(related) == 1
			if _, err := s.Patient(t.Context(), "9990000026"); err != nil {
				t.Errorf("%s: next line: %v", name, err)
			}

			if c.says == "" {
				if len(refused) != 0 || !taken {
					t.Errorf("%s: got refused lines %v and record %s, want it imported", name, refused, p.Body)
				}
				continue
			}

			line := []string{"", "f:2: ", "f:1: "}[batches]
			if len(refused) != 2 || !strings.HasPrefix(refused[0], line+c.says) ||
				!strings.HasSuffix(refused[1], "its patient was refused") || at.Refused != 2 {
				t.Errorf("%s: got refused lines %q, %+v; want the record and the related person", name, refused, at)
			}

			if !strings.Contains(string(p.Body), "LS1 4"+c.before[1]+`"`) ||
				p.Confidential != slices.Contains([]string{"R", "V"}, c.before[1]) {
				t.Errorf("%s: got stored record %s, want it unchanged", name, p.Body)
			}
		}
	}
}

func TestImport_IDAndIdentifierAreOneNumber(t *testing.T) {
	identified := func(value string) string {
		return with(tess, `"gender"`, `"identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"`+value+
			`"},{"system":"https://x.example","value":"1"}],"gender"`)
	}
	for value, good := range map[string]bool{
		"9990000018": true, "999 000 0018": true, "9990000026": false,
		"999000001": false, "": false,
	} {
		s := books(t)
		_, refused := take(t, s, identified(value)+"\n"+tom)
		_, err := s.Patient(t.Context(), nhs.Number("9990000018"))
		if (err == nil) != good || good != (len(refused) == 0) || !good &&
			(len(refused) != 1 || refused[0] != "f:1: its id differs from the NHS number of its identifier") {
			t.Errorf("identifier %q: got refused lines %q, error %v", value, refused, err)
		}
	}
}
