// Package crowd fills a hub's book of patients with synthetic people, for the benches: the same people for the same
// seed, in a folder that may be used again.
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

// every is after how many people it is told how far the filling is.
const every = 100_000

// mostMemory is what Go may hold while people are stored; SQLite has a few MiB besides. Without it the collector
// would let twice what is in use gather.
const mostMemory = 160 << 20

// chunk is how many people pass from the one who makes them to the one who stores them at a time.
const chunk = 500

// Fill stores the people in folder's book of patients, unless it is there from an earlier run, and shows each of them
// to visit, in order. The error says so when the book holds other people.
func Fill(ctx context.Context, folder string, o people.Options, tell func(string), visit func(*people.Person)) error {
	count := 0
	seen := func(p *people.Person) {
		visit(p)
		if count++; count%every == 0 {
			tell(fmt.Sprintf("%d people", count))
		}
	}
	before := debug.SetMemoryLimit(mostMemory)
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

// Put stores the people in books, a chunk at a time, and shows each of them to visit, in order.
func Put(ctx context.Context, books store.People, o people.Options, tell func(string), visit func(*people.Person)) error {
	count := 0
	lot := make([]store.Patient, 0, chunk)
	put := func() error {
		err := books.PutPatients(ctx, lot)
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
		if count++; count%every == 0 {
			tell(fmt.Sprintf("%d people", count))
		}
	}
	return put()
}

// same reports an error unless the book's record of the last one is to the letter what it would be now.
func same(ctx context.Context, folder string, last store.Patient) error {
	s, err := sqlite.Open(ctx, folder)
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // nothing was written
	held, err := s.Patient(ctx, last.Number)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if !bytes.Equal(held.Body, last.Body) {
		return fmt.Errorf("%s holds other people: another number of them, another seed or another year. Give another folder", folder)
	}
	return nil
}

// made returns the people as they are stored. They are made beside the storing, a chunk ahead.
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
				if l.patients, l.err = append(l.patients, one), err; (err != nil || len(l.patients) == chunk) && !give() {
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
