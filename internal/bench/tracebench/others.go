package tracebench

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/hub/trace"
	"wardlight/internal/bench/corrupt"
	"wardlight/internal/bench/linkset"
	"wardlight/internal/bench/sortedbook"
	"wardlight/internal/fhir"
	"wardlight/internal/lab/people"
	"wardlight/internal/nhs"
)

// ExternalOptions configure a measurement with an external set of people and queries.
type ExternalOptions struct {
	linkset.Set
	Among    int    // number of synthetic people in addition
	Seed     uint64 // seed for the synthetic people
	Folder   string // folder in which the store is created; it must not contain one
	Clock    func() time.Time
	Progress func(string)                // reports progress
	Miss     func(pass string, m Missed) // called for each search whose intended person is not first; may be nil
}

// Read reads the people and the queries from their files, which may be the same.
func (o *ExternalOptions) Read(people, queries string, columns linkset.Columns) error {
	rows, err := linkset.ReadFile(people, columns)
	if err != nil {
		return err
	}
	if people == queries {
		o.Set = linkset.Split(rows)
	} else {
		asked, err := linkset.ReadFile(queries, columns)
		if err != nil {
			return err
		}
		o.Set = linkset.Join(rows, asked)
	}
	if len(o.Queries) == 0 {
		return fmt.Errorf("no query is of use: of people %s; of queries %s", o.Skipped.People, o.Skipped.Queries)
	}
	return nil
}

// Missed is a search whose intended person is not first.
type Missed struct {
	Kind         string
	Typed, Meant linkset.Row
	Rank, Rows   int
}

// OthersReport is the result of a measurement with an external set.
type OthersReport struct {
	People  int             `json:"people"`
	Among   int             `json:"among"`
	Seed    uint64          `json:"seed"`
	Skipped linkset.Skipped `json:"skipped"`
	Passes  []Pass          `json:"passes"`
}

// Pass is the result of all queries with the same search fields.
type Pass struct {
	Name  string `json:"name"`
	Lines []Line `json:"lines"`
	All   Line   `json:"all"`
}

// RunOthers fills a store and runs each query twice: with names and birth date, and with the postcode in addition.
func RunOthers(ctx context.Context, o ExternalOptions) (OthersReport, error) {
	report := OthersReport{People: len(o.People), Among: o.Among, Seed: o.Seed, Skipped: o.Skipped}
	numbers := make(map[string]nhs.Number)
	meant := make(map[string]linkset.Row)
	err := sortedbook.Fill(ctx, o.Folder, o.records(ctx, func(r linkset.Row, n nhs.Number) {
		numbers[r.Link], meant[r.Link] = n, r
	}))
	if errors.Is(err, fs.ErrExist) {
		return report, fmt.Errorf("%s holds people already. Give another folder: %w", o.Folder, err)
	}
	if err != nil {
		return report, err
	}

	s, err := sqlite.Open(ctx, o.Folder)
	if err != nil {
		return report, err
	}
	defer s.Close() //nolint:errcheck // only read from
	c := newClient(s, o.Clock)
	for _, name := range []string{"names and birth date", "with the postcode"} {
		p := Pass{Name: name, All: Line{Kind: "all"}}
		for _, k := range linkset.Kinds {
			p.Lines = append(p.Lines, Line{Kind: k})
		}

		o.Progress(name)

		for _, q := range o.Queries {
			typed := corrupt.Typed{Family: q.Family, Given: q.Given, Born: q.Born}
			if len(report.Passes) > 0 {
				typed.Postcode = q.Postcode
			}

			r, err := c.search(ctx, typed, numbers[q.Link])
			if err != nil {
				return report, err
			}

			kind := linkset.Difference(q, meant[q.Link])
			at := slices.Index(linkset.Kinds, kind)
			p.Lines[at].add(r)
			p.All.add(r)
			if o.Miss != nil && r.rank != 1 {
				o.Miss(name, Missed{kind, q, meant[q.Link], r.rank, r.rows})
			}
		}

		for i := range p.Lines {
			p.Lines[i].sum()
		}

		p.All.sum()
		report.Passes = append(report.Passes, p)
	}

	return report, nil
}

// records yields the synthetic people and then those of the set, for which it calls visit with their numbers.
func (o ExternalOptions) records(ctx context.Context,
	visit func(linkset.Row, nhs.Number),
) iter.Seq2[store.Patient, error] {
	return func(yield func(store.Patient, error) bool) {
		give := func(p *fhir.Patient) bool {
			if err := ctx.Err(); err != nil {
				yield(store.Patient{}, err)
				return false
			}
			return yield(trace.Record(p))
		}

		next, stop := iter.Pull(people.Numbers())
		defer stop()
		for p := range people.Seeded(people.Options{Seed: o.Seed, Count: o.Among, Today: nhs.DateOf(o.Clock())}) {
			if next(); !give(&p.Patient) { // uses the first numbers
				return
			}
		}

		for _, r := range o.People {
			n, ok := next()
			if !ok {
				yield(store.Patient{}, errors.New("there are more people than numbers"))
				return
			}
			if visit(r, n); !give(patient(r, n)) {
				return
			}
		}
	}
}

func patient(r linkset.Row, n nhs.Number) *fhir.Patient {
	p := &fhir.Patient{ResourceType: "Patient", ID: n.Digits(), BirthDate: r.Born.FHIR()}
	name := fhir.HumanName{Use: "usual", Family: r.Family}
	if r.Given != "" {
		name.Given = []string{r.Given}
	}
	p.Name = []fhir.HumanName{name}
	if r.Postcode != "" {
		p.Address = []fhir.Address{{Use: "home", PostalCode: r.Postcode}}
	}
	return p
}
