package upload_test

import (
	"os"
	"strings"
	"testing"

	"wardlight/hub/upload"
)

// TestTheExamplesOfTheManualRead holds docs/authorities.md: people begin with its examples.
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
		t.Fatalf("CSV: %d rows, %v", len(rows), err)
	}
	_, object, _ := strings.Cut(manual, "```json\n")
	object, _, _ = strings.Cut(object, "```")
	file, err := upload.ParseJSON([]byte(object), "V999", now)
	if err != nil {
		t.Fatalf("JSON: %v", err)
	}
	for _, row := range append(rows, file.Rows...) {
		got := newRecords(t).take(t, row).Rows[0] // the records of this test know nobody of the manual's
		if got.Code != upload.NoMatch {
			t.Errorf("%+v: %+v", row, got)
		}
	}
	for _, c := range []string{"CPR01", "CPR02", "CPR03", "CPR04", "CPR05", "CPR06", "CPR07", "CPF01", "CPF02", "CPF03", "CPF04", "CPF05", "CPF06"} {
		if !strings.Contains(manual, "| `"+c+"` |") {
			t.Errorf("the manual does not explain %s", c)
		}
	}
}
