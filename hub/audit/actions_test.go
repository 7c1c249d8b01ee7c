package audit_test

import (
	"os"
	"strings"
	"testing"

	"wardlight/hub/audit"
	"wardlight/hub/store"
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

// Of what an operator does to an authority, the operator is the requestor and the authority is not.
func TestEvent_Requestor(t *testing.T) {
	for name, kind := range audit.Actions {
		agents := audit.Event(store.AuditRecord{Action: name, OrgODS: "V999"}, "hub").Agent
		first, operators := agents[0], kind.By == audit.Operator
		if !first.Requestor || (first.AltID == "operator") != operators {
			t.Errorf("%s: the requestor is %+v, want an operator: %v", name, first, operators)
		}
		last := agents[len(agents)-1]
		if last.Who == nil || last.Who.Identifier.Value != "V999" || last.Requestor == operators {
			t.Errorf("%s: the authority is %+v", name, last)
		}
	}
}
