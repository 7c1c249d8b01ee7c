package demo_test

import (
	"testing"
	"time"

	"wardlight/hub/trace"
	"wardlight/internal/fhirtest"
	"wardlight/internal/lab/people"
	"wardlight/internal/nhs"
)

// The hub sends records unchanged, so the synthetic people must be valid FHIR R4.
func TestTheLabsPeopleAreFHIR(t *testing.T) {
	now := time.Date(2026, 7, 15, 13, 0, 0, 0, time.UTC)
	emitted := fhirtest.NewSet()
	all := people.Named(now)
	for p := range people.Seeded(people.Options{Seed: 1, Count: 500, Today: nhs.DateOf(now)}) {
		all = append(all, p)
	}

	for _, p := range all {
		row, err := trace.Record(&p.Patient)
		if err != nil {
			t.Fatal(err)
		}
		emitted.Check(t, row.Body)
		related, err := trace.Relatives(p.Number(), p.Related)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range related {
			emitted.Check(t, r)
		}
	}

	emitted.Examine(t)
}
