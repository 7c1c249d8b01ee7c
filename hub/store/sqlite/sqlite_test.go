package sqlite

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	driver "modernc.org/sqlite"

	"wardlight/hub/store"
	"wardlight/hub/store/scan"
	"wardlight/hub/store/storetest"
	"wardlight/internal/nhs"
)

func TestConformance(t *testing.T) {
	var all []*Store
	storetest.Run(t, func(t *testing.T) func() store.Store {
		folder := t.TempDir()
		return func() store.Store {
			s := open(t, folder)
			all = append(all, s)
			return s
		}
	})

	// SQLite re-prepares a statement for each value of a bare LIKE ? or LIMIT ?.
	asked := 0
	for _, s := range all {
		for _, f := range []*file{s.people, s.ledger} {
			for query := range f.reads {
				asked++
				if strings.Contains(query, "LIKE ?") || strings.Contains(query, "LIMIT ?") {
					t.Errorf("prepared a statement with a bare LIKE ? or LIMIT ?: %s", query)
				}
			}
		}
	}

	if asked == 0 {
		t.Error("no statement was prepared")
	}
}

func open(t *testing.T, folder string) *Store {
	t.Helper()
	s, err := Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestThePragmasThatDurabilityRestsOn checks every connection, because a pragma applies to one connection, and the
// drivers' defaults differ.
func TestThePragmasThatDurabilityRestsOn(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close() //nolint:errcheck // nothing was written

	for name, f := range map[string]*file{"people": s.people, "ledger": s.ledger} {
		for _, side := range []struct {
			db          *sql.DB
			connections int
			cache, only string
		}{{f.write, 1, "-16384", "0"}, {f.read, readers, "-8192", "1"}} {
			for range side.connections {
				c, err := side.db.Conn(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close() //nolint:errcheck // so that the next connection is another one

				for pragma, want := range map[string]string{
					"journal_mode": "wal", "synchronous": "2", "mmap_size": "0", "busy_timeout": "5000",
					"foreign_keys":   "1",
					"trusted_schema": "0", "cache_size": side.cache, "query_only": side.only,
				} {
					var got string
					if err := c.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil &&
						!errors.Is(err, sql.ErrNoRows) {
						t.Fatal(err)
					}
					if pragma == "mmap_size" && got == "" {
						got = "0" // a build without mmap returns no row
					}
					if got != want {
						t.Errorf("%s: pragma %s = %q, want %q", name, pragma, got, want)
					}
				}
			}
		}
	}
}

func TestTheFilesAreTheOwnersAlone(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new")
	s := open(t, folder)
	defer s.Close() //nolint:errcheck // nothing was written
	files, err := os.ReadDir(folder)
	if err != nil || len(files) < 2 {
		t.Fatalf("files in the folder: got %v, %v; want at least 2", files, err)
	}
	for _, f := range append(files, fs.FileInfoToDirEntry(stat(t, folder))) {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("mode of %s = %v, want access for the owner only", f.Name(), info.Mode())
		}
	}
}

func stat(t *testing.T, name string) fs.FileInfo {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func TestWhatIsAppendOnlyStaysSo(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close() //nolint:errcheck // the test is over
	entry := &store.Entry{Audit: store.AuditRecord{Action: "x"}, Opening: &store.Opening{
		Answer: []byte("{}"),
		Access: &store.Access{ID: "a", Number: "9990000018"},
	}}

	if _, err := s.Commit(t.Context(), []*store.Entry{entry}); err != nil {
		t.Fatal(err)
	}

	for _, change := range []string{
		"UPDATE audit SET action = 'y'", "DELETE FROM audit", "UPDATE access SET name = 'y'", "DELETE FROM access",
		`INSERT OR REPLACE INTO access (id, number, at, uuid, urid, name, job_role, job_name, org_ods, org_name,
				session, request_id)
			SELECT id, number, at, uuid, urid, name, job_role, job_name, org_ods, org_name, session, request_id FROM access`,
		`INSERT OR REPLACE INTO audit (seq, at, request_id, session, person, urid, org_ods, action, outcome, reason,
				patients, prev, hash, source)
			SELECT seq, at, request_id, session, person, urid, org_ods, action, outcome, reason, patients, prev, hash, source FROM audit`,
	} {
		if _, err := s.ledger.write.ExecContext(t.Context(), change); err == nil {
			t.Errorf("%s succeeded, want error", change)
		}
	}
}

func TestMigrations(t *testing.T) {
	one, two := &fstest.MapFile{Data: []byte("CREATE TABLE a (x)")}, &fstest.MapFile{Data: []byte("CREATE TABLE b (x)")}
	scripts := func(files map[string]*fstest.MapFile) fs.FS { return fstest.MapFS(files) }
	ctx := context.Background()
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // the test is over

	steps := []struct {
		name  string
		files map[string]*fstest.MapFile
		fails string
	}{
		{"the first", map[string]*fstest.MapFile{"m/0001_a.sql": one}, ""},
		{"the same again", map[string]*fstest.MapFile{"m/0001_a.sql": one}, ""},
		{"one that fails", map[string]*fstest.MapFile{
			"m/0001_a.sql": one,
			"m/0002_b.sql": {Data: []byte("CREATE TABLE c (x); rubbish")},
		}, "0002_b.sql"},
		{"the next", map[string]*fstest.MapFile{"m/0001_a.sql": one, "m/0002_b.sql": two}, ""},
		{"an older version of the hub", map[string]*fstest.MapFile{"m/0001_a.sql": one}, "newer hub"},
		{"one that was changed", map[string]*fstest.MapFile{"m/0001_a.sql": two, "m/0002_b.sql": two}, "0001_a.sql"},
		{"one that was renamed", map[string]*fstest.MapFile{"m/0001_z.sql": one, "m/0002_b.sql": two}, "0001_z.sql"},
	}

	for _, s := range steps {
		err := migrate(ctx, db, scripts(s.files), "m")
		if (err == nil) != (s.fails == "") || err != nil && !strings.Contains(err.Error(), s.fails) {
			t.Errorf("%s: migrate returned %v, want error %q", s.name, err, s.fails)
		}
	}

	var half int
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE name = 'c'`).Scan(&half); err != nil ||
		half != 0 {
		t.Errorf("a failed migration left its first half: got %d tables, error %v; want none", half, err)
	}
}

// planOf returns SQLite's query plan of a statement.
func planOf(t *testing.T, db *sql.DB, query string, args ...any) []string {
	t.Helper()
	plan, err := list(t.Context(), db, func(r *sql.Rows) (line string, err error) {
		var a, b, c int
		return line, r.Scan(&a, &b, &c, &line)
	}, "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestASearchUsesItsIndex(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close() //nolint:errcheck // the test is over
	day := nhs.Date{Year: 2016, Month: 3, Day: 4}
	email := []store.MarkQuery{{Kind: store.Email, Value: "tess@x.example"}}
	for name, c := range map[string]struct {
		q     store.PatientQuery
		index string
	}{
		"exact": {
			store.PatientQuery{Family: "smith", Born: store.Span{From: day, To: day}},
			"name_by_family",
		},
		"wildcard, one day": {
			store.PatientQuery{Family: "sm*", Born: store.Span{From: day, To: day}},
			"name_by_born",
		},
		"wildcard, a year": {store.PatientQuery{
			Family: "sm*",
			Born:   store.Span{From: day, To: day.AddDays(300)},
		}, "name_by_born"},
		"wildcard, thirty years": {store.PatientQuery{
			Family: "sm*",
			Born:   store.Span{From: day, To: day.AddDays(11000)},
		}, "name_by_family"},
		"wildcard, an e-mail address": {
			store.PatientQuery{Family: "s*", Born: store.Span{From: day}, Marks: email},
			"mark_by_value",
		},
		"all birth dates, an e-mail": {store.PatientQuery{
			Family: "smith", Born: store.Span{From: day},
			Marks: email, History: true,
		}, "mark_by_value"},
		"exact, an e-mail address": {store.PatientQuery{
			Family: "smith", Born: store.Span{From: day, To: day},
			Marks: email,
		}, "name_by_family"},
		"wildcard, one day, an e-mail": {store.PatientQuery{
			Family: "sm*", Born: store.Span{From: day, To: day},
			Marks: email,
		}, "name_by_born"},
		"wildcard, a part of a postcode": {store.PatientQuery{
			Family: "sm*", Born: store.Span{From: day},
			Marks: []store.MarkQuery{{Kind: store.Postcode, Value: "ls1*"}},
		}, "name_by_family"},
		"wildcard, without an end": {store.PatientQuery{Family: "sm*", Born: store.Span{From: day}}, "name_by_family"},
	} {
		query, args := searchSQL(c.q, 51)
		all := strings.Join(planOf(t, s.people.read, query, args...), "\n")
		if c.index == "mark_by_value" {
			if !strings.Contains(all, "SEARCH lead USING COVERING INDEX mark_by_value (kind=? AND value=?)") ||
				strings.Contains(all, "SCAN") || strings.Contains(all, "TEMP B-TREE") {
				t.Errorf("query plan of %s: got\n%s\nwant a search of the index mark_by_value only", name, all)
			}
			continue
		}
		if !strings.Contains(all, "SEARCH name_key USING COVERING INDEX "+c.index) &&
			!strings.Contains(all, "SEARCH name_key USING INDEX "+c.index) ||
			strings.Contains(all, "TEMP B-TREE") { // sorting takes longer than all the rest
			t.Errorf("query plan of %s: got\n%s\nwant a search of index %s without sorting", name, all, c.index)
		}
	}
}

func TestAMissingFolderThatCannotBeMadeIsSaid(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), filepath.Join(name, "below")); err == nil {
		t.Error("Open of a folder below a file succeeded, want error")
	}
}

// TestScansLeaveReadersFree runs as many scans as are allowed. Look-ups must still be answered.
func TestScansLeaveReadersFree(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close() //nolint:errcheck // the test is over
	hold, stored := make(chan struct{}), make(chan struct{}, readers*2)
	var all sync.WaitGroup
	for range readers * 2 {
		all.Go(func() {
			_ = s.scans.Do(t.Context(), func(ctx context.Context) error {
				conn, err := s.people.read.Conn(ctx)
				if err != nil {
					t.Error(err)
					return err
				}
				defer conn.Close() //nolint:errcheck // returns the connection to the pool
				stored <- struct{}{}
				<-hold
				return nil
			})
		})
	}

	for range readers / 2 {
		<-stored
	}

	if _, err := s.Patient(t.Context(), "9990000018"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Patient during scans: got error %v, want ErrNotFound", err)
	}

	one := nhs.Date{Year: 2016, Month: 3, Day: 4}
	if _, err := s.FindPatients(t.Context(), store.PatientQuery{
		Family: "smith", Born: store.Span{From: one, To: one},
		Limit: 1,
	}); err != nil {
		t.Errorf("exact search during scans: %v", err)
	}

	if used := s.people.read.Stats().InUse; used != readers/2 {
		t.Errorf("scans use %d of %d readers, want half", used, readers)
	}

	close(hold)
	all.Wait()
}

// endless is an SQL function that runs for each row of a statement without an end.
var endless struct {
	registered sync.Once
	called     func()
}

// TestAScanThatTakesTooLongIsEnded cancels the context of a statement while the statement runs. SQLite ignores an
// interrupt before the first step, so the test waits until the statement has found a row.
func TestAScanThatTakesTooLongIsEnded(t *testing.T) {
	endless.registered.Do(func() {
		driver.MustRegisterScalarFunction("endless", 1,
			func(_ *driver.FunctionContext, args []sqldriver.Value) (sqldriver.Value, error) {
				i, _ := args[0].(int64)
				if i == 2 {
					endless.called()
				}
				return i < 2, nil
			})
	})

	s := open(t, t.TempDir())
	defer s.Close() //nolint:errcheck // the test is over
	ctx, cancel := context.WithCancel(t.Context())
	endless.called = cancel
	_, err := list(ctx, s.people, func(r *sql.Rows) (n int64, err error) { return n, r.Scan(&n) },
		inOneStep(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE endless(i)`))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("list with a cancelled context: got error %v, want context.Canceled", err)
	}

	s.scans = scan.NewLimit(1, -1)
	if _, err := s.FindPatients(t.Context(), store.PatientQuery{Family: "sm*", Limit: 1}); !errors.Is(err,
		store.ErrTooLong) {
		t.Errorf("FindPatients without time: got error %v, want ErrTooLong", err)
	}

	if _, err := s.Candidates(t.Context(), []store.Block{{Postcode: "ls14ap"}}, 1); !errors.Is(err, store.ErrTooLong) {
		t.Errorf("Candidates without time: got error %v, want ErrTooLong", err)
	}
}
