// Package tracebench measures how well the hub's wider search finds people from mistyped data: how often the right
// person is first, and how often among the first five rows. It calls the hub's code in this process, with a store on
// disk.
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

// Options configure a measurement.
type Options struct {
	People   int
	Queries  int
	Seed     uint64
	Folder   string // folder of the store; filled if it is empty
	Clock    func() time.Time
	Progress func(string) // reports progress
	Miss     func(Miss)   // called for each search whose intended person is not among the first five; may be nil
}

// Miss is a search whose intended person is not among the first five.
type Miss struct {
	Kind    string
	Typed   corrupt.Typed
	Family  string
	Given   []string
	Born    string
	TooMany bool
	Rank    int // from 1; 0 if not listed
}

// Line is the result for one kind of mistake.
type Line struct {
	Kind        string        `json:"kind"`
	Queries     int           `json:"queries"`
	First       int           `json:"first"`
	FirstFive   int           `json:"firstFive"`
	Listed      int           `json:"listed"`      // listed at any rank
	OthersOnly  int           `json:"othersOnly"`  // only other people are listed
	Nobody      int           `json:"nobody"`      // no one is listed
	FalseFirst  int           `json:"falseFirst"`  // another person is first
	TooMany     int           `json:"tooMany"`     // more matches than the limit
	Rows        float64       `json:"rows"`        // mean number of rows
	Compared    float64       `json:"compared"`    // mean number of people compared with a query
	ComparedP99 int           `json:"comparedP99"` // 99th percentile of it
	Median      time.Duration `json:"medianNanoseconds"`
	P99         time.Duration `json:"p99Nanoseconds"`

	rows     int
	compared []int
	times    []time.Duration
}

// Report is the result of a measurement.
type Report struct {
	People int    `json:"people"`
	Seed   uint64 `json:"seed"`
	Lines  []Line `json:"lines"`
	All    Line   `json:"all"`
}

// sample is a person to search for, with the mistyped data.
type sample struct {
	kind   int
	number nhs.Number
	typed  corrupt.Typed
	family string
	given  []string
	born   string
}

// Run fills the store, selects the people to search for at random, and runs the searches.
func Run(ctx context.Context, o Options) (Report, error) {
	d := newDraw(o)
	err := crowd.Fill(ctx, o.Folder, people.Options{Seed: o.Seed, Count: o.People, Today: nhs.DateOf(o.Clock())},
		o.Progress, d.see)
	if err != nil {
		return Report{}, err
	}
	s, err := sqlite.Open(ctx, o.Folder)
	if err != nil {
		return Report{}, err
	}
	defer s.Close() //nolint:errcheck // only read from
	return ask(ctx, s, slices.Concat(d.drawn...), o)
}

// draw selects people for each kind of mistake to whom it applies. All have the same probability, so that the sample
// does not depend on the order. Restricted patients are excluded: searches with a postcode don't find them.
type draw struct {
	kinds []corrupt.Kind
	quota int
	rand  *rand.Rand
	drawn [][]sample // by kind
	met   []int      // by kind: number of people to whom it applies
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
			o.Progress(fmt.Sprintf("%d searches", i+1))
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
