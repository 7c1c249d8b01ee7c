package sqlledger

import (
	"context"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
)

// DeleteExpired are statements that delete what expired before a time. Each uses an index and reads only the rows that
// it deletes.
var DeleteExpired = []string{
	`DELETE FROM used WHERE expires < ?1`,
	`DELETE FROM opening WHERE expires < ?1`,
}

// OldSessions, OldBodies and OldAnswers delete a limited number of rows older than a time, ?1, with an index.
const (
	OldSessions = `DELETE FROM session WHERE id IN (SELECT id FROM session WHERE expires < ?1 ORDER BY expires LIMIT 1000)`
	OldBodies   = `UPDATE notification SET body = ?2 WHERE ordinal IN (SELECT ordinal FROM notification
		WHERE delivered <> 0 AND undelivered = 0 AND length(body) > 0 AND delivered < ?1 ORDER BY delivered LIMIT 1000)`
	OldAnswers = `UPDATE upload SET answer = ?2 WHERE id IN (SELECT id FROM upload
		WHERE length(answer) > 0 AND at < ?1 ORDER BY at LIMIT 100)`
)

// Prune deletes what has expired, and what r specifies. Each statement is a transaction of its own.
func (l Ledger) Prune(ctx context.Context, now time.Time, r store.Retention) error {
	for _, q := range DeleteExpired {
		if _, err := l.Engine.WriteOne(ctx, statement(q, row.Instant(now))); err != nil {
			return err
		}
	}

	before := func(age time.Duration) int64 { return row.Instant(now.Add(-age)) }
	empty := []byte{}
	for _, old := range []struct {
		age time.Duration
		Statement
	}{
		{r.Sessions, statement(OldSessions, before(r.Sessions))},
		{r.Bodies, statement(OldBodies, before(r.Bodies), empty)},
		{r.Answers, statement(OldAnswers, before(r.Answers), empty)},
	} {
		if old.age == 0 {
			continue
		}
		if err := l.inBatches(ctx, old.Statement); err != nil {
			return err
		}
	}

	return nil
}

// inBatches repeats a statement that changes a limited number of rows, each time in a transaction of its own, until it
// changes none. Requests are stored in between.
func (l Ledger) inBatches(ctx context.Context, s Statement) error {
	for {
		if n, err := l.Engine.WriteOne(ctx, s); n == 0 || err != nil {
			return err
		}
	}
}
