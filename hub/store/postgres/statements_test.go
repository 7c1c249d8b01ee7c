package postgres

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// counter is a tracer that counts statements, including those in a batch.
type counter struct{ statements atomic.Int64 }

// TraceQueryStart counts a statement.
func (c *counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.statements.Add(1)
	return ctx
}

// TraceQueryEnd does nothing.
func (c *counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart does nothing.
func (c *counter) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

// TraceBatchQuery counts a statement of a batch.
func (c *counter) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {
	c.statements.Add(1)
}

// TraceBatchEnd does nothing.
func (c *counter) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// TestCommit_UploadOfManyRows counts the statements of uploads, because all hubs wait for them.
func TestCommit_UploadOfManyRows(t *testing.T) {
	count := new(counter)
	s, err := Open(t.Context(), Config{DSN: place(t), Volatile: true, tracer: count})
	must(t, err)
	defer s.Close()
	must(t, s.PutAuthority(t.Context(), store.Authority{Code: "V1"}))

	sent := func(file string, rows int) int64 {
		u := &store.Upload{ID: file, Authority: "V1", File: file, At: anInstant, Answer: []byte("{}")}
		for i := range rows {
			n := digitsOf(9_990_000_000 + int64(i))
			p := store.Plan{
				ID: fmt.Sprint(file, i), Number: n, Kind: store.ChildProtection,
				Start: nhs.Date{Year: 2026, Month: 1, Day: 2}, Authority: "V1", Made: 1,
			}
			u.Plans, u.Removed, u.SentAgain = append(u.Plans, p), append(u.Removed, p), append(u.SentAgain, n)
			u.Withheld = append(u.Withheld, store.Withheld{Authority: "V1", Number: n, File: file, Row: i})
			u.Deleted = append(u.Deleted, fmt.Sprint("before", i))
		}
		before := count.statements.Load()
		refused, err := s.Commit(t.Context(), []*store.Entry{{
			Audit:  store.AuditRecord{At: anInstant, Action: "upload"},
			Upload: u,
		}})
		must(t, err)
		must(t, refused[0])
		return count.statements.Load() - before
	}

	one, many := sent("one", 1), sent("many", 2000)
	if one != many || one == 0 {
		t.Errorf("got %d statements for 2,000 rows and %d for one, want equal numbers", many, one)
	}

	if stored, err := s.PlansOf(t.Context(), "V1"); err != nil || len(stored) != 2001 {
		t.Errorf("PlansOf returned %d plans, error %v; want 2001", len(stored), err)
	}
}

// TestCommit_ReadsByIndex commits entries of every kind into tables without statistics, and counts full scans of
// tables and indexes.
func TestCommit_ReadsByIndex(t *testing.T) {
	dsn := place(t)
	s := open(t, dsn)
	must(t, s.PutAuthority(t.Context(), store.Authority{Code: "V1"}))
	must(t, s.PutPerson(t.Context(), store.Person{UUID: "p"}))
	must(t, s.PutCredential(t.Context(), store.Credential{Hash: []byte("c"), Authority: "V1"}))
	must(t, s.Close())

	conn, err := pgx.Connect(t.Context(), dsn)
	must(t, err)
	defer conn.Close(context.WithoutCancel(t.Context()))

	read := func() map[string]int64 { // full scans of each table, and of each partial index on active rows
		until(t, "the other connections are closed, and their counts written", func() bool {
			var others bool
			must(t, conn.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_stat_activity
				WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid())`).Scan(&others))
			return !others
		})
		rows, err := conn.Query(t.Context(),
			`SELECT relname, seq_scan FROM pg_stat_user_tables WHERE schemaname = current_schema()
			UNION ALL SELECT indexrelname, idx_scan FROM pg_stat_user_indexes
			WHERE schemaname = current_schema() AND indexrelname IN ('session_live', 'session_issuer', 'session_fingerprint', 'session_serial')`)
		must(t, err)
		all := make(map[string]int64)
		var name string
		var n int64
		_, err = pgx.ForEachRow(rows, []any{&name, &n}, func() error { all[name] = n; return nil })
		must(t, err)
		return all
	}

	before := read()

	s = open(t, dsn)
	for i := range 12 {
		id := fmt.Sprint("s", i)
		once := func(what string) *store.Once {
			return &store.Once{Hash: []byte(what + id), Expires: anInstant.Add(time.Minute)}
		}

		begin, use, end, upload := entry(), entry(), entry(), entry()
		begin.Begin = &store.Session{
			ID: id, TokenHash: []byte(id), Person: "p", Started: anInstant, Seen: anInstant,
			Expires: anInstant.Add(time.Hour),
		}

		begin.Assertion = once("a")
		use.Proof, use.Touch, use.Version = once("p"), id, 1
		use.Opening = &store.Opening{
			Person: "p", RequestID: id, Answer: []byte("{}"),
			Access: &store.Access{ID: id, Number: "9990000018"}, Notifications: []store.Notification{
				{ID: id, Authority: "V1", Body: []byte("{}")},
			},
		}

		plan := store.Plan{ID: id, Number: "9990000018", Kind: store.ChildProtection, Authority: "V1"}
		upload.Credential = []byte("c")
		upload.Upload = &store.Upload{
			ID: id, Authority: "V1", File: id, Answer: []byte("{}"), Plans: []store.Plan{plan},
			Deleted: []string{fmt.Sprint("s", i-2)}, Removed: []store.Plan{plan},
			SentAgain: []nhs.Number{"9990000018"},
			Withheld:  []store.Withheld{{Authority: "V1", Number: "9990000018", File: id}},
		}

		end.End = fmt.Sprint("s", i-1)
		change := entry()
		change.Change = &store.Change{Plan: &store.PlanChange{ID: id}}
		for _, group := range [][]*store.Entry{{begin, use}, {end, upload}, {change}} {
			refused, err := s.Commit(t.Context(), group)
			must(t, err)
			for _, err := range refused {
				must(t, err)
			}
		}
	}

	must(t, s.Close())

	// These are read when the database is opened. head has one row.
	ours := map[string]bool{"migration": true, "copying": true, "patient": true, "readiness": true, "head": true}
	for name, n := range read() {
		if n != before[name] && !ours[name] {
			t.Errorf("%s was read completely %d times, want 0", name, n-before[name])
		}
	}
}
