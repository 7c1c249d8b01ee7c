package patientflag_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/hub/patientflag"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

const (
	number = nhs.Number("9990000018")
	old    = nhs.Number("9990000026")
	ra     = patientflag.ReasonableAdjustments
	fgm    = patientflag.FGM
)

func TestMayHaveFGM(t *testing.T) {
	today := nhs.Date{Year: 2026, Month: 2, Day: 28}
	for _, c := range []struct {
		gender nhs.Gender
		born   string
		want   bool
	}{
		{nhs.Female, "2016-03-04", true},
		{nhs.OtherGender, "2016-03-04", true},
		{nhs.UnknownGender, "2016-03-04", true},
		{"", "2016-03-04", true},
		{nhs.Male, "2016-03-04", false},
		{nhs.Female, "2008-02-28", false},
		{nhs.Female, "2008-02-29", true}, // 18 on 1 March
		{nhs.Female, "2008-03", true},
		{nhs.Female, "2008", true},
		{nhs.Female, "2007", false},
		{nhs.Female, "", false},
	} {
		var born nhs.Date
		if c.born != "" {
			var err error
			if born, err = nhs.ParseDate(c.born); err != nil {
				t.Fatal(err)
			}
		}
		if got := patientflag.MayHaveFGM(c.gender, born, today); got != c.want {
			t.Errorf("MayHaveFGM(%q, %s) = %v, want %v", c.gender, c.born, got, c.want)
		}
	}
}

// stored is a store with flags.
type stored struct {
	flags    []patientflag.Flag
	err      error
	heldErr  error
	restored bool
	held     int // calls of HoldsFlags
}

func (s *stored) PatientFlags(context.Context, []nhs.Number, []patientflag.Kind) ([]patientflag.Flag, error) {
	return s.flags, s.err
}

func (s *stored) HoldsFlags(_ context.Context, kind patientflag.Kind) (bool, error) {
	s.held++
	return slices.ContainsFunc(s.flags, func(f patientflag.Flag) bool { return f.Kind == kind }), s.heldErr
}

func (s *stored) service() *patientflag.Service {
	return patientflag.New(s, func(context.Context) (bool, error) { return s.restored, nil })
}

func TestService_Flags(t *testing.T) {
	broken := errors.New("broken")
	at := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	is := func(kind patientflag.Kind, n nhs.Number, active bool, recorded time.Time) patientflag.Flag {
		return patientflag.Flag{Number: n, Kind: kind, Active: active, Recorded: recorded}
	}
	for name, c := range map[string]struct {
		store stored
		want  string // of each kind
	}{
		"none on file":  {stored{}, "[not held, not held]"},
		"one of a kind": {stored{flags: []patientflag.Flag{is(ra, number, true, at)}}, "[9990000018, not held]"},
		"a removed one": {stored{flags: []patientflag.Flag{is(ra, number, false, at)}}, "[none, not held]"},
		"the newest": {
			stored{flags: []patientflag.Flag{is(ra, number, true, at), is(ra, old, true, at.Add(1))}},
			"[9990000026, not held]",
		},
		"a removed newer": {
			stored{flags: []patientflag.Flag{is(ra, number, true, at), is(ra, old, false, at.Add(1))}},
			"[9990000018, not held]",
		},
		"without a time": {
			stored{flags: []patientflag.Flag{is(fgm, number, true, time.Time{})}}, "[not held, 9990000018]",
		},
		"after a restore": {
			stored{flags: []patientflag.Flag{is(ra, number, false, at), is(fgm, number, true, at)}, restored: true},
			"[restored, 9990000018]",
		},
		"a broken table":   {stored{err: broken}, "[broken, broken]"},
		"broken afterward": {stored{heldErr: broken}, "[broken, broken]"},
	} {
		var got []string
		for _, r := range c.store.service().Flags(t.Context(), []nhs.Number{number, old}, patientflag.Kinds()) {
			switch {
			case errors.Is(r.Err, patientflag.ErrNotHeld):
				got = append(got, "not held")
			case errors.Is(r.Err, patientflag.ErrRestored):
				got = append(got, "restored")
			case errors.Is(r.Err, broken):
				got = append(got, "broken")
			case r.Flag == nil:
				got = append(got, "none")
			default:
				got = append(got, r.Flag.Number.Digits())
			}
		}
		if s := "[" + strings.Join(got, ", ") + "]"; s != c.want {
			t.Errorf("%s: Flags = %s, want %s", name, s, c.want)
		}
	}
}

// Whether flags of a kind are held is looked up until there is one.
func TestService_HeldIsRemembered(t *testing.T) {
	s := &stored{}
	service := s.service()
	ask := func() error {
		return service.Flags(t.Context(), []nhs.Number{number}, []patientflag.Kind{ra})[0].Err
	}
	for range 2 {
		if err := ask(); !errors.Is(err, patientflag.ErrNotHeld) {
			t.Errorf("Flags of an empty store: got %v, want ErrNotHeld", err)
		}
	}
	s.flags = []patientflag.Flag{{Number: old, Kind: ra}}
	for range 3 {
		if err := ask(); err != nil {
			t.Errorf("Flags of a store with an inactive flag: got %v, want none", err)
		}
	}
	if s.held != 3 {
		t.Errorf("HoldsFlags was called %d times, want 3: it is not asked again once there is a flag", s.held)
	}
}

func TestResources(t *testing.T) {
	ids := 0
	newID := func() string { ids++; return fmt.Sprint(ids) }
	flag := &patientflag.Flag{Number: number, Kind: ra, Active: true, Details: []patientflag.Detail{
		{Type: patientflag.Adjustment},
		{Type: patientflag.Impairment, Code: fhir.Coding{Code: "c"}, Note: "n"},
		{Type: patientflag.Note, Note: "x"},
	}}
	f, included := patientflag.Resources(flag, number.Digits(), true, newID)
	if len(included) != 2 || len(f.Extension) != 3 || f.Extension[0].ValueReference.Reference != included[0].URL ||
		f.Period != nil || f.Code.Coding[0].Display == "" {
		t.Errorf("Resources = %+v, %+v; want a flag with two details and a note", f, included)
	}
	if a, ok := included[0].Resource.(*fhir.Flag); !ok || a.Code.Text == "" || len(a.Code.Coding) > 0 {
		t.Errorf("adjustment without a code = %+v, want a text", included[0].Resource)
	}
	f, included = patientflag.Resources(flag, number.Digits(), false, newID)
	if len(included) > 0 || len(f.Extension) > 0 {
		t.Errorf("Resources without details = %+v, %+v; want the flag alone", f, included)
	}
}
