package audit_test

import (
	"os"
	"strings"
	"testing"

	"wardlight/hub/audit"
	"wardlight/hub/store"
)

// Each action must have a valid kind and be documented.
func TestActions(t *testing.T) {
	document, err := os.ReadFile("../../docs/audit.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, kind := range audit.Actions {
		if kind.By == "" || kind.Event.Code == "" || !strings.Contains("CRUDE", kind.Code) || len(kind.Code) != 1 {
			t.Errorf("Actions[%q] = %+v, want agent, event code and one of CRUDE", name, kind)
		}
		if !strings.Contains(string(document), "`"+name+"`") {
			t.Errorf("docs/audit.md does not name %q", name)
		}
	}
}

// When an operator changes an authority, the operator is the requestor and the authority isn't.
func TestEvent_Requestor(t *testing.T) {
	for name, kind := range audit.Actions {
		agents := audit.Event(store.AuditRecord{Action: name, OrgODS: "V999"}, "hub").Agent
		first, operators := agents[0], kind.By == audit.Operator
		if !first.Requestor || (first.AltID == "operator") != operators {
			t.Errorf("%s: got first agent %+v, want an operator as the requestor: %v", name, first, operators)
		}
		last := agents[len(agents)-1]
		if last.Who == nil || last.Who.Identifier.Value != "V999" || last.Requestor == operators {
			t.Errorf("%s: got last agent %+v, want the authority V999, as the requestor unless an operator is", name,
				last)
		}
	}
}
