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

// openPostgres opens the books at dsn, closed with the test.
func openPostgres(t testing.TB, dsn string, volatile bool) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), postgres.Config{DSN: dsn, Volatile: volatile})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

// besides is a hub on the books at dsn, which may be other hubs' too. Its sign-ins are good at all of them.
func besides(t testing.TB, s store.Store, ca *authority, c *clock, transport notify.Transport, change ...func(*hub.Config)) *bench {
	t.Helper()
	b := &bench{t: t, clock: c, ca: ca, log: &lockedBuffer{}, store: s}
	config := hub.Config{
		Store: s, CA: ca.cas(), Issuer: issuer, Clock: c.Now, Transport: transport, Log: slog.New(slog.NewJSONHandler(b.log, nil)), Limits: &limit.Config{},
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

// ask sends a request to any of the hubs. The status is 0 where there was no answer.
func (b *bench) ask(req *http.Request) (status int, body string) {
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

// plansIn is how many plans an answer shows; -1 where it is no answer about plans.
func plansIn(body string) int {
	var b fhir.Bundle
	if err := json.Unmarshal([]byte(body), &b); err != nil || b.Type != "searchset" || b.Total == nil {
		return -1
	}
	return *b.Total
}

// children puts that many children on file, each with a plan of an authority of its own.
func children(t *testing.T, s store.Store, many int, endpoint func(code string) string) []nhs.Number {
	t.Helper()
	var all []nhs.Number
	for n := 9_990_001_000; len(all) < many; n++ {
		number, err := nhs.ParseNumber(fmt.Sprint(n))
		if err != nil {
			continue
		}
		code := fmt.Sprintf("V9%02d", len(all))
		must(t, s.PutPatients(t.Context(), []store.Patient{record(t, patient(number, "Example", "Child", "2016-03-04", "female", "U", ""))}))
		must(t, s.PutAuthority(t.Context(), store.Authority{Code: code, Name: code, DutyPhone: "01632960102", Endpoint: endpoint(code)}))
		must(t, s.PutPlan(t.Context(), store.Plan{ID: uuid.NewString(), Number: number, Kind: store.ChildProtection, Start: day(2026, 1, 1), Authority: code}))
		all = append(all, number)
	}
	return all
}

// TestTwoHubsOnOneDatabaseTellOfEachOpeningOnce opens a thousand alerts from sixteen clients at two hubs; every
// eighth is asked for at both at the same time, with one request id.
func TestTwoHubsOnOneDatabaseTellOfEachOpeningOnce(t *testing.T) {
	const openings, clients, authorities = 1000, 16, 20
	server := postgrestest.Start(t, labpg.Options{})
	dsn := postgrestest.Schema(t, server)
	books := openPostgres(t, dsn, true)
	fillBooks(t, books)

	// The clock stands still, so that a slow machine lets no lease lapse.
	ca, clk := newAuthority(t, "Sub CA"), &clock{now: start}
	key := []byte("a secret of twenty-seven by")
	keys := make(map[string][]byte)
	for i := range authorities {
		keys[fmt.Sprintf("V9%02d", i)] = key
	}
	told, err := receiver.Start(t.Context(), receiver.Options{Keys: keys, Clock: clk.Now, Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	t.Cleanup(func() { must(t, told.Close()) })
	numbers := children(t, books, authorities, told.URL)

	webhook := &notify.Webhook{Secrets: func(string) [][]byte { return [][]byte{key} }, Clock: clk.Now}
	hubs := []*bench{besides(t, books, ca, clk, webhook), besides(t, openPostgres(t, dsn, true), ca, clk, webhook)}
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
				at := []*bench{hubs[i%2]}
				if i%8 == 0 {
					at = hubs
				}
				var both sync.WaitGroup
				for _, b := range at {
					req := x.request(nurse, careTeam, about(number), id)
					both.Go(func() {
						if status, body := b.ask(req); status != http.StatusOK || plansIn(body) != 1 {
							t.Errorf("opening %d: %d %s", i, status, body)
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
	must(t, told.Await(await, openings))
	stop()
	running.Wait() // and with it the last delivery is on record

	accesses, err := books.Accesses(t.Context(), numbers, 2*openings)
	must(t, err)
	requests := make(map[string]bool)
	for _, a := range accesses {
		requests[a.RequestID] = true
	}
	if len(accesses) != openings || len(requests) != openings {
		t.Errorf("%d accesses of %d requests, want %d", len(accesses), len(requests), openings)
	}
	notifications, err := books.Notifications(t.Context(), store.NotificationQuery{State: store.Delivered})
	must(t, err)
	ids := make(map[string]bool)
	for _, n := range notifications {
		ids[n.ID] = true
	}
	if len(ids) != openings {
		t.Errorf("%d notifications are delivered, want %d", len(ids), openings)
	}
	received := told.Received()
	for _, n := range received {
		if n.Deliveries != 1 || !ids[n.ID] {
			t.Errorf("webhook %s came %d times", n.ID, n.Deliveries)
		}
	}
	if refused := told.Refused(); len(received) != openings || len(refused) != 0 {
		t.Errorf("%d webhooks received, want %d; %d refused", len(received), openings, len(refused))
	}
	if _, err := audit.Verify(t.Context(), books); err != nil {
		t.Error(err)
	}
}

// TestNoAnsweredOpeningIsLostWhenThePrimaryIs kills the primary under load, at a moment when its standby is behind,
// and promotes the standby, which every answer had waited for. Whoever gets no answer asks again with the same id, as
// the terminal does.
func TestNoAnsweredOpeningIsLostWhenThePrimaryIs(t *testing.T) {
	const clients, before, after = 8, 80, 80
	primary := postgrestest.Start(t, labpg.Options{Durable: true})
	dsn := postgrestest.Schema(t, primary)
	fillBooks(t, openPostgres(t, dsn, false))
	standby, err := primary.Standby(t.Context())
	must(t, err)
	t.Cleanup(standby.Stop)
	must(t, primary.Synchronous(t.Context()))

	either := strings.Replace(dsn, "host="+primary.Socket(), "port=5432,5432 target_session_attrs=read-write host="+primary.Socket()+","+standby.Socket(), 1)
	b := besides(t, openPostgres(t, either, false), newAuthority(t, "Sub CA"), &clock{now: start}, silence{})

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var mu sync.Mutex
	answered := make(map[string]bool)
	unanswered := 0
	enough := make(chan int, 1) // how many are answered, the latest
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
						t.Errorf("an opening that could not be: %d %s", status, body)
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
				t.Fatalf("not in time: %d openings\n%s", want, b.log.String())
			}
		}
	}
	reach(before)
	must(t, primary.Cut(t.Context()))
	mu.Lock()
	cut := len(answered)
	mu.Unlock()
	// Now commits wait for the standby. Answers that did not would go on, and be lost.
	for waiting := 0; waiting == 0; {
		waiting, err = primary.Waiting(t.Context())
		must(t, err)
		select {
		case n := <-enough:
			if n > cut+clients {
				t.Fatal("answers leave that no standby has")
			}
		case <-deadline:
			t.Fatal("not in time: a commit that waits for the standby")
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
		if !slices.ContainsFunc(notifications, func(n store.Notification) bool { return strings.Contains(string(n.Body), a.ID) }) {
			t.Errorf("nobody is told of access %s", a.ID)
		}
	}
	for id := range answered {
		if times[id] != 1 {
			t.Errorf("opening %s was answered and left %d accesses", id, times[id])
		}
	}
	if len(notifications) != len(accesses) {
		t.Errorf("%d accesses, %d notifications", len(accesses), len(notifications))
	}
	if _, err := audit.Verify(t.Context(), promoted); err != nil {
		t.Error(err)
	}
	t.Logf("%d openings answered, %d requests without an answer", len(answered), unanswered)
}
