package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
)

// firstWaiting is the oldest notification of each authority that waits.
const firstWaiting = `ordinal IN (SELECT min(ordinal) FROM notification WHERE delivered = 0 AND buried = 0 GROUP BY authority)`

// ClaimNotifications takes the oldest waiting notification of each authority where it is due and free.
func (s *Store) ClaimNotifications(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]store.Notification, error) {
	var claimed []store.Notification
	err := s.ledger.writing(ctx, func(tx *sql.Tx) error {
		var err error
		claimed, err = list(ctx, tx, row.Notification, row.SelectNotifications+` WHERE `+firstWaiting+`
			AND (next_attempt <= ?1 OR next_attempt > ?3) AND (held_until <= ?1 OR held_until > ?4) ORDER BY ordinal LIMIT +?2`,
			instant(now), limit, instant(now.Add(store.MostWait)), instant(now.Add(2*lease)))
		if err != nil {
			return err
		}
		for i := range claimed {
			claimed[i].Attempts++
			if _, err := tx.ExecContext(ctx, `UPDATE notification SET held_until = ?, attempts = attempts + 1 WHERE id = ?`,
				instant(now.Add(lease)), claimed[i].ID); err != nil {
				return err
			}
		}
		return nil
	})
	return claimed, err
}

// Delivered marks a notification as accepted.
func (s *Store) Delivered(ctx context.Context, id, receipt string, at time.Time) error {
	return s.ledger.writing(ctx, func(tx *sql.Tx) error {
		return one(s.ledger.run(ctx, tx, `UPDATE notification SET delivered = ?, receipt = ?, undelivered = 0, buried = 0, last_error = ''
			WHERE id = ?`, instant(at), receipt, id))
	})
}

// Undelivered marks a delivered notification as one that its receiver could not deliver.
func (s *Store) Undelivered(ctx context.Context, id, receipt string, at time.Time, why string) error {
	return s.ledger.writing(ctx, func(tx *sql.Tx) error {
		return one(s.ledger.run(ctx, tx, `UPDATE notification SET undelivered = ?, last_error = ?
			WHERE id = ? AND receipt = ? AND delivered <> 0 AND undelivered = 0`, instant(at), why, id, receipt))
	})
}

// Failed returns a notification back.
func (s *Store) Failed(ctx context.Context, id string, next time.Time, why string) error {
	return s.ledger.writing(ctx, func(tx *sql.Tx) error {
		return one(s.ledger.run(ctx, tx, `UPDATE notification SET held_until = 0, next_attempt = ?, last_error = ? WHERE id = ?`,
			instant(next), why, id))
	})
}

func one(n int64, err error) error {
	if err == nil && n == 0 {
		return store.ErrNotFound
	}
	return err
}

// NextDue returns when the first of the notifications that wait is due.
func (s *Store) NextDue(ctx context.Context) (time.Time, bool, error) {
	var due int64
	err := s.ledger.row(ctx, `SELECT max(next_attempt, held_until) AS due FROM notification WHERE `+firstWaiting+` ORDER BY due LIMIT 1`, nil, &due)
	if errors.Is(err, store.ErrNotFound) {
		return time.Time{}, false, nil
	}
	return timeOf(due), err == nil, err
}

// Bury returns up a notification that waits.
func (s *Store) Bury(ctx context.Context, id string, at time.Time, why string) error {
	return s.ledger.writing(ctx, func(tx *sql.Tx) error {
		return one(s.ledger.run(ctx, tx, `UPDATE notification SET buried = ?, held_until = 0, last_error = ?
			WHERE id = ? AND delivered = 0 AND buried = 0`, instant(at), why, id))
	})
}

// Revive lets a buried or undelivered notification wait again.
func (s *Store) Revive(ctx context.Context, id string, at time.Time) error {
	return s.ledger.writing(ctx, func(tx *sql.Tx) error {
		return one(s.ledger.run(ctx, tx, `UPDATE notification
			SET delivered = 0, undelivered = 0, buried = 0, held_until = 0, attempts = 0, next_attempt = ?
			WHERE id = ? AND (buried <> 0 OR undelivered <> 0)`, instant(at), id))
	})
}

// Notification returns the notification with that id.
func (s *Store) Notification(ctx context.Context, id string) (store.Notification, error) {
	return first(ctx, s.ledger, row.Notification, row.SelectNotifications+` WHERE notification.id = ?`, id)
}

// Notifications lists those asked for in the order in which they were made.
func (s *Store) Notifications(ctx context.Context, q store.NotificationQuery) ([]store.Notification, error) {
	where, args := row.NotificationsWhere("?", q)
	return list(ctx, s.ledger, row.Notification, row.SelectNotifications+` WHERE `+where+` ORDER BY ordinal LIMIT +?2`, args...)
}

// Backlog returns what has not been delivered.
func (s *Store) Backlog(ctx context.Context) (store.Backlog, error) {
	var b store.Backlog
	var oldest int64
	err := s.ledger.row(ctx, `SELECT (SELECT count(*) FROM notification WHERE delivered = 0 AND buried = 0),
		(SELECT count(*) FROM notification WHERE buried <> 0),
		(SELECT count(*) FROM notification WHERE undelivered <> 0),
		(SELECT coalesce(min(created), 0) FROM notification WHERE delivered = 0 AND buried = 0)`, nil, &b.Waiting, &b.Buried, &b.Undelivered, &oldest)
	b.Oldest = timeOf(oldest)
	return b, err
}
