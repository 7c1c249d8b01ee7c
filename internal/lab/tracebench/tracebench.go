// Package tracebench measures how well the hub's wider search finds people who were mistyped: the right one among the first
// five rows, and first. It asks the hub's own code in this process, over a store in a file.
package tracebench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/hub/trace"
	"wardlight/internal/lab/corrupt"
	"wardlight/internal/lab/crowd"
	"wardlight/internal/lab/people"
	"wardlight/internal/nhs"
)

// Options say what to measure.
type Options struct {
	People  int
	Queries int
	Seed    uint64
	Folder  string // where the store is; filled when it is empty
	Clock   func() time.Time
	Tell    func(string) // how far it is
	Miss    func(Miss)   // each search whose person was not among the first five; nil for none
}

// Miss is a search that failed its purpose.
type Miss struct {
	Kind    string
	Typed   corrupt.Typed
	Family  string
	Given   []string
	Born    string
	TooMany bool
	Rank    int // from 1; 0 when not listed at all
}

// Line is what came out for one kind of mistake.
type Line struct {
	Kind      string        `json:"kind"`
	Queries   int           `json:"queries"`
	First     int           `json:"first"`
	FirstFive int           `json:"firstFive"`
	Listed    int           `json:"listed"`  // at any place
	TooMany   int           `json:"tooMany"` // more matches than may be listed
	Rows      float64       `json:"rows"`    // the mean length of a list
	Median    time.Duration `json:"medianNanoseconds"`
	P99       time.Duration `json:"p99Nanoseconds"`

	rows  int
	times []time.Duration
}

// Report is a measurement.
type Report struct {
	People int    `json:"people"`
	Seed   uint64 `json:"seed"`
	Lines  []Line `json:"lines"`
	All    Line   `json:"all"`
}

// sample is a person to be asked for, with the mistake to be made.
type sample struct {
	kind   int
	number nhs.Number
	typed  corrupt.Typed
	family string
	given  []string
	born   string
}

// Run fills the store, draws the people to be asked for, and asks.
func Run(ctx context.Context, o Options) (Report, error) {
	d := newDraw(o)
	err := crowd.Fill(ctx, o.Folder, people.Options{Seed: o.Seed, Count: o.People, Today: nhs.DateOf(o.Clock())}, o.Tell, d.see)
	if err != nil {
		return Report{}, err
	}
	s, err := sqlite.Open(ctx, o.Folder)
	if err != nil {
		return Report{}, err
	}
	defer s.Close() //nolint:errcheck // nothing is lost with it
	return ask(ctx, s, slices.Concat(d.drawn...), o)
}

// draw draws for each kind of mistake those who can be mistaken so: all of them with the same chance, so that the sample
// does not depend on the order. Restricted patients are not drawn: no search with a postcode may find them.
type draw struct {
	kinds []corrupt.Kind
	quota int
	rand  *rand.Rand
	drawn [][]sample // of each kind
	met   []int      // of each kind: who could be mistaken so
	count int
}

func newDraw(o Options) *draw {
	kinds := corrupt.Kinds()
	return &draw{
		kinds: kinds, quota: max(1, o.Queries/len(kinds)), rand: rand.New(rand.NewPCG(o.Seed, 0x7ace)),
		drawn: make([][]sample, len(kinds)), met: make([]int, len(kinds)),
	}
}

func (d *draw) see(p *people.Person) {
	d.count++
	if p.Patient.Confidentiality() != "U" {
		return
	}
	for k, kind := range d.kinds {
		if !kind.Rare && k != d.count%len(d.kinds) {
			continue
		}
		typed, ok := kind.Type(d.rand, &p.Patient)
		if !ok {
			continue
		}
		d.met[k]++
		one := sample{k, p.Number(), typed, p.Patient.Name[0].Family, p.Patient.Name[0].Given, p.Patient.BirthDate}
		if len(d.drawn[k]) < d.quota {
			d.drawn[k] = append(d.drawn[k], one)
		} else if j := d.rand.IntN(d.met[k]); j < d.quota { // reservoir sampling
			d.drawn[k][j] = one
		}
	}
}

func ask(ctx context.Context, s store.Store, samples []sample, o Options) (Report, error) {
	kinds := corrupt.Kinds()
	report := Report{People: o.People, Seed: o.Seed, All: Line{Kind: "all"}}
	for _, k := range kinds {
		report.Lines = append(report.Lines, Line{Kind: k.Name})
	}
	service := trace.New(s)
	today := nhs.DateOf(o.Clock())
	for i, one := range samples {
		if i%1000 == 999 {
			o.Tell(fmt.Sprintf("%d searches", i+1))
		}
		q, err := trace.ParseQuery(one.values(), today)
		if err != nil {
			return Report{}, fmt.Errorf("a search that the hub refuses: %w", err)
		}
		begun := time.Now()
		rows, err := service.Search(ctx, q)
		took := time.Since(begun)
		tooMany := errors.Is(err, trace.ErrTooMany)
		if err != nil && !tooMany {
			return Report{}, err
		}
		rank := 1 + slices.IndexFunc(rows, func(r trace.Row) bool { return r.Number == one.number })
		for _, l := range []*Line{&report.Lines[one.kind], &report.All} {
			l.add(rank, len(rows), tooMany, took)
		}
		if o.Miss != nil && (rank == 0 || rank > 5) {
			o.Miss(Miss{kinds[one.kind].Name, one.typed, one.family, one.given, one.born, tooMany, rank})
		}
	}
	for i := range report.Lines {
		report.Lines[i].sum()
	}
	report.All.sum()
	return report, nil
}

func (one sample) values() url.Values {
	v := url.Values{
		"_fuzzy-match": {"true"}, "family": {one.typed.Family}, "given": {one.typed.Given}, "birthdate": {"eq" + one.typed.Born.FHIR()},
	}
	if one.typed.Gender != "" {
		v.Set("gender", one.typed.Gender)
	}
	if one.typed.Postcode != "" {
		v.Set("address-postalcode", one.typed.Postcode)
	}
	return v
}

func (l *Line) add(rank, rows int, tooMany bool, took time.Duration) {
	l.Queries++
	if rank == 1 {
		l.First++
	}
	if rank >= 1 && rank <= 5 {
		l.FirstFive++
	}
	if rank >= 1 {
		l.Listed++
	}
	if tooMany {
		l.TooMany++
	}
	l.rows += rows
	l.times = append(l.times, took)
}

func (l *Line) sum() {
	if l.Queries == 0 {
		return
	}
	l.Rows = float64(l.rows) / float64(l.Queries)
	slices.Sort(l.times)
	l.Median, l.P99 = l.times[len(l.times)/2], l.times[len(l.times)*99/100]
}
