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

// issuer is the public URL of the hubs in these tests. It differs from the test server's address.
const issuer = "https://hub.example"

// start is the initial time of the tests' clocks. It is in British Summer Time.
var start = time.Date(2026, 7, 15, 13, 0, 0, 0, time.UTC)

// clock is a clock that only Add advances.
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

// fixture is a hub with a store, a CA, a clock and an HTTP server.
type fixture struct {
	t      testing.TB
	folder string
	clock  *clock
	ca     *authority
	store  store.Store // the store that the hub uses
	sqlite *sqlite.Store
	hub    *hub.Hub
	server *httptest.Server
	log    *lockedBuffer
	by     func(*http.Request) // changes a request before it is sent; may be nil
}

// opener returns a new bench, whose requests may pass through a proxy.
type opener func(testing.TB, ...option) *fixture

// option changes a bench before its hub is created.
type option func(*fixture, *hub.Config)

// over returns an option that wraps the hub's store.
func over(wrap func(store.Store) store.Store) option {
	return func(b *fixture, c *hub.Config) {
		c.Store = wrap(c.Store)
		b.store = c.Store
	}
}

// between returns an option that makes s the hub's store and assigns the previous store to beneath.
func between(s store.Store, beneath *store.Store) option {
	return over(func(hubs store.Store) store.Store {
		*beneath = hubs
		return s
	})
}

func newFixture(t testing.TB, options ...option) *fixture {
	t.Helper()
	return newFixtureIn(t, t.TempDir(), options...)
}

// newFixtureIn returns a bench with its store in that folder.
func newFixtureIn(t testing.TB, folder string, options ...option) *fixture {
	t.Helper()
	b := &fixture{t: t, folder: folder, clock: &clock{now: start}, ca: newAuthority(t, "Sub CA"), log: &lockedBuffer{}}
	b.open(options...)
	t.Cleanup(b.close)
	b.fill()
	return b
}

func (b *fixture) open(options ...option) {
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

func (b *fixture) close() {
	b.server.Close()
	b.checkNotifications()
	must(b.t, b.sqlite.Close())
}

// checkNotifications validates the stored notifications as FHIR R4. It does nothing if the test has closed the store.
func (b *fixture) checkNotifications() {
	all, err := b.sqlite.Notifications(context.Background(), store.NotificationQuery{})
	if err != nil {
		return
	}
	for _, n := range all {
		if len(n.Body) > 0 { // bodies are deleted in time
			emitted.Check(b.t, n.Body)
		}
	}
}

// restart opens the same store again with a new hub, as after a crash.
func (b *fixture) restart(options ...option) {
	b.t.Helper()
	b.close()
	b.open(options...)
}

// lockedBuffer is a log that can be read while it is written.
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

// silence is a transport for tests without deliveries.
type silence struct{}

func (silence) Deliver(context.Context, notify.Message) (string, error) { return "", nil }

// left returns the accesses and notifications in the store for a patient.
func (b *fixture) left(n nhs.Number) (accesses []store.Access, notifications []store.Notification) {
	b.t.Helper()
	accesses, err := b.sqlite.Accesses(b.t.Context(), []nhs.Number{n}, 100)
	must(b.t, err)
	notifications, err = b.sqlite.Notifications(b.t.Context(), store.NotificationQuery{})
	must(b.t, err)
	return accesses, notifications
}

// database opens the ledger's SQLite file.
func (b *fixture) database() *sql.DB {
	b.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(b.folder, "ledger.db")+"?_pragma=busy_timeout(5000)")
	must(b.t, err)
	return db
}

// tryExec runs a statement on the ledger's file without the hub, as an attacker with access to the file could.
func (b *fixture) tryExec(statement string) error {
	db := b.database()
	defer db.Close() //nolint:errcheck // errors of the statement are returned
	_, err := db.ExecContext(b.t.Context(), statement)
	return err
}

func (b *fixture) exec(statement string) {
	b.t.Helper()
	must(b.t, b.tryExec(statement))
}

// trail returns all audit records.
func (b *fixture) trail() []store.AuditRecord {
	b.t.Helper()
	var all []store.AuditRecord
	must(b.t, b.sqlite.AuditTrail(b.t.Context(), 1, func(r store.AuditRecord) error {
		all = append(all, r)
		return nil
	}))
	return all
}
