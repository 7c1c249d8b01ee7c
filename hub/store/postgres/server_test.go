package postgres

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/hub/store/scan"
	"wardlight/hub/store/sqlledger"
	labpg "wardlight/internal/lab/postgres"
	"wardlight/internal/lab/postgres/postgrestest"
	"wardlight/internal/nhs"
)

// exec runs a statement on the database without the store, as the database's owner could.
func exec(t *testing.T, dsn, query string) error {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	_, err = conn.Exec(t.Context(), query)
	return err
}

// alter changes the settings of the database for new connections.
func alter(t *testing.T, dsn, what string) {
	t.Helper()
	c, err := pgx.ParseConfig(dsn)
	must(t, err)
	must(t, server.Exec(t.Context(), "postgres", "ALTER DATABASE "+c.Database+" "+what))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func entry() *store.Entry {
	return &store.Entry{Audit: store.AuditRecord{At: anInstant, Action: "search"}}
}

func TestWhatIsAppendOnlyStaysSo(t *testing.T) {
	dsn := place(t)
	s := open(t, dsn)
	e := entry()
	e.Opening = &store.Opening{Answer: []byte("{}"), Access: &store.Access{ID: "a", Number: "9990000018"}}
	if _, err := s.Commit(t.Context(), []*store.Entry{e}); err != nil {
		t.Fatal(err)
	}

	for _, change := range []string{
		"UPDATE audit SET action = 'y'", "DELETE FROM audit", "TRUNCATE audit", "UPDATE access SET name = 'y'",
		"DELETE FROM access", "TRUNCATE access",
		`INSERT INTO audit (seq, at, request_id, session, person, urid, org_ods, action, outcome, reason, patients,
				prev, hash, source)
			SELECT seq, at, request_id, session, person, urid, org_ods, action, outcome, reason, patients, prev, hash, source FROM audit`,
		`INSERT INTO access (id, number, at, uuid, urid, name, job_role, job_name, org_ods, org_name, session,
				request_id)
			SELECT id, number, at, uuid, urid, name, job_role, job_name, org_ods, org_name, session, request_id FROM access
			ON CONFLICT (id) DO UPDATE SET name = 'y'`,
	} {
		if exec(t, dsn, change) == nil {
			t.Errorf("%s succeeded, want error", change)
		}
	}
}

func TestAServerThatMayForgetIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		setting  string
		volatile bool
		says     []string
	}{
		"synchronous_commit = off": {"synchronous_commit=off", true, []string{
			`synchronous_commit is "off"`,
			`ALTER ROLE "hub" SET synchronous_commit = on`,
		}},
		"synchronous_commit = local":        {"synchronous_commit=local", true, []string{`"local"`}},
		"fsync = off":                       {"synchronous_commit=on", false, []string{"fsync = on"}},
		"synchronous_commit = on":           {"synchronous_commit=on", true, nil},
		"synchronous_commit = remote_apply": {"synchronous_commit=remote_apply", true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Open(t.Context(), Config{DSN: place(t) + " " + c.setting, Volatile: c.volatile})
			if err == nil {
				_ = s.Close()
			}
			if (err == nil) != (c.says == nil) {
				t.Fatal(err)
			}
			for _, words := range c.says {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("Open: got error %v, want %q in it", err, words)
				}
			}
		})
	}
}

func TestADatabaseThatTakesNoWriterIsNotReady(t *testing.T) {
	dsn := database(t)
	s := open(t, dsn)
	must(t, s.Ready(t.Context()))
	alter(t, dsn, "SET default_transaction_read_only = on")
	s.pool.Reset()
	if err := s.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("Ready of a read-only database: got error %v, want \"read-only\"", err)
	}
	if _, err := Open(t.Context(), Config{DSN: dsn, Volatile: true}); err == nil {
		t.Error("Open of a read-only database succeeded, want error")
	}
	alter(t, dsn, "RESET default_transaction_read_only")
	// The connections to the read-only server must have been closed.
	until(t, "it takes writers again", func() bool { return s.Ready(t.Context()) == nil })
}

func TestTheBooksCanBeReadBesideAHubAndNotWritten(t *testing.T) {
	dsn := place(t)
	if _, err := OpenReadOnly(t.Context(), Config{DSN: dsn}); err == nil ||
		!strings.Contains(err.Error(), "no tables of the hub") {
		t.Errorf("OpenReadOnly without tables: got error %v, want \"no hub\"", err)
	}
	hub := open(t, dsn)
	_, err := hub.Commit(t.Context(), []*store.Entry{entry()})
	must(t, err)
	s, err := OpenReadOnly(t.Context(), Config{DSN: dsn + " target_session_attrs=read-write"})
	must(t, err)
	defer s.Close()
	if head, err := audit.Verify(t.Context(), s); err != nil || head.Records != 1 {
		t.Errorf("Verify = %+v, %v; want 1 record", head, err)
	}
	if _, err := s.Commit(t.Context(), []*store.Entry{entry()}); condition(err) != readOnly {
		t.Errorf("Commit on a read-only store: got error %v, want SQLSTATE 25006", err)
	}
}

func TestReadyDoesNotWaitForACommit(t *testing.T) {
	dsn := place(t)
	s := open(t, dsn)
	conn, err := pgx.Connect(t.Context(), dsn)
	must(t, err)
	defer conn.Close(context.WithoutCancel(t.Context()))
	tx, err := conn.Begin(t.Context())
	must(t, err)
	_, err = tx.Exec(t.Context(), `SELECT one FROM head FOR UPDATE`)
	must(t, err)
	must(t, s.Ready(t.Context()))
}

func TestMigrations(t *testing.T) {
	one, two := &fstest.MapFile{Data: []byte("CREATE TABLE a (x integer)")},
		&fstest.MapFile{Data: []byte("CREATE TABLE b (x integer)")}
	scripts := func(files map[string]*fstest.MapFile) fs.FS { return fstest.MapFS(files) }
	config, err := Config{DSN: place(t), Volatile: true}.pool()
	must(t, err)
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	must(t, err)
	defer pool.Close()

	for _, s := range []struct {
		name  string
		files map[string]*fstest.MapFile
		fails string
	}{
		{"the first", map[string]*fstest.MapFile{"m/0001_a.sql": one}, ""},
		{"the same again", map[string]*fstest.MapFile{"m/0001_a.sql": one}, ""},
		{"one that fails", map[string]*fstest.MapFile{
			"m/0001_a.sql": one,
			"m/0002_b.sql": {Data: []byte("CREATE TABLE c (x integer); rubbish")},
		}, "0002_b.sql"},
		{"the next", map[string]*fstest.MapFile{"m/0001_a.sql": one, "m/0002_b.sql": two}, ""},
		{"an older version of the hub", map[string]*fstest.MapFile{"m/0001_a.sql": one}, "newer hub"},
		{"one that was changed", map[string]*fstest.MapFile{"m/0001_a.sql": two, "m/0002_b.sql": two}, "0001_a.sql"},
	} {
		err := migrate(t.Context(), pool, scripts(s.files), "m")
		if (err == nil) != (s.fails == "") || err != nil && !strings.Contains(err.Error(), s.fails) {
			t.Errorf("%s: migrate returned %v, want error %q", s.name, err, s.fails)
		}
	}

	var half bool
	if err := pool.QueryRow(t.Context(), `SELECT to_regclass('c') IS NOT NULL`).Scan(&half); err != nil || half {
		t.Errorf("a failed migration left its first half: %v, error %v", half, err)
	}
}

// TestAConflictIsTriedAgainUntilItHasBeenTriedOftenEnough makes the server refuse inserts with a serialisation error.
// A sequence counts the attempts, because it isn't rolled back.
func TestAConflictIsTriedAgainUntilItHasBeenTriedOftenEnough(t *testing.T) {
	for condition, last := range map[string]int{serializationFailure: 3, deadlockDetected: tries - 1, "40003": 0} {
		for _, fails := range []int{last, 1000} {
			dsn := place(t)
			var waits []time.Duration
			s, err := Open(t.Context(), Config{DSN: dsn, Volatile: true, After: func(d time.Duration) <-chan time.Time {
				waits = append(waits, d)
				now := make(chan time.Time, 1)
				now <- time.Time{}
				return now
			}})
			must(t, err)
			defer s.Close()
			must(t,
				exec(t, dsn, `CREATE SEQUENCE tried; CREATE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql AS $$
				BEGIN
					IF nextval('tried') <= `+strconv.Itoa(fails)+` THEN RAISE EXCEPTION 'in the way' USING ERRCODE = '`+condition+`'; END IF;
					RETURN NEW;
				END $$; CREATE TRIGGER conflict BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION conflict()`))

			refused, err := s.Commit(t.Context(), []*store.Entry{entry()})
			want := []time.Duration{10, 20, 40, 80, 160}[:min(fails, tries-1)]
			if condition == "40003" {
				want = nil
			}

			for i := range want {
				want[i] *= time.Millisecond
			}

			if (err == nil) != (fails == last) || err == nil && refused[0] != nil || !slices.Equal(waits, want) {
				t.Errorf("%s, %d failures: got %v after waits of %v, want %v", condition, fails, err, waits, want)
			}
		}
	}
}

func TestAReaderFindsItsWayAfterTheConnectionsAreLost(t *testing.T) {
	dsn := database(t)
	s := open(t, dsn)
	must(t, s.PutAuthority(t.Context(), store.Authority{Code: "V1"}))
	for range 3 {
		must(t,
			exec(t, dsn,
				`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`))
		if _, err := s.Authority(t.Context(), "V1"); err != nil {
			t.Error(err)
		}
	}
}

// TestACommitOfWhichTheServerIsNotSureIsAFailure cancels a commit's wait for a missing standby. The server then
// reports success with a warning.
func TestACommitOfWhichTheServerIsNotSureIsAFailure(t *testing.T) {
	lonely := postgrestest.Start(t, labpg.Options{})
	dsn := postgrestest.Database(t, lonely)
	s := open(t, dsn)
	must(t, lonely.Exec(t.Context(), "postgres", "ALTER SYSTEM SET synchronous_standby_names = 'nobody'"))
	must(t, lonely.Exec(t.Context(), "postgres", "SELECT pg_reload_conf()"))
	conn, err := pgx.Connect(t.Context(), dsn)
	must(t, err)
	defer conn.Close(context.WithoutCancel(t.Context()))
	until(t, "the setting is in force", func() bool {
		var names string
		must(t, conn.QueryRow(t.Context(), `SHOW synchronous_standby_names`).Scan(&names))
		return names == "nobody"
	})

	answer := make(chan error, 1)
	go func() {
		_, err := s.Commit(t.Context(), []*store.Entry{entry()})
		answer <- err
	}()

	until(t, "the commit waits", func() bool {
		var cancelled int
		must(t,
			conn.QueryRow(t.Context(),
				`SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`).
				Scan(&cancelled))
		return cancelled > 0
	})

	if err := <-answer; err == nil || !strings.Contains(err.Error(), "does not guarantee") {
		t.Errorf("Commit with a warning: got error %v, want \"not sure\"", err)
	}
}

func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("timeout waiting until %s", what)
		}
	}
}

// planner returns a function that returns the query plan of a statement. The tables are empty, so sequential scans are
// disabled: PostgreSQL would prefer them to an index.
func planner(t *testing.T) func(query string, args ...any) string {
	t.Helper()
	dsn := place(t)
	open(t, dsn)
	conn, err := pgx.Connect(t.Context(), dsn)
	must(t, err)
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	_, err = conn.Exec(t.Context(), `SET enable_seqscan = off; SET enable_bitmapscan = off`)
	must(t, err)
	return func(query string, args ...any) string {
		t.Helper()
		rows, err := conn.Query(t.Context(), "EXPLAIN "+query, args...)
		must(t, err)
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		must(t, err)
		return strings.Join(lines, "\n")
	}
}

func TestASearchUsesItsIndex(t *testing.T) {
	planOf := planner(t)
	one := store.Span{From: today, To: today}
	for name, c := range map[string]struct {
		q    store.PatientQuery
		cond string
	}{
		"exact":          {store.PatientQuery{Family: "smith", Born: one}, "(family = "},
		"wildcard":       {store.PatientQuery{Family: "sm*", Born: one}, "(family >= "},
		"without an end": {store.PatientQuery{Family: "sm*", Born: store.Span{From: today}}, "(family >= "},
	} {
		query, args := searchSQL(c.q)
		plan := planOf(query, args...)
		if !strings.Contains(plan, "on name_key") || !strings.Contains(plan, "Index Cond: (") ||
			!strings.Contains(plan, c.cond) || strings.Contains(plan, "Seq Scan") {
			t.Errorf("%s: got the plan\n%s\nwant an index condition and no sequential scan", name, plan)
		}
	}
}

func TestAWiderSearchUsesItsIndexes(t *testing.T) {
	planOf := planner(t)
	year := store.Span{From: today.AddDays(-400), To: today}
	for _, b := range []store.Block{
		{Days: []nhs.Date{today, {Year: 2016}}, Keys: []string{"a251", "^ex"}},
		{Days: []nhs.Date{today, {Year: 2016}}, Keys: []string{"a251", "^ex"}, Ends: 5},
		{Born: year, Family: []string{"a251"}, Given: []string{"t200"}},
		{FullName: store.FullName{Family: "example", First: "tess"}, Max: 2},
		{Postcode: "ls14ap"},
	} {
		query, args, err := candidatesSQL([]store.Block{b}, 10)
		must(t, err)
		if plan := planOf(query, args...); !strings.Contains(plan, "Index Cond: (") ||
			strings.Contains(plan, "Seq Scan") {
			t.Errorf("%+v: got the plan\n%s\nwant an index condition and no sequential scan", b, plan)
		}
	}
}

func TestWhatLapsedIsFoundByItsTime(t *testing.T) {
	planOf := planner(t)
	for _, q := range sqlledger.DeleteExpired {
		query, args := dialect(sqlledger.Statement{Query: q, Args: []any{instant(anInstant)}})
		if plan := planOf(query, args...); !strings.Contains(plan, "Index Cond: (expires < ") ||
			strings.Contains(plan, "Seq Scan") {
			t.Errorf("%s: got the plan\n%s\nwant an index condition on expires and no sequential scan", q, plan)
		}
	}
}

// TestNothingThatSomebodySendsSpoilsACommit puts characters that PostgreSQL can't store into every text that a client
// sends.
func TestNothingThatSomebodySendsSpoilsACommit(t *testing.T) {
	const foul, clean = "a\x00b\xff", "a\uFFFDb\uFFFD"
	s := open(t, place(t))
	must(t, s.PutAuthority(t.Context(), store.Authority{Code: "V1"}))
	e := entry()
	e.Audit.Reason, e.Audit.RequestID = foul, foul
	e.Opening = &store.Opening{Person: "s", RequestID: foul, Digest: foul, Answer: []byte(foul)}
	e.Upload = &store.Upload{
		ID: "u", Authority: "V1", File: foul, Answer: []byte(foul), Deleted: []string{foul},
		Plans: []store.Plan{
			{ID: foul, Number: "9990000018", Kind: store.ChildProtection, Authority: "V1", Reference: foul},
		},
	}

	refused, err := s.Commit(t.Context(), []*store.Entry{entry(), e})
	must(t, err)
	must(t, refused[1])
	head, err := s.AuditHead(t.Context())
	must(t, err)
	if _, err := audit.Verify(t.Context(), s); err != nil || head.Reason != clean {
		t.Errorf("AuditHead and Verify: got reason %q, error %v; want the cleaned text", head.Reason, err)
	}

	if u, err := s.UploadOfFile(t.Context(), "V1", foul); err != nil || string(u.Answer) != foul {
		t.Errorf("UploadOfFile = %+v, %v; want the answer unchanged", u, err)
	}

	e.Opening = nil
	if again, err := s.Commit(t.Context(), []*store.Entry{e}); err != nil ||
		!errors.Is(again[0], store.ErrUploadedBefore) {
		t.Errorf("Commit of the same file: got %v, %v; want ErrUploadedBefore", again, err)
	}

	if _, err := s.Authority(t.Context(), foul); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}

	if none, err := s.Notifications(t.Context(), store.NotificationQuery{Authority: foul}); err != nil || none != nil {
		t.Error(none, err)
	}
}

func TestNoErrorHoldsThePassword(t *testing.T) {
	for _, dsn := range []string{
		"postgres://hub:hunter2@[::1/hub", "host=localhost port=hunter2 password=hunter2",
		"postgres://hub:hunter2%zz@localhost/hub",
		"postgres://hub:hunter2@127.0.0.1:1/hub?connect_timeout=1",
		"host=/nowhere user=hub password='hunter2' dbname=hub",
	} {
		if _, err := Open(t.Context(), Config{DSN: dsn}); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Open without a server: got error %v, want one without the password", err)
		}
	}
}

func TestWhatIsEndedOrDeletedIsFoundByIndexes(t *testing.T) {
	planOf := planner(t)
	old := strings.NewReplacer("?1", "1", "?2", "''::bytea").Replace
	for query, want := range map[string]string{
		strings.NewReplacer("$1", "'{a}'", "$2", "'{b}'", "$3", "'{c}'", "$4", "'{1}'", "$5", "'{d}'").
			Replace(revoke): "session_fingerprint session_serial",
		strings.NewReplacer("?1", "1", "?2", "'CN=CA'").Replace(sqlledger.EndByIssuer): "session_issuer",
		old(sqlledger.OldSessions): "session_expires",
		old(sqlledger.OldBodies):   "notification_body",
		old(sqlledger.OldAnswers):  "upload_answer",
	} {
		plan := planOf(query)
		for index := range strings.FieldsSeq(want) {
			if !strings.Contains(plan, "Index Scan using "+index) &&
				!strings.Contains(plan, "Index Only Scan using "+index) || strings.Contains(plan, "Seq Scan") {
				t.Errorf("%s: got the plan\n%s\nwant the index %s and no sequential scan", query, plan, index)
			}
		}
	}
}

// TestSearchesThatWaitHoldUpNoCommit starts more searches than there are connections, and lets them wait for a lock
// that is not released. Each must be ended, also on the server, and commits and look-ups by number must be answered
// meanwhile.
func TestSearchesThatWaitHoldUpNoCommit(t *testing.T) {
	dsn := database(t)
	s := open(t, dsn+" pool_max_conns=4")
	if a, b := s.pool.Config().MaxConns, s.searches.pool.Config().MaxConns; a != 2 || b != 2 {
		t.Fatalf("got %d connections and %d for searches, want 2 of each", a, b)
	}

	conn, err := pgx.Connect(t.Context(), dsn)
	must(t, err)
	defer conn.Close(context.WithoutCancel(t.Context()))
	_, err = conn.Exec(t.Context(), `BEGIN; LOCK TABLE name_key, sought`)
	must(t, err)
	s.searches.scans = scan.NewLimit(1, 200*time.Millisecond)
	ended := make(chan error)
	for i := range 6 {
		go func() {
			var err error
			if i%2 == 0 {
				_, err = s.FindPatients(t.Context(), store.PatientQuery{
					Family: "s*", Born: store.Span{From: today},
					Limit: 1,
				})
			} else {
				_, err = s.Candidates(t.Context(), []store.Block{{Postcode: "ls14ap"}}, 1)
			}
			ended <- err
		}()
	}

	for i := range 6 {
		if refused, err := s.Commit(t.Context(), []*store.Entry{entry()}); err != nil || refused[0] != nil {
			t.Errorf("Commit during searches: got %v, %v; want nil", refused, err)
		}
		if _, err := s.Patient(t.Context(), "9990000018"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Patient during searches: got error %v, want ErrNotFound", err)
		}
		if err := <-ended; !errors.Is(err, store.ErrTooLong) {
			t.Errorf("search %d: got error %v, want ErrTooLong", i, err)
		}
	}

	until(t, "no search goes on at the server", func() bool {
		var n int
		must(t, conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_locks WHERE NOT granted`).Scan(&n))
		return n == 0
	})
}

// TestACommitLeavesTheRowThatItLocks checks that commits don't create new versions of the row that they all lock. Old
// versions can't be removed while anybody has a snapshot.
func TestACommitLeavesTheRowThatItLocks(t *testing.T) {
	dsn := place(t)
	s := open(t, dsn)
	version := func() (v string) {
		t.Helper()
		must(t, s.row(t.Context(), `SELECT ctid || ' ' || xmin FROM head`, nil, &v))
		return v
	}
	before := version()
	for range 5 {
		if refused, err := s.Commit(t.Context(), []*store.Entry{entry(), entry()}); err != nil || refused[0] != nil {
			t.Fatal(refused, err)
		}
	}
	if after := version(); after != before {
		t.Errorf("version of the locked row: got %s, then %s; want no change", before, after)
	}
	if head, err := audit.Verify(t.Context(), s); err != nil || head.Records != 10 {
		t.Errorf("Verify: got %d audit records, error %v; want 10", head.Records, err)
	}
}
