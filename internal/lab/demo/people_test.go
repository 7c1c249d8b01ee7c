package demo_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"wardlight/client"
	"wardlight/internal/lab/authority"
	"wardlight/internal/lab/people"
	"wardlight/internal/nhs"
)

// seen is what the program is expected to show for a named person.
type seen struct {
	lamp        client.State
	kinds       []client.PlanKind // newest first
	authorities []string
	before      int // number of accesses on record
}

func wanted() map[nhs.Number]seen {
	const example, sample, mock = "V991 - EXAMPLESHIRE COUNCIL", "V992 - SAMPLEBURY BOROUGH COUNCIL",
		"V993 - MOCKINGHAM CITY COUNCIL"
	return map[nhs.Number]seen{
		people.OnPlan:  {client.Alert, []client.PlanKind{client.ChildProtection}, []string{example}, 3},
		people.Nothing: {lamp: client.NoneRecorded},
		people.TwoAuthorities: {
			client.Alert, []client.PlanKind{client.LookedAfter, client.ChildProtection}, []string{sample, example}, 28,
		},
		people.Expecting:   {client.Alert, []client.PlanKind{client.UnbornChild}, []string{mock}, 1},
		people.PlanEnded:   {client.Alert, []client.PlanKind{client.ChildProtection}, []string{sample}, 1},
		people.ExpiredPlan: {lamp: client.NoneRecorded},
		people.Restricted:  {lamp: client.CouldNotCheck},
		people.OldNumber:   {client.Alert, []client.PlanKind{client.ChildProtection}, []string{mock}, 0},
		people.NewNumber:   {client.Alert, []client.PlanKind{client.ChildProtection}, []string{mock}, 0},
		people.Hostile:     {client.Alert, []client.PlanKind{client.ChildProtection}, []string{example}, 1},
	}
}

func TestEachNamedPersonShowsWhatTheTableSays(t *testing.T) {
	d := start(t)
	manager := signIn(t, d, "nurse")
	for n, want := range wanted() {
		if n == people.OldNumber {
			continue // looked up by its new number
		}

		t.Run(n.Digits(), func(t *testing.T) {
			if _, err := manager.Patient(bounded(t), n); err != nil {
				t.Fatal(err)
			}

			if lamp := manager.Lamp(bounded(t), n); lamp.State != want.lamp {
				t.Fatalf("lamp = %s (%v), want %s", lamp.State, lamp.Err, want.lamp)
			}

			if got := accesses(t, d, n); got != want.before {
				t.Errorf("accesses after the lamp = %d, want %d", got, want.before)
			}

			if want.lamp != client.Alert {
				return
			}

			opened, err := manager.Open(bounded(t), n)
			if err != nil {
				t.Fatal(err)
			}

			if opened.ListErr != nil {
				t.Error(opened.ListErr)
			}

			if len(opened.Plans) != len(want.kinds) {
				t.Fatalf("plans = %+v, want %d", opened.Plans, len(want.kinds))
			}

			for i, plan := range opened.Plans {
				if plan.Kind != want.kinds[i] || plan.Authority != want.authorities[i] {
					t.Errorf("plan %d = %s of %s, want %s of %s",
						i, plan.Kind, plan.Authority, want.kinds[i], want.authorities[i])
				}
				if plan.OfficePhone == "" || plan.EmergencyPhone == "" {
					t.Errorf("plan %d has no telephone number", i)
				}
			}

			if got := min(want.before+1, 25); len(opened.Accesses) != got {
				t.Errorf("listed accesses = %d, want %d", len(opened.Accesses), got)
			}

			if got := accesses(t, d, n); got != want.before+1 {
				t.Errorf("recorded accesses = %d, want %d", got, want.before+1)
			}
		})
	}
}

func TestAnOpeningIsRecordedAndToldOnceAndALampNever(t *testing.T) {
	d := start(t)
	manager := signIn(t, d, "nurse")
	for range 3 {
		if lamp := manager.Lamp(bounded(t), people.Expecting); lamp.State != client.Alert {
			t.Fatalf("lamp = %s, %v, want %s", lamp.State, lamp.Err, client.Alert)
		}
	}

	if n := accesses(t, d, people.Expecting); n != 1 {
		t.Errorf("accesses after three lamps = %d, want 1, which was loaded", n)
	}

	opened, err := manager.Open(bounded(t), people.Expecting)
	if err != nil || !opened.Notifies {
		t.Fatalf("Open = %+v, %v, want an opening that notifies", opened, err)
	}

	if err := d.Authority().Await(bounded(t), 1); err != nil {
		t.Fatal(err)
	}

	got := d.Notifications()
	if len(got) != 1 || len(d.Authority().Refused()) != 0 {
		t.Fatalf("got %d notifications, refused %v, want 1 and none", len(got), d.Authority().Refused())
	}

	told, err := authority.Read(got[0].Body)
	if err != nil {
		t.Fatal(err)
	}

	if told.MessageID != got[0].ID || told.NHSNumber != people.Expecting.Digits() || told.Receiver != "V993" ||
		told.UUID != "999000000101" || told.URID != "999000000201" || told.Who != "Ms Ada Sample" ||
		told.Organisation != "EXAMPLE GENERAL HOSPITAL" {
		t.Errorf("notification = %+v", told)
	}

	if n := accesses(t, d, people.Expecting); n != 2 {
		t.Errorf("recorded accesses = %d, want 2", n)
	}
}

func TestTwoAuthoritiesAreBothTold(t *testing.T) {
	d := start(t)
	if _, err := signIn(t, d, "clerk").Open(bounded(t), people.TwoAuthorities); err != nil {
		t.Fatal(err)
	}
	if err := d.Authority().Await(bounded(t), 2); err != nil {
		t.Fatal(err)
	}
	who := map[string]bool{}
	for _, n := range d.Notifications() {
		who[n.Authority] = true
	}
	if !who["V991"] || !who["V992"] || len(who) != 2 {
		t.Errorf("notified authorities = %v, want V991 and V992", who)
	}
}

func TestScheduledCareLooksWithoutATrace(t *testing.T) {
	d := start(t)
	opened, err := signIn(t, d, "gp").Open(bounded(t), people.OnPlan)
	if err != nil || opened.Notifies || len(opened.Plans) != 1 {
		t.Fatalf("Open by the GP = %+v, %v, want one plan and no notification", opened, err)
	}

	if n := accesses(t, d, people.OnPlan); n != 3 {
		t.Errorf("accesses = %d, want the 3 that were loaded", n)
	}

	// A nurse's later opening sends a notification. One for the GP's opening would have arrived before it.
	if _, err := signIn(t, d, "nurse").Open(bounded(t), people.OnPlan); err != nil {
		t.Fatal(err)
	}

	if err := d.Authority().Await(bounded(t), 1); err != nil {
		t.Fatal(err)
	}

	for _, n := range d.Notifications() {
		if told, err := authority.Read(n.Body); err != nil || told.UUID != "999000000101" {
			t.Errorf("notification = %+v, %v, want one of the nurse's opening", told, err)
		}
	}
}

func TestAnAuthorityThatWasDownIsToldLater(t *testing.T) {
	d := start(t)
	d.Authority().Fail(503)
	if _, err := signIn(t, d, "nurse").Open(bounded(t), people.OnPlan); err != nil {
		t.Fatalf("Open while the authority's system fails: %v", err)
	}
	if err := d.Authority().AwaitRefused(bounded(t), 1); err != nil {
		t.Fatal(err)
	}
	d.Authority().Fail(0)
	if err := d.Authority().Await(bounded(t), 1); err != nil {
		t.Error(err)
	}
}

func TestAnOldNumberLeadsToTheNewOne(t *testing.T) {
	d := start(t)
	p, err := signIn(t, d, "nurse").Patient(bounded(t), people.OldNumber)
	if err != nil || p.Number != people.NewNumber || p.AskedFor != people.OldNumber {
		t.Errorf("Patient(%s) = %+v, %v, want the record of %s", people.OldNumber, p, err, people.NewNumber)
	}
}

func TestARestrictedRecordIsShownWithoutAddress(t *testing.T) {
	d := start(t)
	p, err := signIn(t, d, "nurse").Patient(bounded(t), people.Restricted)
	if err != nil {
		t.Fatal(err)
	}
	if !p.Restricted || len(p.Address) != 0 || p.Phone != "" || p.Postcode != "" {
		t.Errorf("restricted patient = %+v, want no address, telephone or postcode", p)
	}
}

func TestNothingHostileComesThroughTheClient(t *testing.T) {
	d := start(t)
	manager := signIn(t, d, "nurse")
	p, err := manager.Patient(bounded(t), people.Hostile)
	if err != nil {
		t.Fatal(err)
	}

	opened, err := manager.Open(bounded(t), people.Hostile)
	if err != nil || opened.ListErr != nil {
		t.Fatal(err, opened.ListErr)
	}

	opened.RequestID = ""
	for _, v := range []any{p, opened} {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}

		var plain any
		if err := json.Unmarshal(raw, &plain); err != nil {
			t.Fatal(err)
		}

		eachText(plain, func(s string) {
			if i := strings.IndexFunc(s, func(r rune) bool {
				return unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
			}); i >= 0 {
				t.Errorf("%q contains a control character that would reach the terminal", s)
			}
		})
	}
}

// eachText calls visit with every string in a decoded JSON value.
func eachText(v any, visit func(string)) {
	switch v := v.(type) {
	case string:
		visit(v)
	case []any:
		for _, e := range v {
			eachText(e, visit)
		}
	case map[string]any:
		for _, e := range v {
			eachText(e, visit)
		}
	}
}

// A role without the codes for child protection is not told whether there is an alert, but sees other flags.
func TestARoleWithoutTheCodeSeesOtherFlags(t *testing.T) {
	d := start(t)
	manager := sessionsOf(t, d)
	if _, err := manager.ReadAhead(bounded(t), in(put(t, d, "traceonly"))); err != nil {
		t.Fatal(err)
	}
	in, err := manager.SignIn(bounded(t), passcode("246813"))
	if err != nil {
		t.Fatal(err)
	}
	if err := manager.Choose(in.Roles[0].URID); err != nil {
		t.Fatal(err)
	}
	lamp := manager.Lamp(bounded(t), people.PlanEnded)
	if lamp.State != client.NotChecked || !errors.Is(lamp.Err, &client.Error{Kind: client.NotAllowed}) {
		t.Errorf("lamp = %s, %v, want NotChecked with NotAllowed", lamp.State, lamp.Err)
	}
	if got := flagsOf(lamp); got != "adjustments ALERT 0" {
		t.Errorf("flags = %s, want the adjustments without details", got)
	}
}

// flagsOf returns the flags of a lamp, with the number of lines of each.
func flagsOf(l client.Lamp) string {
	var all []string
	for _, f := range l.Flags {
		name := map[client.FlagKind]string{client.ReasonableAdjustments: "adjustments", client.FGM: "FGM"}[f.Kind]
		all = append(all, fmt.Sprintf("%s %s %d", name, f.State, len(f.Details)))
	}
	return strings.Join(all, ", ")
}

func TestTheNamedPeopleHaveFlags(t *testing.T) {
	d := start(t)
	for card, want := range map[string]map[nhs.Number]string{
		"nurse": {
			people.OnPlan: "adjustments none recorded 0", people.PlanEnded: "adjustments ALERT 0",
			people.ExpiredPlan: "adjustments ALERT 0", people.Restricted: "adjustments could not check 0",
			people.OldNumber: "adjustments none recorded 0",
		},
		"gp": {
			people.OnPlan: "adjustments none recorded 0", people.PlanEnded: "adjustments ALERT 2",
			people.ExpiredPlan: "adjustments ALERT 2, FGM ALERT 1", people.Expecting: "adjustments none recorded 0",
		},
	} {
		manager := signIn(t, d, card)
		for n, flags := range want {
			lamp := manager.Lamp(bounded(t), n)
			if got := flagsOf(lamp); got != flags || len(lamp.Flags) > 0 && lamp.Flags[0].State == client.Alert &&
				lamp.AsOf.IsZero() {
				t.Errorf("flags of %s for %s = %s (%v), want %s", n, card, got, lamp.Err, flags)
			}
		}
	}
}
