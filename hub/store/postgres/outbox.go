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

// firstWaiting is the oldest notification of each authority that waits: one step into an index for each authority,
// however long its queue is.
const firstWaiting = `(SELECT ordinal FROM (SELECT (SELECT min(ordinal) FROM notification
	WHERE authority = code AND delivered = 0 AND buried = 0) AS ordinal FROM authority) AS oldest WHERE ordinal IS NOT NULL)`

// ClaimNotifications takes the oldest waiting notification of each authority where it is due and free. One that
// another hub is taking at this moment is left to it.
func (s *Store) ClaimNotifications(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]store.Notification, error) {
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
			instant(now), instant(now.Add(lease)), limit, instant(now.Add(store.MostWait)), instant(now.Add(2*lease))).Query(func(rows pgx.Rows) error {
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

// Delivered marks a notification as accepted.
func (s *Store) Delivered(ctx context.Context, id, receipt string, at time.Time) error {
	return s.one(ctx, `UPDATE notification SET delivered = $1, receipt = $2, undelivered = 0, buried = 0, last_error = '' WHERE id = $3`,
		instant(at), readable(receipt), id)
}

// Undelivered marks a delivered notification as one that its receiver could not deliver.
func (s *Store) Undelivered(ctx context.Context, id, receipt string, at time.Time, why string) error {
	return s.one(ctx, `UPDATE notification SET undelivered = $1, last_error = $2
		WHERE id = $3 AND receipt = $4 AND delivered <> 0 AND undelivered = 0`, instant(at), readable(why), id, readable(receipt))
}

// Failed returns a notification back.
func (s *Store) Failed(ctx context.Context, id string, next time.Time, why string) error {
	return s.one(ctx, `UPDATE notification SET held_until = 0, next_attempt = $1, last_error = $2 WHERE id = $3`, instant(next), readable(why), id)
}

// Bury returns up a notification that waits.
func (s *Store) Bury(ctx context.Context, id string, at time.Time, why string) error {
	return s.one(ctx, `UPDATE notification SET buried = $1, held_until = 0, last_error = $2
		WHERE id = $3 AND delivered = 0 AND buried = 0`, instant(at), readable(why), id)
}

// Revive lets a buried or undelivered notification wait again.
func (s *Store) Revive(ctx context.Context, id string, at time.Time) error {
	return s.one(ctx, `UPDATE notification SET delivered = 0, undelivered = 0, buried = 0, held_until = 0, attempts = 0, next_attempt = $1
		WHERE id = $2 AND (buried <> 0 OR undelivered <> 0)`, instant(at), id)
}

// NextDue returns when the first of the notifications that wait is due.
func (s *Store) NextDue(ctx context.Context) (time.Time, bool, error) {
	var due int64
	err := s.row(ctx, `SELECT greatest(next_attempt, held_until) AS due FROM notification WHERE ordinal IN `+firstWaiting+` ORDER BY due LIMIT 1`, nil, &due)
	if errors.Is(err, store.ErrNotFound) {
		return time.Time{}, false, nil
	}
	return timeOf(due), err == nil, err
}

// Notification returns the notification with that id.
func (s *Store) Notification(ctx context.Context, id string) (store.Notification, error) {
	return first(ctx, s, row.Notification, row.SelectNotifications+` WHERE notification.id = $1`, id)
}

// Notifications lists those asked for in the order in which they were made.
func (s *Store) Notifications(ctx context.Context, q store.NotificationQuery) ([]store.Notification, error) {
	where, args := row.NotificationsWhere("$", q)
	return list(ctx, s, row.Notification, row.SelectNotifications+` WHERE `+where+` ORDER BY ordinal LIMIT $2`, args...)
}

// Backlog returns what has not been delivered.
func (s *Store) Backlog(ctx context.Context) (store.Backlog, error) {
	var b store.Backlog
	var oldest int64
	err := s.row(ctx, `SELECT (SELECT count(*) FROM notification WHERE delivered = 0 AND buried = 0),
		(SELECT count(*) FROM notification WHERE buried <> 0),
		(SELECT count(*) FROM notification WHERE undelivered <> 0),
		(SELECT coalesce(min(created), 0) FROM notification WHERE delivered = 0 AND buried = 0)`, nil, &b.Waiting, &b.Buried, &b.Undelivered, &oldest)
	b.Oldest = timeOf(oldest)
	return b, err
}
