package main

import (
	"io"
	"strings"
	"testing"

	"wardlight/internal/schematest"
)

func TestSchema_EveryCommandHasOne(t *testing.T) {
	ours := func(name string) bool { return strings.HasPrefix(name, "wardlight.hub-") }
	schematest.Commands(t, newRoot(io.Discard, io.Discard), ours, map[string]string{
		"wardlight-hub doctor": "wardlight.hub-doctor-1", "wardlight-hub config": "wardlight.hub-config-1",
		"wardlight-hub outbox list": "wardlight.hub-outbox-1", "wardlight-hub plan list": "wardlight.hub-plan-1",
		"wardlight-hub audit verify": "wardlight.hub-audit-verify-1",
	})
}

func TestSchema_TypesOfDocuments(t *testing.T) {
	schematest.Types(t, map[string]any{
		"wardlight.hub-doctor-1": doctorDocument{}, "wardlight.hub-config-1": []setting{},
		"wardlight.hub-outbox-1": notified{}, "wardlight.hub-plan-1": plan{},
		"wardlight.hub-audit-verify-1": verification{},
	})
}

// TestSchema_OfCommands validates what the commands print; that of the doctor is validated in TestDoctor.
func TestSchema_OfCommands(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
	}{
		{"wardlight.hub-config-1", []string{"config"}},
		{"wardlight.hub-outbox-1", []string{"outbox", "list", "--data", ledgerWithNotifications(t)}},
		{"wardlight.hub-plan-1", []string{"plan", "list", "--authority", "V999", "--data", ledgerWithPlans(t)}},
	} {
		out, err := runForOutput(t, append(c.args, "--json")...)
		if err != nil {
			t.Fatalf("%v: %v", c.args, err)
		}
		schematest.OutputOf(t, c.name, []byte(out))
	}
}
