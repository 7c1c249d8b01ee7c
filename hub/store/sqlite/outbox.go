package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"wardlight/hub/store"
)

const notificationColumns = `notification.id, authority, endpoint, body, created, attempts, next_attempt, delivered, last_error
	FROM notification JOIN authority ON code = authority`

func scanNotification(r *sql.Rows) (n store.Notification, err error) {
	var created, next, delivered int64
	err = r.Scan(&n.ID, &n.Authority, &n.Endpoint, &n.Body, &created, &n.Attempts, &next, &delivered, &n.LastError)
	n.Created, n.NextAttempt, n.Delivered = timeOf(created), timeOf(next), timeOf(delivered)
	return n, err
}

// ClaimNotifications takes the oldest undelivered notification of each authority where it is due and free.
func (s *Store) ClaimNotifications(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]store.Notification, error) {
	var claimed []store.Notification
	err := s.ledger.writing(ctx, func(tx *sql.Tx) error {
		var err error
		claimed, err = list(ctx, tx, scanNotification, `SELECT `+notificationColumns+` WHERE ordinal IN
			(SELECT min(ordinal) FROM notification WHERE delivered = 0 GROUP BY authority)
			AND next_attempt <= ?1 AND held_until <= ?1 ORDER BY ordinal LIMIT ?2`, instant(now), limit)
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

// Delivered marks a notification as received.
func (s *Store) Delivered(ctx context.Context, id string, at time.Time) error {
	return s.ledger.writing(ctx, func(tx *sql.Tx) error {
		return one(s.ledger.run(ctx, tx, `UPDATE notification SET delivered = ?, last_error = '' WHERE id = ?`, instant(at), id))
	})
}

// Failed gives a notification back.
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

// NextDue is when the first of the notifications that wait is due.
func (s *Store) NextDue(ctx context.Context) (time.Time, bool, error) {
	var due int64
	err := s.ledger.row(ctx, `SELECT max(next_attempt, held_until) AS due FROM notification WHERE ordinal IN
		(SELECT min(ordinal) FROM notification WHERE delivered = 0 GROUP BY authority) ORDER BY due LIMIT 1`, nil, &due)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, false, nil
	}
	return timeOf(due), err == nil, err
}

// Notifications lists all of them in the order in which they were made.
func (s *Store) Notifications(ctx context.Context) ([]store.Notification, error) {
	return list(ctx, s.ledger.read, scanNotification, `SELECT `+notificationColumns+` ORDER BY ordinal`)
}
