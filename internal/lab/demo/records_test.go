package demo_test

import (
	"testing"
	"time"

	"wardlight/internal/lab/people"
	"wardlight/internal/recordsystem"
)

func TestTheDemosRecordSystemTakesAFlagOnce(t *testing.T) {
	d := start(t)
	flags, stop, err := d.Records(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	f := recordsystem.Flag{Number: people.OnPlan, AsOf: time.Now()}
	if a := flags.Set(t.Context(), f); a.Err != nil || a.Existed {
		t.Errorf("Set = %+v, want a new flag", a)
	}
	if a := flags.Set(t.Context(), f); a.Err != nil || !a.Existed {
		t.Errorf("second Set = %+v, want Already", a)
	}
}
