package postgres

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
)

// firstWaiting selects the oldest waiting notification of each authority with one search of an index for each, however
// long the queue is.
const firstWaiting = `(SELECT ordinal FROM (SELECT (SELECT min(ordinal) FROM notification
	WHERE authority = code AND delivered = 0 AND buried = 0) AS ordinal FROM authority) AS oldest WHERE ordinal IS NOT NULL)`

// ClaimNotifications claims the oldest waiting notification of each authority, if it is due and no other hub has
// claimed it. It skips rows that another hub is claiming at the moment.
func (s *Store) ClaimNotifications(ctx context.Context, now time.Time, lease time.Duration,
	limit int,
) ([]store.Notification, error) {
	var claimed []store.Notification
	err := s.writing(ctx, func(b *pgx.Batch) {
		b.Queue(`WITH free AS (
				SELECT ordinal FROM notification WHERE ordinal IN `+firstWaiting+`
				AND delivered = 0 AND buried = 0 AND (next_attempt <= $1 OR next_attempt > $4) AND (held_until <= $1 OR held_until > $5)
				ORDER BY ordinal LIMIT $3 FOR UPDATE SKIP LOCKED),
			held AS (
				UPDATE notification SET held_until = $2, attempts = attempts + 1 WHERE ordinal IN (SELECT ordinal FROM free)
				RETURNING *)
			SELECT `+strings.ReplaceAll(row.NotificationColumns, "notification.", "held.")+` FROM held JOIN authority ON code = authority`,
			instant(now), instant(now.Add(lease)), limit, instant(now.Add(store.MaxWait)), instant(now.Add(2*lease))).
			Query(func(rows pgx.Rows) error {
				claimed = nil
				for rows.Next() {
					n, err := row.Notification(rows)
					if err != nil {
						return err
					}
					claimed = append(claimed, n)
				}
				return rows.Err()
			})
	})

	slices.SortFunc(claimed, func(a, b store.Notification) int { return cmp.Compare(a.Ordinal, b.Ordinal) })
	return claimed, err
}

// NextDue returns when the first waiting notification is due.
func (s *Store) NextDue(ctx context.Context) (time.Time, bool, error) {
	var due int64
	err := s.row(ctx, `SELECT greatest(next_attempt, held_until) AS due FROM notification WHERE ordinal IN `+
		firstWaiting+` ORDER BY due LIMIT 1`, nil, &due)
	if errors.Is(err, store.ErrNotFound) {
		return time.Time{}, false, nil
	}
	return timeOf(due), err == nil, err
}
