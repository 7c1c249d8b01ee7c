package summary_test

import (
	"errors"
	"html"
	"strings"
	"testing"

	"wardlight/internal/summary"
	"wardlight/internal/summary/summarytest"
)

// FuzzXHTML reads any XHTML as a section of allergies. Every word that is not markup must be in every layout, as often
// as parsers of XML and of HTML find it, and nothing that controls a terminal.
func FuzzXHTML(f *testing.F) {
	for _, c := range hostile {
		for _, s := range c.Sections {
			if div := s["text"].(object)["div"].(string); len(div) < 10_000 {
				f.Add(div)
			}
		}
	}
	f.Fuzz(func(t *testing.T, div string) {
		div = strings.ToValidUTF8(div, "\ufffd") // as encoding/json decodes it
		s := read(t, allergies(div))
		s.Sections = s.Sections[:1]
		if requireNoControls(t, s); s.Sections[0].Statement() != "" && len(s.Sections[0].Blocks) == 0 {
			return // the section says that it is not shown, or is empty
		}
		byXML, byHTML := summarytest.Words(div)
		requireShown(t, s, byXML)
		requireShown(t, s, byHTML)
	})
}

// FuzzCells puts any two texts into the cells of a table. Each must be whole after the name of its column.
func FuzzCells(f *testing.F) {
	f.Add("Penicillin", "5 mg twice daily")
	f.Add("<b>Latex</b>", "&amp; 10-20 mg")
	f.Add("\x1b[2J", "\u202eabc\u00a0")
	f.Add(strings.Repeat("long ", 50), strings.Repeat("word", 50))
	f.Add("a\u0301", " \u200b ")
	f.Fuzz(func(t *testing.T, drug, dose string) {
		drug, dose = strings.ToValidUTF8(drug, "\ufffd"), strings.ToValidUTF8(dose, "\ufffd")
		s := read(t, allergies("<table><tr><th>QDrugQ</th><th>QDoseQ</th></tr><tr><td>"+
			""+html.EscapeString(drug)+"</td><td>"+
			html.EscapeString(dose)+"</td></tr></table>"))
		s.Sections = s.Sections[:1]
		requireNoControls(t, s)

		drug, dose = summarytest.Solid(drug), summarytest.Solid(dose)
		stacked, inColumns := "QDrugQ"+drug+"QDoseQ"+dose, "QDrugQQDoseQ"+drug+dose
		for i, out := range layouts(s) {
			if drug != "" && dose != "" && !strings.Contains(out, stacked) && !strings.Contains(out, inColumns) {
				t.Errorf("layout %d: got %q, want %q or %q in it", i, out, stacked, inColumns)
			}
		}
	})
}

// FuzzRead reads any answer. It must be refused, or be about the patient and have every known section.
func FuzzRead(f *testing.F) {
	f.Add(encode(f, summaryOf(allergies("<p>Penicillin</p>"))))
	f.Add(encode(f, searchset(aReference("Ask"), aPatient("p", patient))))
	f.Add([]byte(`{"resourceType":"Bundle","type":"searchset","total":0}`))
	f.Add([]byte(`{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"transient"}]}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		hasNumber := strings.Contains(string(answer), patient.Digits()) || strings.Contains(string(answer), `\u`)
		s, err := summary.Read(answer, patient, now)
		switch {
		case err != nil:
			if !errors.Is(err, summary.ErrMalformed) && !errors.Is(err, summary.ErrOtherPatient) {
				t.Errorf("Read: got the error %v", err)
			}
		case s.State == summary.Available:
			if !hasNumber || len(s.Sections) < len(order) {
				t.Errorf("Read = %+v, want a summary of the patient with all sections", s)
			}
			requireNoControls(t, s)
		case s.State != summary.Outdated || len(s.Sections) > 0:
			t.Errorf("Read = %+v", s)
		}

		switch latest, err := summary.ReadLatest(answer, patient); {
		case err != nil && latest != (summary.Latest{}):
			t.Errorf("ReadLatest = %+v, %v", latest, err)
		case err == nil && latest.State != summary.NoSummary && !hasNumber:
			t.Errorf("ReadLatest = %+v for an answer without the patient", latest)
		}
	})
}
