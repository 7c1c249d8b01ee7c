package hub_test

import (
	"context"
	"strings"
	"testing"

	"wardlight/hub/store"
)

// meanwhile is a store that calls act between the hub's reads and its commit.
type meanwhile struct {
	store.Store
	act func() // called once, before the next upload is committed
}

func (m *meanwhile) Commit(ctx context.Context, entries []*store.Entry) ([]error, error) {
	if act := m.act; act != nil && entries[0].Upload != nil {
		m.act = nil
		act()
	}
	return m.Store.Commit(ctx, entries)
}

// Two hubs, or a hub and an import, process files of one authority at the same time. Each must take the other's
// changes into account.
func TestUpload_WhatIsWorkedOutBesideAnotherChangeLosesNothing(t *testing.T) {
	row := func(action, start, end string) string {
		return action + ";CPP;999 000 0026;04/03/2016;Example;Tom;" + start + ";" + end + ";;R-1"
	}

	for name, c := range map[string]struct {
		meanwhile func(b *fixture, o *office, there func(func() response) response)
		last      string // this row is processed first and committed last
		want      string
		alerts    int
	}{
		"another hub moves the start": {func(_ *fixture, o *office, there func(func() response) response) {
			o.took(there(func() response {
				return o.csv("other", sheet(row("update", "02/07/2026", "")))
			}), "CPF02", "2 CPR06")
		}, row("delete", "", ""), "CPF02", 0},
		"another hub deletes": {func(_ *fixture, o *office, there func(func() response) response) {
			o.took(there(func() response { return o.csv("other", sheet(row("delete", "", ""))) }), "CPF02", "2 CPR06")
		}, row("update", "01/07/2026", "10/07/2026"), "CPF04", 0},
		"another hub adds the same": {func(_ *fixture, o *office, there func(func() response) response) {
			o.took(there(func() response {
				return o.csv("other", sheet(strings.ReplaceAll(row("add", "01/07/2026", ""), "R-1", "R-2")))
			}), "CPF02", "2 CPR06")
		}, strings.ReplaceAll(row("add", "01/07/2026", ""), "R-1", "R-2"), "CPF02", 2},
		"an import": {func(b *fixture, _ *office, _ func(func() response) response) {
			p := b.plansOf(plain)[0].Plan
			p.Start = day(2026, 7, 3)
			must(b.t, b.sqlite.PutPlan(b.t.Context(), p))
		}, row("update", "03/07/2026", "10/07/2026"), "CPF02", 1},
		"an operator": {func(b *fixture, _ *office, _ func(func() response) response) {
			refused, err := b.sqlite.Commit(b.t.Context(),
				[]*store.Entry{{Change: &store.Change{Plan: &store.PlanChange{
					ID:     b.plansOf(plain)[0].ID,
					Remove: true,
				}}}})
			must(b.t, err)
			must(b.t, refused[0])
		}, row("update", "01/07/2026", ""), "CPF04", 0},
	} {
		t.Run(name, func(t *testing.T) {
			m := &meanwhile{}
			b := newFixture(t, between(m, &m.Store))
			o, x, there := b.office("V999"), b.signIn(), b.second()
			o.took(o.csv("first", sheet(row("add", "01/07/2026", ""))), "CPF02", "2 CPR06")
			m.act = func() { c.meanwhile(b, o, there) }
			r := o.csv("last", sheet(c.last))
			if r.status != 200 || !strings.Contains(r.body, c.want) || m.act != nil {
				t.Errorf("got status %d, body %s; want 200 with %s", r.status, r.body, c.want)
			}
			if _, teams := x.plans(plain); len(teams) != c.alerts || len(b.plansOf(plain)) != c.alerts {
				t.Errorf("got plans %+v, stored %+v; want %d of each", teams, b.plansOf(plain), c.alerts)
			}
		})
	}
}

// A hub whose upload is overtaken on each attempt gives up, stores nothing, and asks for the file to be sent again
// later.
func TestUpload_ThatIsAlwaysOvertakenIsRefused(t *testing.T) {
	m := &meanwhile{}
	b := newFixture(t, between(m, &m.Store))
	o := b.office("V999")
	overtaken := 0
	var overtake func()
	overtake = func() {
		overtaken++
		must(t, b.sqlite.PutPlan(t.Context(), store.Plan{
			ID: "import", Number: plain, Kind: store.LookedAfter,
			Start: day(2026, 7, 1), Authority: "V999",
		}))
		m.act = overtake
	}

	m.act = overtake
	if r := o.csv("1", sheet(tomsRow)); r.status != 503 || len(b.plansOf(plain)) != 1 || overtaken < 2 {
		t.Errorf("got status %d, body %s after being overtaken %d times, plans %+v; want 503 and one plan", r.status,
			r.body, overtaken, b.plansOf(plain))
	}

	m.act = nil
	o.took(o.csv("1", sheet(tomsRow)), "CPF02", "2 CPR06")
}
