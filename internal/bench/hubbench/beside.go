package hubbench

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"wardlight/hub/cards"
	"wardlight/hub/identity"
	"wardlight/hub/store"
	"wardlight/internal/lab/people"
	"wardlight/internal/nhs"
)

// The background loads during which a lamp is measured: searches by eight clients, an authority's file, a CA's
// revocation list.
const (
	scanners    = 8
	uploadRows  = 20_000
	revocations = 10_000
)

// LoadResult is the measurement of lamps and exact traces of one client, alone or during a background load.
type LoadResult struct {
	Load     string        `json:"load"`     // "" for none
	Requests int           `json:"requests"` // of each kind
	Failures int           `json:"failures"`
	Median   time.Duration `json:"median_ns"` // time until the client has the answer to a lamp
	P95      time.Duration `json:"p95_ns"`
	P99      time.Duration `json:"p99_ns"`
	Exact    Times         `json:"exact"` // time in the handler
	Done     int64         `json:"done"`  // searches, rows or list entries that the load completed meanwhile
}

// load is a background load that runs until its context is done. done counts completed operations.
type load struct {
	name string
	run  func(ctx context.Context, done *atomic.Int64) error
}

// besides measures lamps and exact traces alone, during each load, and during all of them.
func (p *testHub) besides(ctx context.Context, o Options, t *targets) ([]LoadResult, error) {
	secret, err := p.credential(ctx)
	if err != nil {
		return nil, err
	}
	if len(p.clients) < scanners+1 {
		return nil, fmt.Errorf("there are %d clients, and %d are needed", len(p.clients), scanners+1)
	}

	searched, planned := t.take(scanners), t.take(uploadRows) // before the loads run concurrently
	loads := []load{
		{fmt.Sprintf("%d scans", scanners), func(ctx context.Context, done *atomic.Int64) error {
			return p.scan(ctx, searched, done)
		}},
		{fmt.Sprintf("an upload of %d rows", uploadRows), func(ctx context.Context, done *atomic.Int64) error {
			return p.upload(ctx, planned, secret, done)
		}},
		{fmt.Sprintf("a revocation list of %d", revocations), p.revoke},
	}

	all := load{"all of them", func(ctx context.Context, done *atomic.Int64) error {
		return together(ctx, loads, done)
	}}

	var out []LoadResult
	for _, l := range append([]load{{}}, append(loads, all)...) {
		o.Progress("lamp beside " + l.name)
		one, err := p.one(ctx, l, o.Requests, t)
		if err != nil {
			return out, fmt.Errorf("beside %s: %w", l.name, err)
		}
		out = append(out, one)
	}

	return out, nil
}

// together runs the loads concurrently.
func together(ctx context.Context, loads []load, done *atomic.Int64) error {
	errs := make([]error, len(loads))
	var all sync.WaitGroup
	for i, l := range loads {
		all.Go(func() { errs[i] = l.run(ctx, done) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// one measures n lamps and n exact traces, alternately, during the load.
func (p *testHub) one(ctx context.Context, l load, n int, t *targets) (LoadResult, error) {
	b := LoadResult{Load: l.name, Requests: n}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var done atomic.Int64
	ended := make(chan error, 1)
	if l.run == nil {
		ended <- nil
	} else {
		go func() { ended <- l.run(ctx, &done) }()
	}

	var lamps, inside []time.Duration
	for range n {
		for _, k := range []kind{lamp, exact} {
			a, err := p.ask(ctx, k, t)
			switch {
			case err != nil:
				return b, err
			case !a.found:
				b.Failures++
			}
			if k.name == lamp.name {
				lamps = append(lamps, a.outside)
			} else {
				inside = append(inside, a.inside)
			}
		}
	}

	b.Done = done.Load()
	stop()
	sum := timesOf(lamps) // sorts lamps
	b.Median, b.P95, b.P99 = sum.Median, lamps[n*95/100], sum.P99
	b.Exact = timesOf(inside)
	if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
		return b, err
	}

	return b, nil
}

// requestTimes is the measurement of one request.
type requestTimes struct {
	outside, inside time.Duration
	found           bool
}

// ask sends one request as the first client.
func (p *testHub) ask(ctx context.Context, k kind, t *targets) (a requestTimes, err error) {
	whom, plan := t.take(1)[0], t.takePlan()
	path, query := k.path(whom, plan)
	r, err := p.clients[0].request(ctx, path, query, idOf(t.plan, 0))
	if err != nil {
		return a, err
	}

	notes, _ := p.note(1)
	defer p.noting.Store(nil)
	sent := time.Now()
	got, err := p.http.Do(r)
	if err != nil {
		return a, err
	}

	body, err := io.ReadAll(got.Body)
	a.outside = time.Since(sent)
	_ = got.Body.Close()
	a.found = got.StatusCode == k.status && bytes.Contains(body, []byte(k.who(whom, plan).Digits()))
	<-notes.noted
	a.inside = notes.inside[0]
	return a, err
}

// scan searches, with eight clients, in a way that reads many records: by a prefix of a family name, births of a year,
// and an e-mail address that nobody has.
func (p *testHub) scan(ctx context.Context, whom []target, done *atomic.Int64) error {
	errs := make([]error, len(whom))
	var all sync.WaitGroup
	for i, one := range whom {
		all.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				errs[i] = p.scanOnce(ctx, p.clients[1+i], one, n)
				if errs[i] != nil {
					return
				}
				done.Add(1)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

func (p *testHub) scanOnce(ctx context.Context, c *client, one target, n int) error {
	year := one.born[:4]
	begins := string([]rune(one.family)[:2]) + "*"
	r, err := c.request(ctx, patients, url.Values{
		"family": {begins}, "birthdate": {"ge" + year + "-01-01", "le" + year + "-12-31"},
		"email": {"nobody@example.com"},
	}, idOf(n, n+1)) // index 0 is that of the measured request
	if err != nil {
		return err
	}

	got, err := p.http.Do(r)
	if err != nil {
		return err
	}

	_, err = io.Copy(io.Discard, got.Body)
	_ = got.Body.Close()
	if err == nil && got.StatusCode >= http.StatusInternalServerError &&
		got.StatusCode != http.StatusServiceUnavailable {
		err = fmt.Errorf("a scan is answered %d", got.StatusCode)
	}

	return err
}

// credential creates and stores a secret for the first authority, with which its file is sent.
func (p *testHub) credential(ctx context.Context) (string, error) {
	secret, hash, err := identity.NewSecret(rand.Reader)
	if err != nil {
		return "", err
	}
	return secret, p.ledger.PutCredential(ctx, store.Credential{
		Authority: people.Authorities()[0].ID, Hash: hash,
		Label: "bench", Created: time.Now(),
	})
}

// upload sends files with plans of the same people, one after another.
func (p *testHub) upload(ctx context.Context, whom []target, secret string, done *atomic.Int64) error {
	for n := 0; ctx.Err() == nil; n++ {
		body, err := planFile(whom, n)
		if err != nil {
			return err
		}

		id := "bench-" + strconv.FormatInt(time.Now().UnixNano(), 10) + "-" + strconv.Itoa(n)
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+"/la/uploads?file="+id, bytes.NewReader(body))
		if err != nil {
			return err
		}

		r.Header.Set("Content-Type", "text/csv")
		r.SetBasicAuth(people.Authorities()[0].ID, secret)
		got, err := p.http.Do(r)
		if err != nil {
			return err
		}

		answer, err := io.ReadAll(got.Body)
		_ = got.Body.Close()
		switch {
		case err != nil:
			return err
		case got.StatusCode/100 != 2:
			return fmt.Errorf("an upload is answered %d: %.200s", got.StatusCode, answer)
		}

		done.Add(uploadRows)
	}

	return nil
}

// planFile returns a file with plans that ended long ago, so that no lamp changes.
func planFile(whom []target, n int) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	rows := [][]string{{
		"Action", "Kind", "NHS number", "Birth date", "Family name", "Given name", "Start", "End",
		"Due date", "Reference",
	}}
	for i, one := range whom {
		born, err := nhs.ParseDate(one.born)
		if err != nil {
			return nil, err
		}
		rows = append(rows, []string{
			"add", "CPP", one.number.Digits(), fmt.Sprintf("%02d/%02d/%04d", born.Day, born.Month, born.Year),
			one.family, one.given,
			"01/02/2001", "01/03/2001", "", fmt.Sprintf("B%d-%d", n, i),
		})
	}
	err := w.WriteAll(rows)
	return b.Bytes(), err
}

// revoke stores revocation lists as the hub does, in batches. Each list is from another CA.
func (p *testHub) revoke(ctx context.Context, done *atomic.Int64) error {
	for list := 0; ctx.Err() == nil; list++ {
		for from := 0; from < revocations && ctx.Err() == nil; from += cards.Batch {
			batch := make([]store.Revocation, cards.Batch)
			for i := range batch {
				batch[i] = store.Revocation{
					Certificate: store.Certificate{
						Serial: strconv.FormatInt(int64(1_000_000+from+i), 16),
						Issuer: fmt.Sprintf("CN=Bench CA %d", list),
					},
					At: time.Now(), Reason: "list",
				}
			}
			if err := p.ledger.RevokeCertificates(ctx, batch); err != nil {
				return err
			}
			done.Add(cards.Batch)
		}
	}
	return nil
}

// markdownOf writes the table of lamps and exact traces during background loads.
func markdownOf(b *strings.Builder, all []LoadResult) {
	goal := goalBeside.Milliseconds()
	fmt.Fprintf(b, "\n| one client, beside | lamp, median, ms | p95 (goal: %d) | p99 | exact trace, inside, median "+
		"| p99 (goal: %d) | failed | done meanwhile |\n"+
		"|---|--:|--:|--:|--:|--:|--:|--:|\n", goal, goal)
	for _, one := range all {
		name := one.Load
		if name == "" {
			name = "nothing"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %d of %d | %d |\n", name, ms(one.Median), ms(one.P95),
			ms(one.P99), ms(one.Exact.Median),
			ms(one.Exact.P99), one.Failures, 2*one.Requests, one.Done)
	}
}
