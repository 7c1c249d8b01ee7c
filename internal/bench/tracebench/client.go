package tracebench

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/bench/corrupt"
	"wardlight/internal/nhs"
)

// client calls the hub's search in this process, one query after another.
type client struct {
	people  counting
	service *trace.Service
	today   nhs.Date
}

func newClient(s store.Store, clock func() time.Time) *client {
	c := &client{people: counting{People: s}, today: nhs.DateOf(clock())}
	c.service = trace.New(&c.people)
	return c
}

// counting counts the people with whom a search compares its query.
type counting struct {
	store.People
	compared int
}

// Candidates returns the store's candidates, and counts them.
func (p *counting) Candidates(ctx context.Context, blocks []store.Block, limit int) ([]store.Candidate, error) {
	all, err := p.People.Candidates(ctx, blocks, limit)
	p.compared += len(all)
	return all, err
}

// result is the result of one search.
type result struct {
	rank     int // of the intended person, from 1; 0 if not listed
	rows     int
	compared int
	tooMany  bool
	took     time.Duration
}

// search searches for what was typed. It also returns an error if the hub rejects the query.
func (c *client) search(ctx context.Context, typed corrupt.Typed, meant nhs.Number) (result, error) {
	q, err := trace.ParseQuery(values(typed), c.today)
	if err != nil {
		return result{}, fmt.Errorf("a search that the hub refuses: %w", err)
	}
	c.people.compared = 0
	started := time.Now()
	rows, err := c.service.Search(ctx, q)
	r := result{
		rows: len(rows), compared: c.people.compared, took: time.Since(started),
		tooMany: errors.Is(err, trace.ErrTooMany),
	}
	if err != nil && !r.tooMany {
		return r, err
	}
	r.rank = 1 + slices.IndexFunc(rows, func(row trace.Row) bool { return row.Number == meant })
	return r, nil
}

func values(typed corrupt.Typed) url.Values {
	v := url.Values{
		"_fuzzy-match": {"true"}, "family": {typed.Family}, "given": {typed.Given},
		"birthdate": {"eq" + typed.Born.FHIR()},
	}
	if typed.Gender != "" {
		v.Set("gender", typed.Gender)
	}
	if typed.Postcode != "" {
		v.Set("address-postalcode", typed.Postcode)
	}
	return v
}

func (l *Line) add(r result) {
	count := func(n *int, holds bool) {
		if holds {
			*n++
		}
	}
	l.Queries++
	count(&l.First, r.rank == 1)
	count(&l.FirstFive, r.rank >= 1 && r.rank <= 5)
	count(&l.Listed, r.rank >= 1)
	count(&l.OthersOnly, r.rows > 0 && r.rank == 0)
	count(&l.Nobody, r.rows == 0 && !r.tooMany)
	count(&l.FalseFirst, r.rows > 0 && r.rank != 1)
	count(&l.TooMany, r.tooMany)
	l.rows += r.rows
	l.compared, l.times = append(l.compared, r.compared), append(l.times, r.took)
}

// sum computes the means and the percentiles.
func (l *Line) sum() {
	if l.Queries == 0 {
		return
	}
	l.Rows = float64(l.rows) / float64(l.Queries)
	slices.Sort(l.times)
	l.Median, l.P99 = l.times[len(l.times)/2], l.times[len(l.times)*99/100]
	slices.Sort(l.compared)
	l.ComparedP99 = l.compared[len(l.compared)*99/100]
	for _, n := range l.compared {
		l.Compared += float64(n) / float64(l.Queries)
	}
}
