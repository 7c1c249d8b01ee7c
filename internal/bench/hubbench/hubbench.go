// Package hubbench measures the hub: searches, records, lamps and openings by clients on loopback, as the handler
// sees them and as the clients do, beside the bare store and beside a handler that answers a constant, all in one
// run.
package hubbench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/store/postgres"
	"wardlight/hub/store/sqlite"
	"wardlight/internal/bench/crowd"
	"wardlight/internal/bench/machine"
	"wardlight/internal/lab/people"
	"wardlight/internal/nhs"
)

// Options say what is measured.
type Options struct {
	People   int
	Requests int   // of each line of the table, besides the warm-up
	Clients  []int // how many at a time: a line for each
	Seed     uint64
	Folder   string // where the people are, to be used again; filled when it is empty
	Ledger   string // an empty folder for the ledger: the disk under it is what a commit waits for
	Postgres string // where people and ledger are, in an empty database; "" is SQLite
	// Beside measures the lamp and the exact trace beside what else a hub does, in the place of the lines.
	Beside bool
	Clock  func() time.Time
	Tell   func(string)
}

// rounds are how often the hub, the bare store and the constant take turns in a line, so that whatever else the
// machine does meanwhile falls on all three.
const rounds = 5

// warmUp is how many requests of a line go before those that count, by the same clients and for other people.
const warmUp = 100

// Report is what was measured.
type Report struct {
	When     time.Time `json:"when"`
	Machine  string    `json:"machine"`
	Go       string    `json:"go"`
	People   int       `json:"people"`
	Seed     uint64    `json:"seed"`
	Requests int       `json:"requests"`
	Lines    []Line    `json:"lines"`
	Group    Group     `json:"group"`
	Store    string    `json:"store"`            // "SQLite" or "PostgreSQL"
	Beside   []Beside  `json:"beside,omitempty"` // in the place of Lines and Group
	Resident int64     `json:"resident_bytes"`   // the most after any line, the clients in it; 0 when not known
	Peak     int64     `json:"resident_peak"`    // the most at any time, while the book was filled too; 0 when not known
	Book     int64     `json:"book_bytes"`       // the size of people.db
}

// Line is one kind of request by so many clients.
type Line struct {
	Kind      string  `json:"kind"`
	Clients   int     `json:"clients"`
	Requests  int     `json:"requests"`
	Failures  int     `json:"failures"`
	Found     int     `json:"found"`            // answers with the person who was asked for
	Inside    Times   `json:"inside"`           // the handler, from the first line of it to the last
	Work      Times   `json:"inside_no_commit"` // the same without the wait for the ledger
	Outside   Times   `json:"outside"`          // what the client waits
	PerSecond float64 `json:"per_second"`
	Bare      Times   `json:"bare_read"` // store.Patient in a handler that does nothing else
	Constant  Times   `json:"constant"`  // what a client waits for an answer as long that needs no work
	Bytes     int     `json:"bytes"`     // the mean length of an answer
}

// Group is what sharing commits is worth: exact searches by the most clients.
type Group struct {
	Clients  int     `json:"clients"`
	Requests int     `json:"requests"`
	Failures int     `json:"failures"`
	Shared   float64 `json:"shared_per_second"`
	Alone    float64 `json:"alone_per_second"` // one commit for each request
	Each     float64 `json:"shared_by"`        // how many requests shared a commit, on the mean
}

// Times are of one line.
type Times struct {
	Median time.Duration `json:"median_ns"`
	P99    time.Duration `json:"p99_ns"`
}

// Run fills the book where it is empty, starts a hub, signs clients in and measures.
func Run(ctx context.Context, o Options) (Report, error) {
	most := 0
	for _, c := range o.Clients {
		most = max(most, c)
	}
	if o.Beside {
		most = scanners + 1
	}
	d := newDraw(o)
	book, ledger, err := filled(ctx, o, d)
	if err != nil {
		return Report{}, err
	}
	if book != ledger {
		defer book.Close() //nolint:errcheck // nothing was written
	}
	p, err := open(ctx, o, book, ledger, most)
	if err != nil {
		return Report{}, err
	}
	report, err := p.measure(ctx, o, d.done())
	if info, statErr := os.Stat(filepath.Join(o.Folder, "people.db")); statErr == nil {
		report.Book = info.Size()
	}
	return report, errors.Join(err, p.close())
}

// filled returns the books with the people in them, and an empty ledger: in folders of their own, or one database.
func filled(ctx context.Context, o Options, d *draw) (book, ledger store.Store, err error) {
	who := people.Options{Seed: o.Seed, Count: o.People, Today: nhs.DateOf(o.Clock())}
	if o.Postgres != "" {
		s, err := postgres.Open(ctx, postgres.Config{DSN: o.Postgres})
		if err != nil {
			return nil, nil, err
		}
		if err := crowd.Put(ctx, s, who, o.Tell, d.see); err != nil {
			return nil, nil, errors.Join(err, s.Close())
		}
		return s, s, nil
	}
	if err := crowd.Fill(ctx, o.Folder, who, o.Tell, d.see); err != nil {
		return nil, nil, err
	}
	debug.FreeOSMemory() // of the filling, so that what is resident afterwards is the hub's and the clients'
	book, err = sqlite.Open(ctx, o.Folder)
	if err != nil {
		return nil, nil, err
	}
	ledger, err = sqlite.Open(ctx, o.Ledger)
	if err != nil {
		return nil, nil, errors.Join(err, book.Close())
	}
	return book, ledger, nil
}

func (p *place) measure(ctx context.Context, o Options, t *targets) (Report, error) {
	r := Report{
		When: o.Clock(), Machine: machine.Name(), Go: runtime.Version(), People: o.People, Seed: o.Seed, Requests: o.Requests,
		Store: "SQLite",
	}
	if o.Postgres != "" {
		r.Store = "PostgreSQL"
	}
	if err := p.plans(ctx, t.planned); err != nil {
		return r, err
	}
	if o.Beside {
		var err error
		r.Beside, err = p.besides(ctx, o, t)
		r.Resident, r.Peak = machine.Resident(), machine.MostResident()
		return r, err
	}
	for _, k := range kinds {
		for _, clients := range o.Clients {
			o.Tell(fmt.Sprintf("%s, %d clients", k.name, clients))
			l, err := p.line(ctx, k, clients, o.Requests, t)
			if err != nil {
				return r, fmt.Errorf("%s, %d clients: %w", k.name, clients, err)
			}
			r.Lines = append(r.Lines, l)
			r.Resident = max(r.Resident, machine.Resident())
		}
	}
	var err error
	r.Group, err = p.sharing(ctx, len(p.clients), o.Requests, t)
	r.Peak = machine.MostResident()
	return r, err
}
