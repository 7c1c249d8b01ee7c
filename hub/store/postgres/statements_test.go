package postgres

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// counter counts the statements that are sent, those of a batch each.
type counter struct{ statements atomic.Int64 }

// TraceQueryStart counts a statement.
func (c *counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.statements.Add(1)
	return ctx
}

// TraceQueryEnd counts nothing.
func (c *counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart counts nothing.
func (c *counter) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

// TraceBatchQuery counts a statement of a batch.
func (c *counter) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {
	c.statements.Add(1)
}

// TraceBatchEnd counts nothing.
func (c *counter) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// TestCommit_UploadOfManyRows counts the statements of uploads: every hub waits for them.
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
			p := store.Plan{ID: fmt.Sprint(file, i), Number: n, Kind: store.ChildProtection, Start: nhs.Date{Year: 2026, Month: 1, Day: 2}, Authority: "V1", Made: 1}
			u.Plans, u.Removed, u.SentAgain = append(u.Plans, p), append(u.Removed, p), append(u.SentAgain, n)
			u.Withheld = append(u.Withheld, store.Withheld{Authority: "V1", Number: n, File: file, Row: i})
			u.Deleted = append(u.Deleted, fmt.Sprint("before", i))
		}
		before := count.statements.Load()
		refused, err := s.Commit(t.Context(), []*store.Entry{{Audit: store.AuditRecord{At: anInstant, Action: "upload"}, Upload: u}})
		must(t, err)
		must(t, refused[0])
		return count.statements.Load() - before
	}
	one, many := sent("one", 1), sent("many", 2000)
	if one != many || one == 0 {
		t.Errorf("%d statements for 2,000 rows, %d for one", many, one)
	}
	if held, err := s.PlansOf(t.Context(), "V1"); err != nil || len(held) != 2001 {
		t.Errorf("%d plans, %v", len(held), err)
	}
}
