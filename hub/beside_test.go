package hub_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub"
	"wardlight/hub/audit"
	"wardlight/hub/limit"
	"wardlight/hub/notify"
	"wardlight/hub/store"
	"wardlight/hub/store/postgres"
	"wardlight/internal/fhir"
	receiver "wardlight/internal/lab/authority"
	labpg "wardlight/internal/lab/postgres"
	"wardlight/internal/lab/postgres/postgrestest"
	"wardlight/internal/nhs"
)

// openPostgres opens the store at dsn. The test's cleanup closes it.
func openPostgres(t testing.TB, dsn string, volatile bool) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), postgres.Config{DSN: dsn, Volatile: volatile})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

// besides returns a bench whose hub uses s, which other hubs may use as well. A session of one of them is valid at
// all.
func besides(t testing.TB, s store.Store, ca *authority, c *clock, transport notify.Transport,
	change ...func(*hub.Config),
) *fixture {
	t.Helper()
	b := &fixture{t: t, clock: c, ca: ca, log: &lockedBuffer{}, store: s}
	config := hub.Config{
		Store: s, CA: ca.cas(), Issuer: issuer, Clock: c.Now, Transport: transport,
		Log: slog.New(slog.NewJSONHandler(b.log, nil)), Limits: &limit.Config{},
	}
	for _, f := range change {
		f(&config)
	}
	var err error
	b.hub, err = hub.New(config)
	must(t, err)
	b.server = httptest.NewServer(b.hub.Handler())
	t.Cleanup(b.server.Close)
	return b
}

// ask sends a request to one of the hubs and returns the status and the body. The status is 0 if no answer came.
func (b *fixture) ask(req *http.Request) (status int, body string) {
	to, err := url.Parse(b.server.URL)
	if err != nil {
		return 0, err.Error()
	}
	req.URL.Host = to.Host
	resp, err := b.server.Client().Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close() //nolint:errcheck // read below
	all, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(all)
}

// plansIn returns the number of plans in an answer, or -1 if the answer isn't a bundle of plans.
func plansIn(body string) int {
	var b fhir.Bundle
	if err := json.Unmarshal([]byte(body), &b); err != nil || b.Type != "searchset" || b.Total == nil {
		return -1
	}
	return *b.Total
}

// children stores that many children, each with a plan of a different authority, and returns their NHS numbers.
func children(t *testing.T, s store.Store, many int, endpoint func(code string) string) []nhs.Number {
	t.Helper()
	var all []nhs.Number
	for n := 9_990_001_000; len(all) < many; n++ {
		number, err := nhs.ParseNumber(fmt.Sprint(n))
		if err != nil {
			continue
		}

		code := fmt.Sprintf("V9%02d", len(all))
		must(t,
			s.PutPatients(t.Context(),
				[]store.Patient{record(t, patient(number, "Example", "Child", "2016-03-04", "female", "U", ""))}))

		must(t, s.PutAuthority(t.Context(), store.Authority{
			Code: code, Name: code, DutyPhone: "01632960102",
			Endpoint: endpoint(code),
		}))

		must(t, s.PutPlan(t.Context(), store.Plan{
			ID: uuid.NewString(), Number: number, Kind: store.ChildProtection,
			Start: day(2026, 1, 1), Authority: code,
		}))

		all = append(all, number)
	}

	return all
}

// TestTwoHubsOnOneDatabaseTellOfEachOpeningOnce opens 1,000 alerts from 16 clients at two hubs. Every eighth opening
// is sent to both hubs at the same time with one request ID. Each opening must be notified once.
func TestTwoHubsOnOneDatabaseTellOfEachOpeningOnce(t *testing.T) {
	const openings, clients, authorities = 1000, 16, 20
	server := postgrestest.Start(t, labpg.Options{})
	dsn := postgrestest.Schema(t, server)
	ledger := openPostgres(t, dsn, true)
	fillStore(t, ledger)

	// The test's clock doesn't advance, so that no lease expires on a slow machine.
	ca, clk := newAuthority(t, "Sub CA"), &clock{now: start}
	key := []byte("a secret of twenty-seven by")
	keys := make(map[string][]byte)
	for i := range authorities {
		keys[fmt.Sprintf("V9%02d", i)] = key
	}

	receiver, err := receiver.Start(t.Context(), receiver.Options{
		Keys: keys, Clock: clk.Now,
		Log: slog.New(slog.DiscardHandler),
	})
	must(t, err)
	t.Cleanup(func() { must(t, receiver.Close()) })
	numbers := children(t, ledger, authorities, receiver.URL)

	webhook := &notify.Webhook{Secrets: func(string) [][]byte { return [][]byte{key} }, Clock: clk.Now}
	hubs := []*fixture{besides(t, ledger, ca, clk, webhook), besides(t, openPostgres(t, dsn, true), ca, clk, webhook)}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for _, b := range hubs {
		running.Go(func() { _ = b.hub.Run(ctx) })
	}

	var next atomic.Int64
	var all sync.WaitGroup
	for client := range clients {
		x := hubs[client%2].signIn()
		all.Go(func() {
			for i := next.Add(1); i <= openings; i = next.Add(1) {
				id := header("X-Request-ID", uuid.NewString())
				number := numbers[i%authorities]
				at := []*fixture{hubs[i%2]}
				if i%8 == 0 {
					at = hubs
				}
				var both sync.WaitGroup
				for _, b := range at {
					req := x.request(nurse, careTeam, about(number), id)
					both.Go(func() {
						if status, body := b.ask(req); status != http.StatusOK || plansIn(body) != 1 {
							t.Errorf("opening %d: got status %d, body %s; want 200 with one plan", i, status, body)
						}
					})
				}
				both.Wait()
			}
		})
	}

	all.Wait()
	await, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	must(t, receiver.Await(await, openings))
	stop()
	running.Wait() // returns after the last delivery has been recorded

	accesses, err := ledger.Accesses(t.Context(), numbers, 2*openings)
	must(t, err)
	requests := make(map[string]bool)
	for _, a := range accesses {
		requests[a.RequestID] = true
	}

	if len(accesses) != openings || len(requests) != openings {
		t.Errorf("got %d accesses with %d request IDs, want %d of each", len(accesses), len(requests), openings)
	}

	notifications, err := ledger.Notifications(t.Context(), store.NotificationQuery{State: store.Delivered})
	must(t, err)
	ids := make(map[string]bool)
	for _, n := range notifications {
		ids[n.ID] = true
	}

	if len(ids) != openings {
		t.Errorf("got %d delivered notifications, want %d", len(ids), openings)
	}

	received := receiver.Received()
	for _, n := range received {
		if n.Deliveries != 1 || !ids[n.ID] {
			t.Errorf("webhook %s was received %d times, want once and for a stored notification", n.ID, n.Deliveries)
		}
	}

	if refused := receiver.Refused(); len(received) != openings || len(refused) != 0 {
		t.Errorf("got %d webhooks and %d refused ones, want %d and 0", len(received), len(refused), openings)
	}

	if _, err := audit.Verify(t.Context(), ledger); err != nil {
		t.Error(err)
	}
}

// TestNoAnsweredOpeningIsLostWhenThePrimaryIs kills the primary under load while its standby lags, and promotes the
// standby, to which every answered commit has been replicated. A client that gets no answer repeats its request with
// the same request ID, as the terminal does.
func TestNoAnsweredOpeningIsLostWhenThePrimaryIs(t *testing.T) {
	const clients, before, after = 8, 80, 80
	primary := postgrestest.Start(t, labpg.Options{Durable: true})
	dsn := postgrestest.Schema(t, primary)
	fillStore(t, openPostgres(t, dsn, false))
	standby, err := primary.Standby(t.Context())
	must(t, err)
	t.Cleanup(standby.Stop)
	must(t, primary.Synchronous(t.Context()))

	either := strings.Replace(dsn, "host="+primary.Socket(), "port=5432,5432 target_session_attrs=read-write host="+
		primary.Socket()+","+standby.Socket(), 1)
	b := besides(t, openPostgres(t, either, false), newAuthority(t, "Sub CA"), &clock{now: start}, silence{})

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var mu sync.Mutex
	answered := make(map[string]bool)
	unanswered := 0
	enough := make(chan int, 1) // the number of answered openings; only the latest value is buffered
	var all sync.WaitGroup
	for range clients {
		x := b.signIn()
		all.Go(func() {
			for ctx.Err() == nil {
				id := uuid.NewString()
				for ctx.Err() == nil {
					status, body := b.ask(x.request(nurse, careTeam, about(mother), header("X-Request-ID", id)))
					if status == http.StatusOK && plansIn(body) == 1 {
						break
					}
					if status != 0 && status != http.StatusServiceUnavailable || plansIn(body) >= 0 {
						t.Errorf("opening while the primary is down: got status %d, body %s; want no answer or 503",
							status, body)
						return
					}
					mu.Lock()
					unanswered++
					mu.Unlock()
				}

				if ctx.Err() != nil {
					return
				}

				mu.Lock()
				answered[id] = true
				n := len(answered)
				mu.Unlock()
				select {
				case <-enough:
				default:
				}

				select {
				case enough <- n:
				default:
				}
			}
		})
	}

	deadline := time.After(5 * time.Minute)
	reach := func(want int) {
		t.Helper()
		for {
			select {
			case n := <-enough:
				if n >= want {
					return
				}
			case <-deadline:
				t.Fatalf("timeout waiting for %d openings\n%s", want, b.log.String())
			}
		}
	}

	reach(before)
	must(t, primary.Cut(t.Context()))
	mu.Lock()
	cut := len(answered)
	mu.Unlock()

	// From now on commits wait for the standby. An answer sent before its commit is replicated could be lost.
	for waiting := 0; waiting == 0; {
		waiting, err = primary.Waiting(t.Context())
		must(t, err)
		select {
		case n := <-enough:
			if n > cut+clients {
				t.Fatal("got answers to openings that the standby does not have")
			}
		case <-deadline:
			t.Fatal("timeout waiting for a commit that waits for the standby")
		default:
		}
	}

	primary.Kill()
	must(t, standby.Promote(t.Context()))
	mu.Lock()
	survived := len(answered)
	mu.Unlock()
	reach(survived + after)
	stop()
	all.Wait()

	promoted := openPostgres(t, strings.Replace(dsn, primary.Socket(), standby.Socket(), 1), false)
	accesses, err := promoted.Accesses(t.Context(), []nhs.Number{mother}, 1_000_000)
	must(t, err)
	notifications, err := promoted.Notifications(t.Context(), store.NotificationQuery{})
	must(t, err)
	times := make(map[string]int)
	for _, a := range accesses {
		times[a.RequestID]++
		if !slices.ContainsFunc(notifications, func(n store.Notification) bool {
			return strings.Contains(string(n.Body), a.ID)
		}) {
			t.Errorf("access %s has no notification", a.ID)
		}
	}

	for id := range answered {
		if times[id] != 1 {
			t.Errorf("answered opening %s has %d accesses, want 1", id, times[id])
		}
	}

	if len(notifications) != len(accesses) {
		t.Errorf("got %d accesses and %d notifications, want equal counts", len(accesses), len(notifications))
	}

	if _, err := audit.Verify(t.Context(), promoted); err != nil {
		t.Error(err)
	}

	t.Logf("%d openings answered, %d requests without an answer", len(answered), unanswered)
}
