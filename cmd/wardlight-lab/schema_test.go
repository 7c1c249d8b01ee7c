package main

import (
	"encoding/json"
	"strings"
	"testing"

	"wardlight/internal/lab/control"
	"wardlight/internal/schematest"
)

func TestSchema_EveryCommandHasOne(t *testing.T) {
	ours := func(name string) bool { return strings.HasPrefix(name, "wardlight.lab-") }
	schematest.Commands(t, newRoot(environment{}), ours, map[string]string{
		"wardlight-lab cards": "wardlight.lab-cards-1", "wardlight-lab people": "wardlight.lab-people-1",
		"wardlight-lab demo": "wardlight.lab-demo-1", "wardlight-lab demo status": "wardlight.lab-demo-1",
	})
}

func TestSchema_TypesOfDocuments(t *testing.T) {
	schematest.Types(t, map[string]any{
		"wardlight.lab-cards-1": []cardRow{}, "wardlight.lab-people-1": []personRow{},
		"wardlight.lab-demo-1": control.Status{},
	})
}

func TestSchema_OfCommands(t *testing.T) {
	socket, status, _ := startDemo(t)
	began, err := json.Marshal(status)
	if err != nil {
		t.Fatal(err)
	}
	schematest.OutputOf(t, "wardlight.lab-demo-1", began)
	for line, name := range map[string]string{
		"cards": "wardlight.lab-cards-1", "people": "wardlight.lab-people-1",
		"demo status --socket " + socket: "wardlight.lab-demo-1",
	} {
		code, out, errs := call(t, append(strings.Fields(line), "--json")...)
		if code != 0 {
			t.Fatalf("%s: got exit code %d, want 0: %s", line, code, errs)
		}
		schematest.OutputOf(t, name, []byte(out))
	}
}
