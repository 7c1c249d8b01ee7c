// Package hubbench measures the hub: searches, records, lamps and openings by clients on loopback. It measures the
// time in the handler and the time for the client. In the same run it measures the store alone and a handler with a
// constant answer, for comparison.
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

// Options configure a measurement.
type Options struct {
	People   int
	Requests int   // for each line of the table, besides the warm-up
	Clients  []int // numbers of concurrent clients; each makes a line
	Seed     uint64
	Folder   string // folder with the people, which is reused; filled if it is empty
	Ledger   string // empty folder for the ledger; commits wait for its disk
	Postgres string // DSN of an empty database for people and ledger; "" means SQLite
	// Beside measures lamps and exact traces during background loads instead of the lines.
	Beside   bool
	Clock    func() time.Time
	Progress func(string)
}

// rounds is how often hub, store and constant handler are measured alternately in a line, so that other load on the
// machine affects all three equally.
const rounds = 5

// warmUp is the number of requests before those of a line that are not counted. They use the same clients and other
// people.
const warmUp = 100

// Report is the result of a measurement.
type Report struct {
	When        time.Time    `json:"when"`
	Machine     string       `json:"machine"`
	Go          string       `json:"go"`
	People      int          `json:"people"`
	Seed        uint64       `json:"seed"`
	Requests    int          `json:"requests"`
	Lines       []Line       `json:"lines"`
	Group       Group        `json:"group"`
	Store       string       `json:"store"`            // "SQLite" or "PostgreSQL"
	Beside      []LoadResult `json:"beside,omitempty"` // instead of Lines and Group
	Resident    int64        `json:"resident_bytes"`   // maximum after any line, including the clients; 0 if unknown
	Peak        int64        `json:"resident_peak"`    // maximum at any time, even while filling; 0 if unknown
	PeopleBytes int64        `json:"book_bytes"`       // size of people.db
}

// Line is the result for one kind of request and number of clients.
type Line struct {
	Kind      string  `json:"kind"`
	Clients   int     `json:"clients"`
	Requests  int     `json:"requests"`
	Failures  int     `json:"failures"`
	Found     int     `json:"found"`            // answers that contain the requested person
	Inside    Times   `json:"inside"`           // time in the handler
	Work      Times   `json:"inside_no_commit"` // Inside without waiting for commits
	Outside   Times   `json:"outside"`          // time for the client
	PerSecond float64 `json:"per_second"`
	Bare      Times   `json:"bare_read"` // time of store.Patient alone
	Constant  Times   `json:"constant"`  // time for the client of a constant answer of the same length
	Bytes     int     `json:"bytes"`     // mean length of an answer
}

// Group is the effect of sharing commits on exact searches by the maximum number of clients.
type Group struct {
	Clients  int     `json:"clients"`
	Requests int     `json:"requests"`
	Failures int     `json:"failures"`
	Shared   float64 `json:"shared_per_second"`
	Alone    float64 `json:"alone_per_second"` // with a commit for each request
	Each     float64 `json:"shared_by"`        // mean number of requests in a commit
}

// Times are percentiles of a line.
type Times struct {
	Median time.Duration `json:"median_ns"`
	P99    time.Duration `json:"p99_ns"`
}

// Run fills the people's store if it is empty, starts a hub, signs clients in and measures.
func Run(ctx context.Context, o Options) (Report, error) {
	limit := 0
	for _, c := range o.Clients {
		limit = max(limit, c)
	}

	if o.Beside {
		limit = scanners + 1
	}

	d := newDraw(o)
	book, ledger, err := filled(ctx, o, d)
	if err != nil {
		return Report{}, err
	}

	if book != ledger {
		defer book.Close() //nolint:errcheck // only read from
	}

	p, err := open(ctx, o, book, ledger, limit)
	if err != nil {
		return Report{}, err
	}

	report, err := p.measure(ctx, o, d.done())
	if info, statErr := os.Stat(filepath.Join(o.Folder, "people.db")); statErr == nil {
		report.PeopleBytes = info.Size()
	}

	return report, errors.Join(err, p.close())
}

// filled returns the store with the people and an empty ledger, in two folders or in one database.
func filled(ctx context.Context, o Options, d *draw) (book, ledger store.Store, err error) {
	who := people.Options{Seed: o.Seed, Count: o.People, Today: nhs.DateOf(o.Clock())}
	if o.Postgres != "" {
		s, err := postgres.Open(ctx, postgres.Config{DSN: o.Postgres})
		if err != nil {
			return nil, nil, err
		}
		if err := crowd.Put(ctx, s, who, o.Progress, d.see); err != nil {
			return nil, nil, errors.Join(err, s.Close())
		}
		return s, s, nil
	}

	if err := crowd.Fill(ctx, o.Folder, who, o.Progress, d.see); err != nil {
		return nil, nil, err
	}

	debug.FreeOSMemory() // free the memory used for filling, so that Resident counts only hub and clients
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

func (p *testHub) measure(ctx context.Context, o Options, t *targets) (Report, error) {
	r := Report{
		When: o.Clock(), Machine: machine.Name(), Go: runtime.Version(), People: o.People, Seed: o.Seed,
		Requests: o.Requests,
		Store:    "SQLite",
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
		r.Resident, r.Peak = machine.Resident(), machine.MaxResident()
		return r, err
	}

	for _, k := range kinds {
		for _, clients := range o.Clients {
			o.Progress(fmt.Sprintf("%s, %d clients", k.name, clients))
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
	r.Peak = machine.MaxResident()
	return r, err
}
