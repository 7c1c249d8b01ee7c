package flags

import (
	"slices"
	"strings"
	"testing"

	"wardlight/hub/patientflag"
)

// flagIn returns the flag of a kind in an answer that has one.
func flagIn(t *testing.T, k patientflag.Kind, body string) *patientflag.Flag {
	t.Helper()
	a, err := read(tess, []byte(body), now, now)
	if err != nil {
		t.Fatal(err)
	}
	found, err := a.of(string(k))
	if err != nil || len(found) == 0 {
		t.Fatalf("got %d flags, error %v; want a flag", len(found), err)
	}
	return a.patientFlag(k, found)
}

func TestPatientFlag(t *testing.T) {
	const hidden = "Patient Flags has more details that are not shown here."
	hostile := strings.Replace(adjustmentsFlag, "Speak slowly.", `Speak\n\u001b[2Jslowly.`, 1)
	many := strings.Replace(adjustmentsFlag, `"extension":[`, `"extension":[`+strings.Repeat(
		`{"url":"`+extensionNotes+`","valueAnnotation":{"text":"x"}},`, maxDetails), 1)
	finding := strings.Replace(fgmFlag, `"code":{"coding":[`, `"code":{"coding":[{"system":"http://snomed.info/sct",
		"code":"902961000000107","display":"Family history of FGM"},`, 1)

	for _, x := range []struct {
		name     string
		kind     patientflag.Kind
		body     string
		recorded string
		by       string
		lines    []string
	}{
		{
			"all details", patientflag.ReasonableAdjustments, searchset(adjustmentsFlag, adjustment, impairment),
			"2024-01-01", "RXX01",
			[]string{
				"Speak slowly.", "Learning or understanding or concentrating",
				"Communication support: Requires support for receptive communication needs",
			},
		},
		{
			"details missing", patientflag.ReasonableAdjustments, searchset(adjustmentsFlag, adjustment), "2024-01-01",
			"RXX01",
			[]string{
				"Speak slowly.", "Communication support: Requires support for receptive communication needs", hidden,
			},
		},
		{
			"hostile note", patientflag.ReasonableAdjustments, searchset(hostile), "2024-01-01", "RXX01",
			[]string{"Speak ␛[2Jslowly.", hidden},
		},
		{
			"many notes", patientflag.ReasonableAdjustments, searchset(many), "2024-01-01", "RXX01",
			append(slices.Repeat([]string{"x"}, maxDetails), hidden),
		},
		{"FGM without details", patientflag.FGM, searchset(fgmFlag), "", "", nil},
		{"FGM with a finding", patientflag.FGM, searchset(finding), "", "", []string{"Family history of FGM"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			f := flagIn(t, x.kind, x.body)
			var lines []string
			for _, d := range f.Details {
				lines = append(lines, strings.Trim(d.Category.Display+": "+d.Code.Display+d.Note, ": "))
			}
			recorded := ""
			if !f.Recorded.IsZero() {
				recorded = f.Recorded.Format("2006-01-02")
			}
			if !f.Active || f.Number != tess || f.Kind != x.kind || recorded != x.recorded || f.By != x.by {
				t.Errorf("got %+v, want an active flag of %s by %q", f, x.recorded, x.by)
			}
			if !slices.Equal(lines, x.lines) {
				t.Errorf("got details %q, want %q", lines, x.lines)
			}
		})
	}
}
