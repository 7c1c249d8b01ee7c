package procedure_test

import (
	"testing"

	"wardlight/internal/procedure"
)

func TestLocal_Words(t *testing.T) {
	for want, local := range map[string]procedure.Local{
		"Use the local procedure.":                  {},
		"Local procedure: Ask the nurse in charge.": {Text: "Ask the nurse in charge"},
		"Local procedure: Ring 020 7946 0000.":      {Phone: "02079460000"},
		"Local procedure: Ask the nurse in charge. Ring 020 7946 0000.": {
			Text:  "Ask the nurse in charge.",
			Phone: "020 7946 0000",
		},
	} {
		if got := local.Words(); got != want {
			t.Errorf("%+v: Words = %q, want %q", local, got, want)
		}
	}
}
