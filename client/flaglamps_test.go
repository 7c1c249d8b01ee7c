package client_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/fhir"
	"wardlight/internal/text"
)

// flagsShown returns what a lamp says: the state of child protection, and of each other flag.
func flagsShown(l client.Lamp) string {
	all := []string{l.State.String()}
	for _, f := range l.Flags {
		name := map[client.FlagKind]string{client.ReasonableAdjustments: "RA", client.FGM: "FGM"}[f.Kind]
		all = append(all, name+" "+f.State.String())
	}
	return strings.Join(all, ", ")
}

// One call brings all lamps. Only the first lamp of a program also asks what the hub offers.
func TestLamp_RoundTrips(t *testing.T) {
	for _, offered := range []bool{true, false} {
		hub := hubtest.New(t, at(noon))
		if offered {
			hub.OfferFlags()
		}
		role := nurse(t, hub)
		before := len(hub.Requests(""))
		for i := range 3 {
			lamp := role.Lamp(t.Context(), hubtest.WithAlert)
			want := "ALERT"
			if offered {
				want += ", RA ALERT"
			}
			if got := flagsShown(lamp); got != want || lamp.Number != hubtest.WithAlert || lamp.AsOf.IsZero() {
				t.Errorf("offered %v: got %s, %+v; want %s", offered, got, lamp, want)
			}
			if got, want := len(hub.Requests(""))-before, i+2; got != want {
				t.Errorf("offered %v, after %d lamps: got %d calls, want %d", offered, i+1, got, want)
			}
		}
		if n := len(hub.Requests(hubtest.Metadata)); n != 1 {
			t.Errorf("offered %v: got %d calls for metadata, want 1", offered, n)
		}
		newer, older := len(hub.Requests(hubtest.AllFlags)), len(hub.Requests(hubtest.Flag))
		if offered != (newer == 3) || offered != (older == 0) {
			t.Errorf("offered %v: got %d calls of the newer kind and %d of the older", offered, newer, older)
		}
		for _, r := range hub.Requests(hubtest.Metadata) {
			if r.Header.Get("Authorization")+r.Header.Get("DPoP")+r.Header.Get("NHSD-Session-URID") != "" {
				t.Errorf("metadata was asked for with credentials: %v", r.Header)
			}
		}
	}
}

// What the hub says of its offers, and cannot say, never makes "none recorded" of a flag.
func TestLamp_Metadata(t *testing.T) {
	capable := func(text string) http.HandlerFunc { return raw(200, fhir.MediaType, text) }
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string // of a patient with an alert
		calls  int    // for metadata, of two lamps
	}{
		"no such path":      {refuse(404, "UNSUPPORTED_SERVICE", ""), "ALERT", 1},
		"no such page":      {raw(404, "text/plain", "404 page not found"), "ALERT, RA could not check", 2},
		"a page of a proxy": {raw(403, "text/html", "<h1>No</h1>"), "ALERT, RA could not check", 2},
		"failing":           {refuse(503, "UNABLE_TO_CALL_SERVICE", ""), "ALERT, RA could not check", 2},
		"busy":              {refuse(429, "TOO_MANY_REQUESTS", ""), "ALERT, RA could not check", 2},
		"not JSON":          {capable("{"), "ALERT, RA could not check", 2},
		"another resource":  {capable(`{"resourceType":"Bundle"}`), "ALERT, RA could not check", 2},
		"another type": {
			raw(200, "text/html", `{"resourceType":"CapabilityStatement"}`), "ALERT, RA could not check", 2,
		},
		"hangs up":       {hangUp, "could not check, RA could not check", 2},
		"offers nothing": {capable(`{"resourceType":"CapabilityStatement"}`), "ALERT", 1},
		"no search of flags": {
			capable(`{"resourceType":"CapabilityStatement","rest":[{"mode":"server","resource":[{"type":"Flag"}]}]}`),
			"ALERT", 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			hub := hubtest.New(t, at(noon))
			hub.OfferFlags()
			role := nurse(t, hub)
			hub.Answer(hubtest.Metadata, c.answer)
			for range 2 {
				lamp := role.Lamp(t.Context(), hubtest.WithAlert)
				if got := flagsShown(lamp); got != c.want {
					t.Errorf("got %s, want %s", got, c.want)
				}
				for _, f := range lamp.Flags {
					if f.Err == nil || !f.AsOf.IsZero() {
						t.Errorf("flag that could not be checked: got %+v, want an error and no time", f)
					}
				}
			}
			if got := len(hub.Requests(hubtest.Metadata)); got < c.calls || name != "hangs up" && got != c.calls {
				t.Errorf("got %d calls for metadata, want %d", got, c.calls)
			}
		})
	}
}

// A hub that was replaced by an older one no longer serves the newer path.
func TestLamp_HubReplacedByAnOlderOne(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	hub.OfferFlags()
	role := nurse(t, hub)
	role.Lamp(t.Context(), hubtest.WithAlert)
	hub.Answer(hubtest.AllFlags, refuse(404, "UNSUPPORTED_SERVICE", ""))
	for range 2 {
		if got := flagsShown(role.Lamp(t.Context(), hubtest.WithAlert)); got != "ALERT" {
			t.Errorf("got %s, want the alert by the older path", got)
		}
	}
	if n := len(hub.Requests(hubtest.AllFlags)); n != 2 {
		t.Errorf("got %d calls of the newer kind, want 2: it is not asked for again", n)
	}
}

// twoKinds returns a flag of an unknown kind and of child protection.
func twoKinds(n string) *fhir.Flag {
	f := hubtest.FlagOf(n, "another-flag")
	f.Code.Coding = append(f.Code.Coding, hubtest.FlagOf(n, fhir.CodeCPISFlag).Code.Coding...)
	return f
}

// flagAnswer returns an answer with all flags of the patient without an alert.
type flagAnswer func(h *hubtest.Hub) *fhir.Bundle

func TestLamp_Flags(t *testing.T) {
	const cp, ra, fgm = fhir.CodeCPISFlag, fhir.CodeAdjustmentsFlag, fhir.CodeFGMFlag
	const n, other = hubtest.NoAlert, hubtest.WithAlert
	const neither = "could not check, RA could not check"
	flags := func(all ...any) flagAnswer {
		return func(h *hubtest.Hub) *fhir.Bundle { return h.FlagsOf(n, all...) }
	}
	is := func(code string) *fhir.Flag { return hubtest.FlagOf(n, code) }
	inactive := func(code string) *fhir.Flag {
		f := is(code)
		f.Status = "inactive"
		return f
	}
	with := func(change func(b *fhir.Bundle), all ...any) flagAnswer {
		return func(h *hubtest.Hub) *fhir.Bundle {
			b := h.FlagsOf(n, all...)
			change(b)
			return b
		}
	}
	not := func(code, issue, spine string, all ...any) flagAnswer {
		return with(func(b *fhir.Bundle) { hubtest.NotKnown(b, code, issue, spine) }, all...)
	}
	byReference := func(reference string) *fhir.Flag {
		f := is(cp)
		f.Subject = fhir.Reference{Reference: reference}
		return f
	}

	for name, c := range map[string]struct {
		answer flagAnswer
		want   string
		kind   client.Kind // of child protection's error, if there is one
	}{
		"nothing on file":        {flags(), "none recorded, RA none recorded", 0},
		"child protection":       {flags(is(cp)), "ALERT, RA none recorded", 0},
		"reasonable adjustments": {flags(is(ra)), "none recorded, RA ALERT", 0},
		"all": {
			flags(is(fgm), is(ra), is(cp)), "ALERT, RA ALERT, FGM ALERT", 0,
		},
		"a flag of two kinds":       {flags(twoKinds(n)), "ALERT, RA none recorded", 0},
		"a flag of an unknown kind": {flags(is("another-flag")), "none recorded, RA none recorded", 0},
		"a subject by reference":    {flags(byReference("Patient/x1")), "ALERT, RA none recorded", 0},
		"a subject by reference with the number": {
			flags(byReference("https://h/Patient/" + n)), "ALERT, RA none recorded", 0,
		},
		"a reference to another patient": {
			flags(byReference("Patient/" + other)), "could not check, RA none recorded", client.Malformed,
		},
		"child protection of another patient": {
			flags(hubtest.FlagOf(other, cp), is(ra)), "could not check, RA ALERT", client.Malformed,
		},
		"adjustments of another patient": {
			flags(is(cp), hubtest.FlagOf(other, ra)), "ALERT, RA could not check", 0,
		},
		"an inactive alert": {flags(inactive(cp)), "could not check, RA none recorded", client.Malformed},
		"an inactive flag":  {flags(inactive(ra)), "none recorded, RA could not check", 0},
		"FGM of another patient": {
			flags(hubtest.FlagOf(other, fgm)), "none recorded, RA none recorded, FGM could not check", 0,
		},
		"adjustments not held": {not(ra, "not-supported", "UNSUPPORTED_SERVICE"), "none recorded, RA not checked", 0},
		"adjustments failing": {
			not(ra, "transient", "UNABLE_TO_CALL_SERVICE", is(cp)), "ALERT, RA could not check", 0,
		},
		"FGM not held": {
			not(fgm, "not-supported", "UNSUPPORTED_SERVICE"), "none recorded, RA none recorded, FGM not checked", 0,
		},
		"FGM failing": {
			not(fgm, "incomplete", "UNABLE_TO_CALL_SERVICE"), "none recorded, RA none recorded, FGM could not check", 0,
		},
		"plans not known": {
			not(cp, "incomplete", "UNABLE_TO_CALL_SERVICE", is(ra)), "could not check, RA ALERT", client.Incomplete,
		},
		"plans withheld": {
			not(cp, "suppressed", "ACCESS_DENIED"), "could not check, RA none recorded", client.Sensitive,
		},
		"plans failing": {
			not(cp, "transient", "UNABLE_TO_CALL_SERVICE"), "could not check, RA none recorded", client.Failing,
		},
		"plans throttled": {
			not(cp, "throttled", "TOO_MANY_REQUESTS"), "could not check, RA none recorded", client.Busy,
		},
		"plans not known at all": {not(cp, "another", "ANOTHER"), "could not check, RA none recorded", client.Failing},
		"the role sees no plans": {
			not(cp, "forbidden", "ACCESS_DENIED", is(ra)), "not checked, RA ALERT", client.NotAllowed,
		},
		"only an opening asks": {
			with(func(b *fhir.Bundle) {
				o := fhir.NewOutcome("error", "not-supported", "UNSUPPORTED_SERVICE", "", "")
				o.Issue[0].Details.Coding = append(o.Issue[0].Details.Coding,
					fhir.Coding{System: fhir.SystemNationalFailure, Code: "spine-opening-asks"},
					fhir.Coding{System: fhir.SystemFlagCategory, Code: cp})
				if err := b.Outcome("urn:uuid:1", o); err != nil {
					t.Fatal(err)
				}
			}, is(ra)), "not checked, RA ALERT", client.OpeningAsks,
		},
		"an alert and an outcome": {
			not(cp, "transient", "UNABLE_TO_CALL_SERVICE", is(cp)), "ALERT, RA none recorded", 0,
		},

		"no record": {
			func(h *hubtest.Hub) *fhir.Bundle { return hubtest.WithRecordMissing(h.FlagsOf(n, is(cp))) },
			"ALERT, RA could not check", 0,
		},
		"no record and no alert": {
			func(h *hubtest.Hub) *fhir.Bundle { return hubtest.WithRecordMissing(h.FlagsOf(n)) },
			neither, client.Malformed,
		},
		"no self link": {
			with(func(b *fhir.Bundle) { b.Link = nil }), neither, client.Malformed,
		},
		"the self link of another": {
			func(h *hubtest.Hub) *fhir.Bundle { return h.FlagsOf(other) }, neither, client.Malformed,
		},
		"a self link of two": {
			with(func(b *fhir.Bundle) { b.Link[0].URL += "&patient=" + other }), neither, client.Malformed,
		},
		"a self link of another kind": {
			with(func(b *fhir.Bundle) { b.Link[0].Relation = "first" }), neither, client.Malformed,
		},
		"another page": {
			with(func(b *fhir.Bundle) { b.Link = append(b.Link, fhir.BundleLink{Relation: "next", URL: "x"}) }),
			neither, client.Malformed,
		},
		"a collection": {
			with(func(b *fhir.Bundle) { b.Type = "collection" }), neither, client.Malformed,
		},
		"no total": {
			with(func(b *fhir.Bundle) { b.Total = nil }), neither, client.Malformed,
		},
		"another total": {
			with(func(b *fhir.Bundle) { *b.Total = 1 }), neither, client.Malformed,
		},
		"the Date header for a time": {
			with(func(b *fhir.Bundle) { b.Timestamp = "" }), "none recorded, RA none recorded", 0,
		},
		"a malformed time": {
			with(func(b *fhir.Bundle) { b.Timestamp = "today" }), neither, client.Malformed,
		},
		"an entry without a resource": {
			with(func(b *fhir.Bundle) {
				b.Entry = append(b.Entry,
					fhir.Entry{})
				*b.Total = 1
			}), neither, client.Malformed,
		},
		"an outcome about nothing known": {
			not("", "transient", "UNABLE_TO_CALL_SERVICE"), neither, client.Malformed,
		},
		"a flag without a kind": {
			flags(&fhir.Flag{ResourceType: "Flag", Status: "active", Subject: *fhir.NHSNumberReference(n)}),
			neither, client.Malformed,
		},
		"an outcome as a match": {
			flags(fhir.NewOutcome("error", "transient", "X", "", "")), neither, client.Malformed,
		},
	} {
		t.Run(name, func(t *testing.T) {
			hub := hubtest.New(t, at(noon))
			hub.OfferFlags()
			hub.Answer(hubtest.AllFlags, func(w http.ResponseWriter, r *http.Request) {
				hubtest.Reply(w, r, http.StatusOK, c.answer(hub))
			})
			lamp := nurse(t, hub).Lamp(t.Context(), n)
			if got := flagsShown(lamp); got != c.want {
				t.Errorf("got %s (%v), want %s", got, lamp.Err, c.want)
			}
			if (lamp.Err != nil) != (c.kind != 0) || lamp.Err != nil && client.KindOf(lamp.Err) != c.kind {
				t.Errorf("got error %v, want kind %s", lamp.Err, c.kind)
			}
			if lamp.Answered() == lamp.AsOf.IsZero() {
				t.Errorf("got state %s as of %v", lamp.State, lamp.AsOf)
			}
			for _, f := range lamp.Flags {
				answered := f.State == client.Alert || f.State == client.NoneRecorded
				if answered == f.AsOf.IsZero() || (f.State == client.CouldNotCheck) != (f.Err != nil) ||
					(f.State == client.NotChecked) != (f.Reason != "") {
					t.Errorf("got flag %+v: a state without what belongs to it", f)
				}
			}
			if len(hub.Requests(hubtest.Flag)) > 0 {
				t.Error("an answer of the newer kind was followed by a call of the older kind")
			}
		})
	}
}

// A refusal of all flags means the same as that of a lamp, and no flag reads none recorded.
func TestLamp_FlagsRefused(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"unknown patient": refuse(404, "RESOURCE_NOT_FOUND", ""),
		"invalidated":     refuse(404, "INVALIDATED_RESOURCE", ""),
		"signed out":      refuse(401, "ACCESS_DENIED", ""), "another role": refuse(403, "ACCESS_DENIED", "B0264"),
		"failing": refuse(503, "UNABLE_TO_CALL_SERVICE", ""), "busy": refuse(429, "TOO_MANY_REQUESTS", ""),
		"a fault": refuse(500, "INTERNAL_SERVER_ERROR", ""), "a page": raw(403, "text/html", "<h1>"),
		"hangs up": hangUp,
		"not FHIR": raw(200, "application/json", "{}"), "empty": raw(200, fhir.MediaType, ""),
	} {
		t.Run(name, func(t *testing.T) {
			older, newer := hubtest.New(t, at(noon)), hubtest.New(t, at(noon))
			newer.OfferFlags()
			older.Answer(hubtest.Flag, answer)
			newer.Answer(hubtest.AllFlags, answer)
			want := nurse(t, older).Lamp(t.Context(), hubtest.WithAlert)
			got := nurse(t, newer).Lamp(t.Context(), hubtest.WithAlert)
			if flagsShown(got) != "could not check, RA could not check" ||
				client.KindOf(got.Err) != client.KindOf(want.Err) ||
				fmt.Sprint(got.Err) != fmt.Sprint(want.Err) {
				t.Errorf("got %s, %v; want could not check, %v", flagsShown(got), got.Err, want.Err)
			}
			var e *client.Error
			if !errors.As(got.Flags[0].Err, &e) {
				t.Errorf("error of the adjustments: got %v, want an *Error", got.Flags[0].Err)
			}
		})
	}
}

// The details of a flag are cleaned, and limited.
func TestLamp_Details(t *testing.T) {
	const n = hubtest.WithAlert
	concept := func(system, code, display string) fhir.CodeableConcept {
		return fhir.CodeableConcept{Coding: []fhir.Coding{{System: system, Code: code, Display: display}}}
	}
	ra := concept(fhir.SystemFlagCategory, fhir.CodeAdjustmentsFlag, "")
	note := func(text string) []fhir.Extension {
		return []fhir.Extension{{URL: fhir.ExtensionFlagNotes, ValueAnnotation: &fhir.Annotation{Text: text}}}
	}

	flag := hubtest.FlagOf(n, fhir.CodeAdjustmentsFlag)
	flag.Extension = note("Comes with\x1b[2J her mother.\u202e")
	learning := concept("c", "learning", "Learning")
	fgm := hubtest.FlagOf(n, fhir.CodeFGMFlag)
	fgm.Code.Coding = append(fgm.Code.Coding, fhir.Coding{
		System: fhir.SystemSNOMED, Code: "902961000000107", Display: "Family history of FGM",
	})
	adjustment := func(of string) *fhir.Flag {
		return &fhir.Flag{
			ResourceType: "Flag", Status: "active", Extension: note("Short sentences."),
			Category: []fhir.CodeableConcept{
				ra, concept(fhir.SystemAdjustmentCategory, "communication-support", "Communication support"),
			},
			Code:    concept(fhir.SystemSNOMED, "1082681000000103", "Receptive communication"),
			Subject: *fhir.NHSNumberReference(of),
		}
	}

	hub := hubtest.New(t, at(noon))
	hub.OfferFlags()
	hub.Answer(hubtest.AllFlags, func(w http.ResponseWriter, r *http.Request) {
		hubtest.Reply(w, r, http.StatusOK, hub.FlagsOf(n, flag, fgm, adjustment(n), adjustment(hubtest.NoAlert),
			&fhir.Condition{
				ResourceType: "Condition", Category: []fhir.CodeableConcept{ra}, Code: &learning,
				Subject: *fhir.NHSNumberReference(n),
			},
			&fhir.CarePlan{
				ResourceType: "CarePlan", Status: "active", Intent: "plan", Subject: *fhir.NHSNumberReference(n),
			}))
	})
	lamp := nurse(t, hub).Lamp(t.Context(), n)
	if got := flagsShown(lamp); got != "none recorded, RA ALERT, FGM ALERT" {
		t.Fatalf("got %s (%v), want both flags", got, lamp.Err)
	}
	want := []string{
		text.Clean("Comes with\x1b[2J her mother.\u202e", 0),
		"Communication support: Receptive communication: Short sentences.",
		"Impairment: Learning",
	}
	if got := lamp.Flags[0].Details; fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("details of the adjustments: got %q, want %q", got, want)
	}
	if got := lamp.Flags[1].Details; len(got) != 1 || got[0] != "Family history of FGM" {
		t.Errorf("details of FGM: got %q, want the finding", got)
	}
}

// A role without the codes for child protection sees other flags. A hub that offers only the lamp refuses it here.
func TestLamp_RoleWithoutChildProtection(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	hub.Person.Roles[0].Codes = []string{"B0264"}
	older := nurse(t, hub).Lamp(t.Context(), hubtest.WithAlert)
	if flagsShown(older) != "could not check" || client.KindOf(older.Err) != client.NotAllowed ||
		len(hub.Requests(hubtest.Flag)) != 0 {
		t.Errorf("an older hub: got %s, %v, want could not check, not allowed, without a call",
			flagsShown(older), older.Err)
	}

	hub.Answer(hubtest.Metadata, hangUp)
	away := nurse(t, hub).Lamp(t.Context(), hubtest.WithAlert)
	if flagsShown(away) != "could not check, RA could not check" ||
		client.KindOf(away.Flags[0].Err) != client.Unreachable {
		t.Errorf("a hub that hangs up: got %s, %v, want no flag checked", flagsShown(away), away.Flags)
	}

	newer := hubtest.New(t, at(noon))
	newer.OfferFlags()
	newer.Person.Roles[0].Codes = []string{"B0264"}
	newer.Answer(hubtest.AllFlags, func(w http.ResponseWriter, r *http.Request) {
		hubtest.Reply(w, r, http.StatusOK, hubtest.NotKnown(newer.FlagsOf(hubtest.WithAlert,
			hubtest.FlagOf(hubtest.WithAlert, fhir.CodeAdjustmentsFlag)), fhir.CodeCPISFlag, "forbidden",
			"ACCESS_DENIED"))
	})
	lamp := nurse(t, newer).Lamp(t.Context(), hubtest.WithAlert)
	if flagsShown(lamp) != "not checked, RA ALERT" || client.KindOf(lamp.Err) != client.NotAllowed {
		t.Errorf("a newer hub: got %s, %v; want child protection not checked, and the adjustments",
			flagsShown(lamp), lamp.Err)
	}
}
