// Package crowd fills a hub's store of patients with synthetic people for benchmarks. The same seed generates the same
// people, and the folder can be reused.
package crowd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"runtime/debug"

	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/hub/trace"
	"wardlight/internal/bench/sortedbook"
	"wardlight/internal/lab/people"
)

// progressInterval is the number of people after which progress is reported.
const progressInterval = 100_000

// maxMemory is Go's memory limit while people are stored; SQLite uses a few MiB in addition. Without it the garbage
// collector would allow twice the memory in use.
const maxMemory = 160 << 20

// chunk is the number of people that are passed at a time from the generator to the store.
const chunk = 500

// Fill stores the people in the folder's store of patients, unless an earlier run did, and calls visit with each of
// them, in order. It returns an error if the store contains other people.
func Fill(ctx context.Context, folder string, o people.Options, report func(string), visit func(*people.Person)) error {
	count := 0
	seen := func(p *people.Person) {
		visit(p)
		if count++; count%progressInterval == 0 {
			report(fmt.Sprintf("%d people", count))
		}
	}

	before := debug.SetMemoryLimit(maxMemory)
	err := sortedbook.Fill(ctx, folder, made(ctx, o, seen))
	debug.SetMemoryLimit(before)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}

	var last people.Person
	for p := range people.Seeded(o) {
		if err := ctx.Err(); err != nil {
			return err
		}
		seen(&p)
		last = p
	}

	expected, err := record(&last)
	if err != nil {
		return err
	}

	return same(ctx, folder, expected)
}

// Put stores the people in books, in chunks, and calls visit with each of them, in order.
func Put(ctx context.Context, ledger store.People, o people.Options, report func(string),
	visit func(*people.Person),
) error {
	count := 0
	lot := make([]store.Patient, 0, chunk)
	put := func() error {
		err := ledger.PutPatients(ctx, lot)
		lot = lot[:0]
		return err
	}

	for one, err := range made(ctx, o, visit) {
		if err != nil {
			return err
		}
		if lot = append(lot, one); len(lot) == chunk {
			if err := put(); err != nil {
				return err
			}
		}
		if count++; count%progressInterval == 0 {
			report(fmt.Sprintf("%d people", count))
		}
	}

	return put()
}

// same returns an error unless the store's record of the last person is identical to the one that would be stored now.
func same(ctx context.Context, folder string, last store.Patient) error {
	s, err := sqlite.Open(ctx, folder)
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // only read from
	stored, err := s.Patient(ctx, last.Number)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if !bytes.Equal(stored.Body, last.Body) {
		return fmt.Errorf("%s holds other people: another number of them, another seed or another year. Give "+
			"another folder", folder)
	}
	return nil
}

// made returns the people as they are stored. A goroutine generates them, a few chunks ahead.
func made(ctx context.Context, o people.Options, visit func(*people.Person)) iter.Seq2[store.Patient, error] {
	type lot struct {
		patients []store.Patient
		err      error
	}

	return func(yield func(store.Patient, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		lots, done := make(chan lot, 2), make(chan struct{})
		defer func() { cancel(); <-done }()

		go func() {
			defer close(done)
			defer close(lots)
			var l lot
			give := func() bool {
				select {
				case lots <- l:
					l = lot{}
					return true
				case <-ctx.Done():
					return false
				}
			}

			for p := range people.Seeded(o) {
				visit(&p)
				one, err := record(&p)
				if l.patients, l.err = append(l.patients, one), err; (err != nil || len(l.patients) == chunk) &&
					!give() {
					return
				}
			}

			give()
		}()

		for l := range lots {
			for i, p := range l.patients {
				var err error
				if i == len(l.patients)-1 {
					err = l.err
				}
				if !yield(p, err) {
					return
				}
			}
		}

		if err := ctx.Err(); err != nil {
			yield(store.Patient{}, err)
		}
	}
}

func record(p *people.Person) (store.Patient, error) {
	one, err := trace.Record(&p.Patient)
	if err != nil {
		return one, err
	}
	one.Related, err = trace.Relatives(p.Number(), p.Related)
	return one, err
}
