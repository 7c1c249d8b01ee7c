package hub_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"wardlight/hub"
	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	labpg "wardlight/internal/lab/postgres"
	"wardlight/internal/lab/postgres/postgrestest"
	"wardlight/internal/nhs"
	"wardlight/internal/translog"
	"wardlight/rbac"
)

// treeLog is a folder of checkpoints of a log's tree, with its key.
type treeLog struct {
	*audit.TreeFile
	t      *testing.T
	folder string

	private string

	mu    sync.Mutex
	full  error  // the folder cannot be written
	after func() // called after each Append; may be nil
}

func newTreeLog(t *testing.T, name string) *treeLog {
	t.Helper()
	private, _, err := audit.NewCheckpointKey(rand.Reader, name)
	must(t, err)
	return treeLogOf(t, private)
}

// treeLogOf returns a new folder with that key.
func treeLogOf(t *testing.T, private string) *treeLog {
	t.Helper()
	l := &treeLog{t: t, folder: t.TempDir(), private: private}
	var err error
	l.TreeFile, err = audit.OpenTreeFile(l.folder, private)
	must(t, err)
	return l
}

func (l *treeLog) Append(n audit.TreeNote) (bool, error) {
	if l.after != nil {
		defer l.after()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.full != nil {
		return false, l.full
	}
	return l.TreeFile.Append(n)
}

func (l *treeLog) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.full = err
}

// notes returns the signed checkpoints in the file.
func (l *treeLog) notes() (all []string) {
	l.t.Helper()
	text, err := os.ReadFile(filepath.Join(l.folder, audit.TreeFileName))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	must(l.t, err)
	parts := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n\n")
	for i := 0; i+1 < len(parts); i += 2 {
		all = append(all, parts[i]+"\n\n"+parts[i+1]+"\n")
	}
	return all
}

// checkpoints returns the checkpoints in the file, whose signatures it verifies.
func (l *treeLog) checkpoints() (all []translog.Checkpoint) {
	l.t.Helper()
	for _, n := range l.notes() {
		c, _, err := translog.OpenCheckpoint([]byte(n), l.Verifier())
		must(l.t, err)
		all = append(all, c)
	}
	return all
}

// hasSize returns a function that reports whether the last checkpoint has that size.
func (l *treeLog) hasSize(size int64) func() bool {
	return func() bool {
		last, _, err := l.Last()
		must(l.t, err)
		return last.N == size
	}
}

// run runs the hub until the test or the returned function ends it.
func (b *fixture) run() (stop func()) {
	ctx, cancel := context.WithCancel(b.t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = b.hub.Run(ctx)
	}()
	stop = func() {
		cancel()
		<-ended
	}
	b.t.Cleanup(stop)
	return stop
}

// logging returns a hub that signs a checkpoint of the tree for each record, and looks often for new ones.
func logging(t *testing.T, s store.Store, l *treeLog, change ...func(*hub.Config)) *fixture {
	t.Helper()
	return besides(t, s, newAuthority(t, "Sub CA"), &clock{now: start}, silence{},
		append([]func(*hub.Config){func(c *hub.Config) {
			c.Tree, c.CheckpointEvery = l, 1
			c.After = func(time.Duration) <-chan time.Time { return time.After(time.Millisecond) }
		}}, change...)...)
}

// logs returns a function that reports whether the log has those words.
func (b *fixture) logs(words string) func() bool {
	return func() bool { return strings.Contains(b.log.String(), words) }
}

const treeTampered = "ALARM: the audit was tampered with: its tree"

// database is an empty database of an engine.
type database struct {
	open   func() store.Store     // opens it, as another hub or an operator's command does
	tamper func(statement string) // runs a statement without the hub; no trigger stops it
}

func sqliteDatabase(t *testing.T) database {
	folder := t.TempDir()
	return database{func() store.Store {
		s, err := sqlite.Open(t.Context(), folder)
		must(t, err)
		t.Cleanup(func() { must(t, s.Close()) })
		return s
	}, func(statement string) {
		db, err := sql.Open("sqlite", filepath.Join(folder, "ledger.db")+"?_pragma=busy_timeout(5000)")
		must(t, err)
		defer db.Close() //nolint:errcheck // the statement was committed
		rows, err := db.QueryContext(t.Context(),
			"SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('audit', 'tree')")
		must(t, err)
		drop := ""
		for rows.Next() {
			var name string
			must(t, rows.Scan(&name))
			drop += "DROP TRIGGER " + name + "; "
		}
		must(t, errors.Join(rows.Err(), rows.Close()))
		_, err = db.ExecContext(t.Context(), drop+statement)
		must(t, err)
	}}
}

func postgresDatabase(t *testing.T, server *labpg.Server) database {
	dsn := postgrestest.Schema(t, server)
	return database{func() store.Store { return openPostgres(t, dsn, true) }, func(statement string) {
		conn, err := pgx.Connect(t.Context(), dsn)
		must(t, err)
		defer conn.Close(t.Context()) //nolint:errcheck // the statement was committed
		for _, s := range []string{
			"ALTER TABLE audit DISABLE TRIGGER USER", "ALTER TABLE tree DISABLE TRIGGER USER", statement,
		} {
			_, err = conn.Exec(t.Context(), s)
			must(t, err)
		}
	}}
}

// TestTree tests what hubs do with the audit's tree. The PostgreSQL server is started once.
func TestTree(t *testing.T) {
	tests := map[string]func(*testing.T, database){
		"checkpoints are written":         treeCheckpoints,
		"receipts":                        treeReceipts,
		"the folder cannot be written":    treeFolderFull,
		"the audit was tampered with":     treeOfAuditTamperedWith,
		"the end of the tree was cut off": treeTamperedWith("DELETE FROM tree WHERE size = 3"),
		"a row of the tree was removed":   treeTamperedWith("DELETE FROM tree WHERE size = 2"),
		"a record was changed":            treeTamperedWith("UPDATE audit SET outcome = 'refused' WHERE seq = 3"),
		"a leaf of the tree was changed": treeTamperedWith(
			"UPDATE tree SET hashes = (SELECT hashes FROM tree WHERE size = 1) WHERE size = 3"),
	}
	t.Run("SQLite", func(t *testing.T) {
		for name, test := range tests {
			t.Run(name, func(t *testing.T) { test(t, sqliteDatabase(t)) })
		}
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		server := postgrestest.Start(t, labpg.Options{})
		for name, test := range tests {
			t.Run(name, func(t *testing.T) { test(t, postgresDatabase(t, server)) })
		}
	})
}

func treeCheckpoints(t *testing.T, d database) {
	s, l := d.open(), newTreeLog(t, "hub.example")
	fillStore(t, s)
	b := logging(t, s, l)
	stop := b.run()
	x := b.signIn()
	waitUntil(t, "the sign-in has a checkpoint", l.hasSize(1))
	for range 3 {
		x.get(nurse, flag, about(tess))
	}
	waitUntil(t, "the checks have a checkpoint", l.hasSize(4))
	stop()

	b = logging(t, s, l) // it continues where the other one ended
	b.run()
	b.signIn()
	waitUntil(t, "the next hub has written a checkpoint", b.logs(`"records":5,"checkpoint":"hub.example/tree\n5\n`))

	all := l.checkpoints()
	for i := 1; i < len(all); i++ {
		older, newer := all[i-1], all[i]
		p, err := audit.TreeConsistency(t.Context(), s, older.N, newer.N)
		must(t, err)
		if err := tlog.CheckTree(p, newer.N, newer.Hash, older.N, older.Hash); err != nil {
			t.Errorf("checkpoint of size %d after size %d: got error %v, want none", newer.N, older.N, err)
		}
	}
	if last := all[len(all)-1]; last.Origin != "hub.example/tree" || last.N != 5 {
		t.Errorf("last checkpoint: got %+v, want size 5 of hub.example/tree", last)
	}
	if b.logs("ALARM")() {
		t.Errorf("got an alarm, want none: %s", b.log)
	}
}

// treeOfAuditTamperedWith cuts off the end of the audit while the hub runs. The next hub finds it, too.
func treeOfAuditTamperedWith(t *testing.T, d database) {
	s, l := d.open(), newTreeLog(t, "hub.example")
	fillStore(t, s)
	b := logging(t, s, l)
	stop := b.run()
	x := b.signIn()
	for range 2 {
		x.get(nurse, flag, about(tess))
	}
	waitUntil(t, "the checks have a checkpoint", l.hasSize(3))
	d.tamper("DELETE FROM audit WHERE seq = 3")
	waitUntil(t, "the log has an alarm", b.logs(treeTampered))
	stop()

	b = logging(t, s, l)
	b.run()
	if r := b.signIn().get(nurse, flag, about(tess)); r.status != http.StatusOK {
		t.Errorf("lamp: got status %d, want 200", r.status)
	}
	waitUntil(t, "the next hub's log has an alarm", b.logs(treeTampered))
	if !l.hasSize(3)() {
		t.Errorf("got checkpoints %+v, want none after size 3", l.checkpoints())
	}
}

// treeTamperedWith returns a test of what somebody with access to the database does. It is found before the next
// checkpoint is signed.
func treeTamperedWith(statement string) func(*testing.T, database) {
	return func(t *testing.T, d database) {
		s, l := d.open(), newTreeLog(t, "hub.example")
		fillStore(t, s)
		b := logging(t, s, l)
		stop := b.run()
		x := b.signIn()
		x.get(nurse, flag, about(tess))
		waitUntil(t, "the check has a checkpoint", l.hasSize(2))
		stop()

		x.get(nurse, flag, about(tess)) // not covered by a checkpoint
		d.tamper(statement)
		b = logging(t, s, l)
		b.run()
		waitUntil(t, "the log has an alarm", b.logs(treeTampered))
		if !l.hasSize(2)() {
			t.Errorf("got checkpoints %+v, want none after size 2", l.checkpoints())
		}
	}
}

func treeFolderFull(t *testing.T, d database) {
	s, l := d.open(), newTreeLog(t, "hub.example")
	fillStore(t, s)
	l.fail(errors.New("no space left"))
	b := logging(t, s, l)
	b.run()
	x := b.signIn()
	waitUntil(t, "the log has an alarm", b.logs("ALARM: a checkpoint of the audit's tree could not be written."))
	if r := x.get(nurse, flag, about(tess)); r.status != http.StatusOK {
		t.Errorf("lamp: got status %d, want 200", r.status)
	}
	l.fail(nil)
	waitUntil(t, "checkpoints can be written", l.hasSize(2))
	waitUntil(t, "the log says so", b.logs("Checkpoints of the audit's tree can be written again."))
}

// receiptOf returns the receipt of the request with that id, or the status of another answer.
func (x *terminal) receiptOf(urid, id string, change ...func(*http.Request)) (r translog.Receipt, status int) {
	x.b.t.Helper()
	got := x.get(urid, "/audit/receipts/"+id, nil, change...)
	if got.status == http.StatusOK {
		var err error
		r, err = translog.ParseReceipt([]byte(got.body))
		must(x.b.t, err)
	}
	return r, got.status
}

// treeReceipts asks for the receipts of checks and openings, first without a stored checkpoint, and then with one.
func treeReceipts(t *testing.T, d database) {
	s, l := d.open(), newTreeLog(t, "hub.example")
	fillStore(t, s)
	b := logging(t, s, l)
	x := b.signIn()
	lamp, opening, silent, history, denied := uuid.NewString(), uuid.NewString(), uuid.NewString(), uuid.NewString(),
		uuid.NewString()
	x.get(nurse, flag, about(tess), header("X-Request-ID", lamp))
	for range 2 { // the second answer is the first one, stored
		x.get(nurse, careTeam, about(tess), header("X-Request-ID", opening))
	}
	x.get(gp, careTeam, about(tess), header("X-Request-ID", silent), scheduled)
	x.get(nurse, events, about(tess), header("X-Request-ID", history))
	x.get(clerk, flag, about(tess), header("X-Request-ID", denied))

	check := func(when string) {
		t.Helper()
		for _, c := range []struct {
			role, id, action, outcome string
			seq                       int64
			change                    []func(*http.Request)
		}{
			{nurse, lamp, "see whether there is an alert", "granted", 2, nil},
			{nurse, opening, "open an alert", "granted", 3, nil},
			{gp, silent, "open an alert in scheduled care", "granted", 5, []func(*http.Request){scheduled}},
			{nurse, denied, "see whether there is an alert", "refused", 7, nil},
		} {
			r, status := x.receiptOf(c.role, c.id, c.change...)
			at, _, err := r.Verify(l.Verifier())
			if status != http.StatusOK || err != nil || r.Record.Seq != c.seq || r.Record.Action != c.action ||
				r.Record.Outcome != c.outcome || r.Record.RequestID != c.id || r.Record.Person != nurseUUID ||
				!slices.Equal(r.Record.Patients, []string{tess.Digits()}) {
				t.Errorf("%s, receipt of %s: got status %d, record %+v, error %v; want record %d, %s", when, c.action,
					status, r.Record, err, c.seq, c.outcome)
			}
			if last, _, err := l.Last(); err != nil || last.N > 0 && at != last.Checkpoint {
				t.Errorf("%s, receipt of %s: got checkpoint %+v, want the stored one: %+v", when, c.action, at, last)
			}
		}
	}
	check("without a checkpoint")
	all := recordsOf(t, s, 0)
	if last := all[len(all)-1]; last.Action != audit.ReadReceipt || !slices.Equal(last.Patients, []nhs.Number{tess}) {
		t.Errorf("got the last audit record %+v, want that of the receipt with its patient", last)
	}

	stop := b.run()
	waitUntil(t, "the requests have a checkpoint", l.hasSize(int64(len(all))))
	stop() // so that the checkpoint stays the last one
	check("with a checkpoint")

	const elsewhere = "999000001444"
	p, err := s.Person(t.Context(), nurseUUID)
	must(t, err)
	p.Roles = append(p.Roles, store.Role{OrgID: "999000000998", RoleProfile: rbac.RoleProfile{
		URID: elsewhere, JobRole: "S8000:G8000:R8001", JobName: "Nurse Access Role", OrgODS: "RX2", OrgName: "ANOTHER",
		Activities: []rbac.ActivityCode{rbac.Trace, rbac.ViewAlert},
	}})
	must(t, s.PutPerson(t.Context(), p))
	eve := b.terminal()
	eve.begin(eve.try(b.other(), of(otherUUID)))
	for name, c := range map[string]struct {
		as       *terminal
		role, id string
	}{
		"another person":          {eve, otherURID, lamp},
		"another organisation":    {x, elsewhere, lamp},
		"another kind of request": {x, nurse, history},
		"an id that nobody used":  {x, nurse, uuid.NewString()},
		"the id of a role":        {x, nurse, nurse},
	} {
		if _, status := c.as.receiptOf(c.role, c.id); status != http.StatusNotFound {
			t.Errorf("receipt for %s: got status %d, want 404", name, status)
		}
	}
	if a, err := s.Accesses(t.Context(), []nhs.Number{tess}, 10); err != nil || len(a) != 1 {
		t.Errorf("got %d accesses, error %v; want that of the opening only", len(a), err)
	}
}
