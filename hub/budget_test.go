package hub_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub"
	"wardlight/hub/api"
	"wardlight/hub/audit"
	"wardlight/hub/identity"
	"wardlight/hub/limit"
	"wardlight/hub/store"
	"wardlight/internal/fhir"
)

// countsMany is an observer that counts the calls of ManyPatients.
type countsMany struct{ n atomic.Int64 }

func (*countsMany) Started()                                    {}
func (*countsMany) Answered(string, string, int, time.Duration) {}
func (*countsMany) Committed(int, time.Duration, error)         {}
func (c *countsMany) ManyPatients()                             { c.n.Add(1) }
func (c *countsMany) AlertUnchecked()                           {}
func (*countsMany) Uploaded(string)                             {}
func (*countsMany) LookedAtAudit(int64, bool)                   {}
func (*countsMany) Witnessed(string, error)                     {}

// TestBudget_OfAPersonOnEveryRoute uses up a person's budget by one route after the other. The budget of four seconds
// is answered at once. TestAPersonWhoSearchesTooOftenIsAskedToWait has the search, which has a limit of its own.
func TestBudget_OfAPersonOnEveryRoute(t *testing.T) {
	routes := 0
	for _, rt := range newFixture(t).hub.Routes() {
		if len(rt.Actions) == 0 || rt.Path == patients {
			continue
		}
		routes++
		t.Run(rt.Path, func(t *testing.T) { budgetOf(t, rt) })
	}
	if routes == 0 {
		t.Error("got no route for persons, want some")
	}
}

func budgetOf(t *testing.T, rt api.Route) {
	t.Helper()
	b, x := newSummaryFixture(t, limited)
	path := strings.NewReplacer("{number}", tess.Digits(), "{id}", uuid.NewString()).Replace(rt.Path)
	role, query := nurse, url.Values(nil)
	switch {
	case strings.HasPrefix(path, "/cpis"):
		query = about(tess)
	case path == patientFlag:
		role, query = gp, flagOf(tess, fhir.CodeCPISFlag)
	case strings.HasPrefix(path, "/patient-flags"):
		query = flagsOf(tess)
	case path == scrReference:
		role, query = reader, scrOf(tess)
	case strings.HasPrefix(path, scrBase):
		role, query = reader, viewOf(tess, summaryOf(tess, start).ID)
	case strings.HasPrefix(path, privacyAlerts):
		role = viewOfficer
	case strings.HasPrefix(path, "/privacy"):
		role, query = officer, period(path)
	}

	ask := func(x *terminal) response {
		if rt.Method == http.MethodPost {
			return x.write(role, path, "text/plain", "")
		}
		return x.get(role, path, query, agreed)
	}

	n, before := 0, len(b.trail())
	for range 2 * limit.RequestsOfPerson / 15 / rt.Cost {
		r := ask(x)
		switch {
		case r.status == statusOfAnswer(rt):
			n++
		case r.status != http.StatusTooManyRequests || r.header.Get("Retry-After") == "":
			t.Fatalf("got status %d, body %s; want %d, or 429 with Retry-After", r.status, r.body, statusOfAnswer(rt))
		}
	}

	if want := limit.RequestsOfPerson / 15 / rt.Cost; n != want {
		t.Errorf("%d requests answered at once, want %d", n, want)
	}

	if more := len(b.trail()) - before; more != n+1 {
		t.Errorf("got %d audit records, want %d: one an answer and one for all refusals", more, n+1)
	}

	if r := ask(b.signIn()); r.status != http.StatusTooManyRequests {
		t.Errorf("in another session of the same person: got status %d, want 429", r.status)
	}
}

func TestBudget_OfAWorklist(t *testing.T) {
	b := newFixture(t, limited)
	x := b.signIn()
	for i := range 60 { // 240 patients a minute, two requests each
		for range 2 {
			if r := x.get(nurse, flag, about(tess)); r.status != http.StatusOK {
				t.Fatalf("lamp of patient %d: got status %d, body %s; want 200", i, r.status, r.body)
			}
		}
		b.clock.Add(time.Minute / 240)
	}
}

func TestBudget_ManyPatients(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func() store.Store) {
		many := &countsMany{}
		ledger := open()
		fillStore(t, ledger)
		b := besides(t, ledger, newAuthority(t, "Sub CA"), &clock{now: start}, silence{}, func(c *hub.Config) {
			c.Observer, c.Limits = many, &limit.Config{PatientsPerson: 2}
		})

		x := b.signIn()
		for range 5 {
			x.get(nurse, flag, about(tess))
			x.get(nurse, flag, about(plain))
		}

		if n := many.n.Load(); n != 0 {
			t.Fatalf("after two patients got %d alarms, want 0", n)
		}

		for range 3 {
			x.get(nurse, patients+"/"+mother.Digits(), nil)
		}

		log := b.log.String()
		if n := many.n.Load(); n != 1 ||
			strings.Count(log, "ALARM: a person received answers about more patients") != 1 {
			t.Errorf("after three patients got %d alarms, want 1: %s", n, log)
		}

		head, err := ledger.AuditHead(t.Context())
		must(t, err)
		if !strings.Contains(log, head.Session) || strings.Contains(log, mother.Digits()) ||
			strings.Contains(log, nurseUUID) {
			t.Errorf("the alarm must contain the session, and neither person nor patient: %s", log)
		}
	})
}

// tenRequests limits each budget to ten requests at once and ten a minute.
func tenRequests(c *hub.Config) {
	few := limit.Rate{PerSecond: 10.0 / 60, Burst: 10}
	c.Limits = &limit.Config{RequestPerson: few, RequestCredential: few}
}

func TestBudget_OfACredential(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func() store.Store) {
		ledger := open()
		fillStore(t, ledger)
		b := besides(t, ledger, newAuthority(t, "Sub CA"), &clock{now: start}, silence{}, tenRequests)
		let := func(secret string) *office {
			must(t, ledger.PutCredential(t.Context(), store.Credential{
				Authority: "V999",
				Hash:      identity.HashSecret(secret), Created: start,
			}))
			return &office{b, "V999", secret}
		}

		o, other := let("wlla_a-secret"), let("wlla_another")
		read := func(o *office) response { return o.send(http.MethodGet, uploads+"/"+uuid.NewString(), "", "") }
		read(other)
		before, err := ledger.AuditHead(t.Context())
		must(t, err)
		for i := range 10 {
			if r := read(o); r.status != http.StatusNotFound {
				t.Fatalf("request %d: got status %d, body %s; want 404", i, r.status, r.body)
			}
		}

		for range 3 {
			if r := read(o); r.status != http.StatusTooManyRequests || r.header.Get("Retry-After") != "6" {
				t.Errorf("request past the budget: got status %d, Retry-After %q; want 429 and 6", r.status,
					r.header.Get("Retry-After"))
			}
		}

		if r := o.csv("1", sheet(tomsRow)); r.status != http.StatusTooManyRequests ||
			r.header.Get("Retry-After") != "60" {
			t.Errorf("upload past the budget: got status %d, Retry-After %q; want 429 and 60", r.status,
				r.header.Get("Retry-After"))
		}

		head, err := ledger.AuditHead(t.Context())
		must(t, err)
		if n := head.Seq - before.Seq; n != 11 {
			t.Errorf("got %d audit records, want 11: one an answer and one for all refusals", n)
		}

		if head.OrgODS != "V999" || head.Action != audit.ReadUpload || head.Outcome != audit.Refused ||
			head.Reason != "TOO_MANY_REQUESTS" || head.Source == "" {
			t.Errorf("last audit record: got %+v, want a refusal with TOO_MANY_REQUESTS", head)
		}

		if r := read(other); r.status != http.StatusNotFound {
			t.Errorf("request with another credential of the authority: got status %d, want 404", r.status)
		}

		b.clock.Add(time.Minute)
		o.took(o.csv("1", sheet(tomsRow)), "CPF02", "2 CPR06")
		if r := read(o); r.status != http.StatusTooManyRequests {
			t.Errorf("request after an upload: got status %d, want 429", r.status)
		}
	})
}

func TestBudget_WhatASearchCosts(t *testing.T) {
	b := newFixture(t, func(_ *fixture, c *hub.Config) { tenRequests(c) })
	x := b.signIn()
	for i := range 5 {
		if r := x.search(nurse); r.status != http.StatusOK {
			t.Fatalf("search %d: got status %d, body %s; want 200", i, r.status, r.body)
		}
	}
	if r := x.get(nurse, flag, about(tess)); r.status != http.StatusTooManyRequests {
		t.Errorf("lamp after five searches of a budget of ten: got status %d, want 429", r.status)
	}
	if r := x.get(nurse, flag, about(tess)); r.header.Get("Retry-After") != "6" {
		t.Errorf("Retry-After = %q, want 6", r.header.Get("Retry-After"))
	}
}

// TestBudget_OfTheSearchesLeavesTheLamp compares the default limits: a person who has used up the budget of searches
// must still get a lamp.
func TestBudget_OfTheSearchesLeavesTheLamp(t *testing.T) {
	b := newFixture(t, limited)
	x := b.signIn()
	searched := 0
	for x.search(nurse).status == http.StatusOK {
		searched++
	}
	if searched != limit.SearchesOfPerson/15 {
		t.Errorf("%d searches answered at once, want %d", searched, limit.SearchesOfPerson/15)
	}
	if r := x.get(nurse, flag, about(tess)); r.status != http.StatusOK {
		t.Errorf("lamp after the searches: got status %d, body %s; want 200", r.status, r.body)
	}
}
