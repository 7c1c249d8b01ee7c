// Package tracebench measures how well the hub's wider search finds people who were mistyped: the right one among the
// first five rows, and first. It asks the hub's own code in this process, over a store in a file.
package tracebench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/internal/bench/corrupt"
	"wardlight/internal/bench/crowd"
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
	Kind        string        `json:"kind"`
	Queries     int           `json:"queries"`
	First       int           `json:"first"`
	FirstFive   int           `json:"firstFive"`
	Listed      int           `json:"listed"`      // at any place
	OthersOnly  int           `json:"othersOnly"`  // somebody is listed, but not the person meant
	Nobody      int           `json:"nobody"`      // nobody is listed
	FalseFirst  int           `json:"falseFirst"`  // somebody else is first
	TooMany     int           `json:"tooMany"`     // more matches than may be listed
	Rows        float64       `json:"rows"`        // the mean length of a list
	Compared    float64       `json:"compared"`    // the mean number of people compared with a query
	ComparedP99 int           `json:"comparedP99"` // the same, of 99 in 100 queries at most
	Median      time.Duration `json:"medianNanoseconds"`
	P99         time.Duration `json:"p99Nanoseconds"`

	rows     int
	compared []int
	times    []time.Duration
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

// draw draws for each kind of mistake those who can be mistaken so: all of them with the same chance, so that the
// sample does not depend on the order. Restricted patients are not drawn: no search with a postcode may find them.
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
	c := newClient(s, o.Clock)
	for i, one := range samples {
		if i%1000 == 999 {
			o.Tell(fmt.Sprintf("%d searches", i+1))
		}
		r, err := c.search(ctx, one.typed, one.number)
		if err != nil {
			return Report{}, err
		}
		for _, l := range []*Line{&report.Lines[one.kind], &report.All} {
			l.add(r)
		}
		if o.Miss != nil && (r.rank == 0 || r.rank > 5) {
			o.Miss(Miss{kinds[one.kind].Name, one.typed, one.family, one.given, one.born, r.tooMany, r.rank})
		}
	}
	for i := range report.Lines {
		report.Lines[i].sum()
	}
	report.All.sum()
	return report, nil
}
