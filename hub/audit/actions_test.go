package audit_test

import (
	"os"
	"strings"
	"testing"

	"wardlight/hub/audit"
)

// Each action has a kind of its own, and the documents name it.
func TestActions(t *testing.T) {
	document, err := os.ReadFile("../../docs/audit.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, kind := range audit.Actions {
		if kind.By == "" || kind.Event.Code == "" || !strings.Contains("CRUDE", kind.Code) || len(kind.Code) != 1 {
			t.Errorf("%s: %+v", name, kind)
		}
		if !strings.Contains(string(document), "`"+name+"`") {
			t.Errorf("docs/audit.md does not name %q", name)
		}
	}
}
