package hubbench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"wardlight/internal/nhs"
)

// measurements collects the measurements of a line.
type measurements struct {
	inside, work, outside, bare, constant []time.Duration
	took                                  time.Duration // total time of the requests
	failures, found, bytes                int
}

// line measures one kind of request by a number of clients.
func (p *testHub) line(ctx context.Context, k kind, clients, requests int, t *targets) (Line, error) {
	var warm, counted measurements
	before := min(warmUp, requests)
	if err := p.round(ctx, k, clients, before, t, &warm); err != nil {
		return Line{}, err
	}

	p.answer.Store(int64(min(warm.bytes/before, len(constant))))

	for i := range rounds {
		n := requests/rounds + min(1, max(0, requests%rounds-i))
		if err := p.round(ctx, k, clients, n, t, &counted); err != nil {
			return Line{}, err
		}
		whom := t.take(n)
		bare, _, err := p.beside(ctx, clients, n, func(i int) string { return barePath + whom[i].number.Digits() })
		if err != nil {
			return Line{}, err
		}
		_, constant, err := p.beside(ctx, clients, n, func(int) string { return constantPath })
		if err != nil {
			return Line{}, err
		}
		counted.bare, counted.constant = append(counted.bare, bare...), append(counted.constant, constant...)
	}

	return Line{
		Kind: k.name, Clients: clients, Requests: len(counted.outside), Failures: counted.failures,
		Found:  counted.found,
		Inside: timesOf(counted.inside), Work: timesOf(counted.work), Outside: timesOf(counted.outside),
		PerSecond: float64(len(counted.outside)) / counted.took.Seconds(), Bare: timesOf(counted.bare),
		Constant: timesOf(counted.constant),
		Bytes:    counted.bytes / max(1, len(counted.outside)),
	}, nil
}

// sharing measures exact searches with shared and with separate commits, alternately.
func (p *testHub) sharing(ctx context.Context, clients, requests int, t *targets) (Group, error) {
	var shared, alone measurements
	defer p.current.Store(&p.shared)
	commits := int64(0)
	for i := range 2 * rounds {
		handler, tally := &p.shared, &shared
		if i%2 == 1 {
			handler, tally = &p.alone, &alone
		}
		p.current.Store(handler)
		before := p.commits.Load()
		if err := p.round(ctx, exact, clients, max(1, requests/rounds), t, tally); err != nil {
			return Group{}, err
		}
		if handler == &p.shared {
			commits += p.commits.Load() - before
		}
	}

	return Group{
		Clients: clients, Requests: len(shared.outside) + len(alone.outside), Failures: shared.failures +
			alone.failures,
		Shared: float64(len(shared.outside)) / shared.took.Seconds(),
		Alone:  float64(len(alone.outside)) / alone.took.Seconds(),
		Each:   float64(len(shared.outside)) / float64(commits),
	}, nil
}

// round sends n requests, distributed over concurrent clients. The proofs are created before.
func (p *testHub) round(ctx context.Context, k kind, clients, n int, t *targets, sum *measurements) error {
	ready, want := make([]*http.Request, n), make([]nhs.Number, n)
	for i, one := range t.take(n) {
		plan := t.takePlan()
		path, query := k.path(one, plan)
		var err error
		if ready[i], err = p.clients[i%clients].request(ctx, path, query, idOf(t.plan, i)); err != nil {
			return err
		}
		if k.who != nil {
			want[i] = k.who(one, plan)
		}
	}

	notes, outside := p.note(n)
	answers := make([]answer, n)
	defer p.noting.Store(nil)
	started := time.Now()
	errs := each(clients, n, func(i int) error {
		sent := time.Now()
		got, err := p.http.Do(ready[i])
		if err != nil {
			return err
		}
		body, err := io.ReadAll(got.Body)
		outside[i] = time.Since(sent)
		_ = got.Body.Close()
		answers[i] = answer{got.StatusCode, len(body), want[i] != "" && bytes.Contains(body, []byte(want[i].Digits()))}
		return err
	})

	sum.took += time.Since(started)
	p.inside.Wait() // wait until the last handlers have recorded their times

	for i, a := range answers {
		if a.status != k.status {
			sum.failures++
		}
		if a.found {
			sum.found++
		}
		sum.bytes += a.bytes
		sum.work = append(sum.work, notes.inside[i]-notes.waited[i])
	}

	sum.inside = append(sum.inside, notes.inside...)
	sum.outside = append(sum.outside, outside...)
	return errs
}

type answer struct {
	status, bytes int
	found         bool
}

// beside sends n requests to the handlers for comparison, with the given number of concurrent clients. It returns the
// times in the handler and for the client.
func (p *testHub) beside(ctx context.Context, clients, n int,
	path func(i int) string,
) (inside, outside []time.Duration, err error) {
	notes, outside := p.note(n)
	defer p.noting.Store(nil)

	err = each(clients, n, func(i int) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+path(i), nil)
		if err != nil {
			return err
		}
		r.Header.Set(requestID, idOf(0, i))
		started := time.Now()
		got, err := p.http.Do(r)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, got.Body)
		outside[i] = time.Since(started)
		if got.StatusCode != http.StatusOK {
			err = errors.Join(err, fmt.Errorf("%s: %s", path(i), got.Status))
		}
		return errors.Join(err, got.Body.Close())
	})

	p.inside.Wait()
	return notes.inside, outside, err
}

// note starts recording a round of n requests.
func (p *testHub) note(n int) (*notes, []time.Duration) {
	started := &notes{make([]time.Duration, n), make([]time.Duration, n), make(chan struct{}, n)}
	p.noting.Store(started)
	return started, make([]time.Duration, n)
}

// each calls do n times, with the given number of concurrent workers.
func each(workers, n int, do func(i int) error) error {
	errs := make([]error, workers)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := w; i < n && errs[w] == nil; i += workers {
				errs[w] = do(i)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

func timesOf(all []time.Duration) Times {
	if len(all) == 0 {
		return Times{}
	}
	slices.Sort(all)
	return Times{all[len(all)/2], all[len(all)*99/100]}
}
