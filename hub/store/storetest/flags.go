package storetest

import (
	"reflect"
	"testing"

	"wardlight/hub/patientflag"
	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// adjustments is a flag with all fields.
var adjustments = patientflag.Flag{
	Number: tess, Kind: patientflag.ReasonableAdjustments, Active: true, Recorded: now, By: "RX1",
	Details: []patientflag.Detail{
		{
			Type: patientflag.Adjustment, Category: fhir.Coding{System: "c", Code: "communication-support"},
			Code: fhir.Coding{System: fhir.SystemSNOMED, Code: "1082681000000103", Display: "Receptive \"needs\""},
			Note: "Ünïcode",
		},
		{Type: patientflag.Note, Note: "A note"},
	},
}

func flagsArePut(t *testing.T, b *fixture) {
	both := []patientflag.Kind{patientflag.ReasonableAdjustments, patientflag.FGM}
	is := func(when string, numbers []nhs.Number, kinds []patientflag.Kind, want ...patientflag.Flag) {
		t.Helper()
		got, err := b.PatientFlags(b.ctx, numbers, kinds)
		if err != nil || !reflect.DeepEqual(got, append([]patientflag.Flag(nil), want...)) {
			t.Errorf("%s: flags = %+v, %v; want %+v", when, got, err, want)
		}
	}
	holds := func(kind patientflag.Kind, want bool) {
		t.Helper()
		if got, err := b.HoldsFlags(b.ctx, kind); err != nil || got != want {
			t.Errorf("HoldsFlags(%s) = %v, %v; want %v", kind, got, err, want)
		}
	}

	is("empty", []nhs.Number{tess}, both)
	holds(patientflag.ReasonableAdjustments, false)

	must(t, b.PutFlag(b.ctx, adjustments))
	fgm := patientflag.Flag{Number: old, Kind: patientflag.FGM, Active: true, Details: []patientflag.Detail{}}
	must(t, b.PutFlag(b.ctx, fgm))
	is("all", []nhs.Number{old, tess}, both, fgm, adjustments)
	is("one kind", []nhs.Number{old, tess}, both[:1], adjustments)
	is("another number", []nhs.Number{tom}, both)
	is("no kind", []nhs.Number{tess}, nil)
	is("no number", nil, both)

	// A removed flag stays as an inactive row, which shows that flags of its kind are imported.
	removed := patientflag.Flag{
		Number: tess, Kind: patientflag.ReasonableAdjustments, Recorded: now, Details: []patientflag.Detail{},
	}
	e := &store.Entry{Audit: record("import flag"), Change: &store.Change{Flag: &removed}}
	mustBe(t, b.commit(e), nil)
	b.restart()
	is("removed", []nhs.Number{tess}, both, removed)
	holds(patientflag.ReasonableAdjustments, true)
	holds("another", false)

	if b.PutFlag(b.ctx, patientflag.Flag{Number: "12", Kind: patientflag.FGM}) == nil {
		t.Error("a flag with a malformed number was stored")
	}
}
