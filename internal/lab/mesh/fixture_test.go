package mesh_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"wardlight/hub/notify"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/internal/lab/mesh"
)

const (
	ours, theirs = "X26HC001", "V999OT001"
	day          = 24 * time.Hour
)

// testHub is a hub's outbox and an exchange in a bubble of testing/synctest, in which time advances when all goroutines
// wait.
type testHub struct {
	t        *testing.T
	store    *sqlite.Store
	exchange *mesh.Exchange
	log      *logged
	ahead    atomic.Int64 // how far now is ahead of the bubble's clock, in nanoseconds

	mu      sync.Mutex
	between func(*http.Request, *http.Response) error // called with each response; nil for none
	before  func(*http.Request) error                 // called before each request; nil for none
}

func newFixture(t *testing.T) *testHub {
	t.Helper()
	ledger, err := sqlite.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ledger.Close() })
	if err := ledger.PutAuthority(t.Context(), store.Authority{Code: "V999", Name: "EXAMPLESHIRE", Endpoint: "mesh:" +
		theirs}); err != nil {
		t.Fatal(err)
	}
	w := &testHub{t: t, store: ledger, log: &logged{}}
	w.exchange = mesh.NewExchange([]byte("key"), w.now, mesh.Mailbox{ID: ours}, mesh.Mailbox{ID: theirs})
	return w
}

// now returns the time of the hub and the exchange.
func (w *testHub) now() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }

// skip advances the time without running timers.
func (w *testHub) skip(d time.Duration) { w.ahead.Add(int64(d)) }

// RoundTrip passes a request to the exchange without a network.
func (w *testHub) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.before != nil {
		if err := w.before(r); err != nil {
			return nil, err
		}
	}
	defer func() {
		if recover() != nil {
			resp, err = nil, errors.New("connection reset")
		}
	}()
	answer := httptest.NewRecorder()
	w.exchange.ServeHTTP(answer, r)
	resp = answer.Result()
	if w.between != nil {
		err = w.between(r, resp)
	}
	return resp, err
}

// on sets the functions that are called for each request and response.
func (w *testHub) on(before func(*http.Request) error, between func(*http.Request, *http.Response) error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.before, w.between = before, between
}

func (w *testHub) mesh() *notify.MESH {
	return &notify.MESH{
		URL: "https://mesh.example", Mailbox: ours, Key: []byte("key"), Client: &http.Client{Transport: w},
		Clock: w.now, NewID: uuid.NewString,
		Log: slog.New(slog.DiscardHandler),
	}
}

// runs delivers the outbox and reads the inbox until the test ends.
func (w *testHub) runs(outbox store.Outbox) {
	log := slog.New(slog.NewTextHandler(w.log, nil))
	ctx, stop := context.WithCancel(w.t.Context())
	var all sync.WaitGroup
	all.Go(func() { notify.NewDispatcher(outbox, w.mesh(), w.now, time.After, log).Run(ctx) })
	all.Go(func() { notify.NewInbox(w.mesh(), outbox, w.now, time.After, log).Run(ctx) })
	w.t.Cleanup(func() { stop(); all.Wait() })
	synctest.Wait()
}

// queueNotification adds a notification to the outbox.
func (w *testHub) queueNotification(id string) {
	w.t.Helper()
	if _, err := w.store.Commit(w.t.Context(), []*store.Entry{{Opening: &store.Opening{
		Person: "s", RequestID: id, Answer: []byte("{}"),
		Notifications: []store.Notification{{
			ID: id, Authority: "V999", Body: []byte("{}"), Created: w.now(),
			NextAttempt: w.now(),
		}},
	}}}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *testHub) replay(id string) {
	w.t.Helper()
	if err := w.store.Revive(w.t.Context(), id, w.now()); err != nil {
		w.t.Fatal(err)
	}
}

// is checks the state and the last error of a notification.
func (w *testHub) is(id string, want store.NotificationState, says string) {
	w.t.Helper()
	n, err := w.store.Notification(w.t.Context(), id)
	if err != nil || n.State() != want || n.LastError != says {
		w.t.Errorf("notification %s = %s, %q, %v, want %s, %q", id, n.State(), n.LastError, err, want, says)
	}
}

// logs checks how many lines of the log contain the words.
func (w *testHub) logs(words string, want int) {
	w.t.Helper()
	if got := strings.Count(w.log.String(), words); got != want {
		w.t.Errorf("got %d lines with %q, want %d:\n%s", got, words, want, w.log.String())
	}
}

// reports returns the reports that the exchange has created.
func (w *testHub) reports() (all []mesh.Message) {
	for _, m := range w.exchange.Messages() {
		if m.Report != nil {
			all = append(all, m)
		}
	}
	return all
}

// acknowledged checks how many reports there are, and how many of them the hub has acknowledged.
func (w *testHub) acknowledged(want, of int) {
	w.t.Helper()
	all, got := w.reports(), 0
	for _, m := range all {
		if m.Acknowledged {
			got++
		}
	}
	if got != want || len(all) != of {
		w.t.Errorf("got %d of %d reports acknowledged, want %d of %d", got, len(all), want, of)
	}
}

// pass advances the time by d and waits until all goroutines are idle.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// logged is a log buffer that is safe for concurrent use.
type logged struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// collect acknowledges all messages in the council's inbox.
func (w *testHub) collect() {
	w.t.Helper()
	council := *w.mesh()
	council.Mailbox = theirs
	for _, m := range w.exchange.Messages() {
		if m.To != theirs || m.Undelivered {
			continue
		}
		r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPut, "/messageexchange/"+theirs+"/inbox/"+m.ID+
			"/status/acknowledged", nil)
		r.Header.Set("Authorization", notify.MESHToken(theirs, nil, []byte("key"), uuid.NewString(), 0, w.now()))
		answer := httptest.NewRecorder()
		w.exchange.ServeHTTP(answer, r)
		if answer.Code != http.StatusOK {
			w.t.Errorf("acknowledge by the council: status %d, want 200", answer.Code)
		}
	}
}

// forgetfulOutbox is an outbox that fails to record deliveries while a flag is set.
type forgetfulOutbox struct {
	*sqlite.Store
	mu      sync.Mutex
	forgets bool
}

func (f *forgetfulOutbox) set(forgets bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.forgets = forgets
}

func (f *forgetfulOutbox) Delivered(ctx context.Context, id, receipt string, at time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.forgets {
		return errors.New("disk full")
	}
	return f.Store.Delivered(ctx, id, receipt, at)
}
