package hub_test

import (
	"context"
	"database/sql"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/hub"
	"wardlight/hub/limit"
	"wardlight/hub/notify"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/internal/nhs"
)

// issuer is the public URL of the hubs in these tests; the test server's own address does not matter.
const issuer = "https://hub.example"

// start is when these tests begin: an afternoon on which it is summer time in the United Kingdom.
var start = time.Date(2026, 7, 15, 13, 0, 0, 0, time.UTC)

// clock is a clock that goes when it is told to.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// bench is a hub with everything around it.
type bench struct {
	t      testing.TB
	folder string
	clock  *clock
	ca     *authority
	store  store.Store // what the hub uses
	sqlite *sqlite.Store
	hub    *hub.Hub
	server *httptest.Server
	log    *lockedBuffer
	by     func(*http.Request) // the way that requests take; nil for the straight one
}

// opener makes a bench, with nothing between the tests and the hub or with something.
type opener func(testing.TB, ...option) *bench

// option changes a bench before its hub is made.
type option func(*bench, *hub.Config)

// over puts something between the hub and its store.
func over(wrap func(store.Store) store.Store) option {
	return func(b *bench, c *hub.Config) {
		c.Store = wrap(c.Store)
		b.store = c.Store
	}
}

// between puts a store that the test has in hand between the hub and its store, which becomes the one beneath.
func between(s store.Store, beneath *store.Store) option {
	return over(func(hubs store.Store) store.Store {
		*beneath = hubs
		return s
	})
}

func newBench(t testing.TB, options ...option) *bench {
	t.Helper()
	return newBenchIn(t, t.TempDir(), options...)
}

// newBenchIn is newBench with the books in that folder.
func newBenchIn(t testing.TB, folder string, options ...option) *bench {
	t.Helper()
	b := &bench{t: t, folder: folder, clock: &clock{now: start}, ca: newAuthority(t, "Sub CA"), log: &lockedBuffer{}}
	b.open(options...)
	t.Cleanup(b.close)
	b.fill()
	return b
}

func (b *bench) open(options ...option) {
	b.t.Helper()
	s, err := sqlite.Open(b.t.Context(), b.folder)
	must(b.t, err)
	b.sqlite, b.store = s, s
	c := hub.Config{
		Store: s, CA: b.ca.cas(), Issuer: issuer, Clock: b.clock.Now, Transport: silence{},
		Log: slog.New(slog.NewJSONHandler(b.log, nil)), Limits: &limit.Config{},
	}
	for _, o := range options {
		o(b, &c)
	}
	b.hub, err = hub.New(c)
	must(b.t, err)
	b.server = httptest.NewServer(b.hub.Handler())
}

func (b *bench) close() {
	b.server.Close()
	b.checkNotifications()
	must(b.t, b.sqlite.Close())
}

// checkNotifications holds what authorities were told, or would be, to FHIR R4. A test may have closed the store
// already.
func (b *bench) checkNotifications() {
	all, err := b.sqlite.Notifications(context.Background(), store.NotificationQuery{})
	if err != nil {
		return
	}
	for _, n := range all {
		if len(n.Body) > 0 { // it is not kept for ever
			emitted.Check(b.t, n.Body)
		}
	}
}

// restart opens the same files again, as after a crash.
func (b *bench) restart(options ...option) {
	b.t.Helper()
	b.close()
	b.open(options...)
}

// lockedBuffer is a log that may be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// silence is a transport for tests in which nobody delivers.
type silence struct{}

func (silence) Deliver(context.Context, notify.Message) (string, error) { return "", nil }

// left is what stands in the ledger about a patient.
func (b *bench) left(n nhs.Number) (accesses []store.Access, notifications []store.Notification) {
	b.t.Helper()
	accesses, err := b.sqlite.Accesses(b.t.Context(), []nhs.Number{n}, 100)
	must(b.t, err)
	notifications, err = b.sqlite.Notifications(b.t.Context(), store.NotificationQuery{})
	must(b.t, err)
	return accesses, notifications
}

// database is the ledger's file.
func (b *bench) database() *sql.DB {
	b.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(b.folder, "ledger.db")+"?_pragma=busy_timeout(5000)")
	must(b.t, err)
	return db
}

// tryExec changes the ledger behind the hub's back, as somebody with the file could.
func (b *bench) tryExec(statement string) error {
	db := b.database()
	defer db.Close() //nolint:errcheck // the change is made
	_, err := db.ExecContext(b.t.Context(), statement)
	return err
}

func (b *bench) exec(statement string) {
	b.t.Helper()
	must(b.t, b.tryExec(statement))
}

// trail is the whole audit.
func (b *bench) trail() []store.AuditRecord {
	b.t.Helper()
	var all []store.AuditRecord
	must(b.t, b.sqlite.AuditTrail(b.t.Context(), 1, func(r store.AuditRecord) error {
		all = append(all, r)
		return nil
	}))
	return all
}
