package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
)

// firstWaiting is the condition for the oldest waiting notification of each authority.
const firstWaiting = `ordinal IN (SELECT min(ordinal) FROM notification WHERE delivered = 0 AND buried = 0 GROUP BY authority)`

// ClaimNotifications claims the oldest waiting notification of each authority, if it is due and no other hub has
// claimed it.
func (s *Store) ClaimNotifications(ctx context.Context, now time.Time, lease time.Duration,
	limit int,
) ([]store.Notification, error) {
	var claimed []store.Notification
	err := s.ledger.writing(ctx, func(tx *sql.Tx) error {
		var err error
		claimed, err = list(ctx, tx, row.Notification, row.SelectNotifications+` WHERE `+firstWaiting+`
			AND (next_attempt <= ?1 OR next_attempt > ?3) AND (held_until <= ?1 OR held_until > ?4) ORDER BY ordinal LIMIT +?2`,
			instant(now), limit, instant(now.Add(store.MaxWait)), instant(now.Add(2*lease)))
		if err != nil {
			return err
		}
		for i := range claimed {
			claimed[i].Attempts++
			if _, err := tx.ExecContext(ctx,
				`UPDATE notification SET held_until = ?, attempts = attempts + 1 WHERE id = ?`,
				instant(now.Add(lease)), claimed[i].ID); err != nil {
				return err
			}
		}
		return nil
	})

	return claimed, err
}

// NextDue returns when the first waiting notification is due.
func (s *Store) NextDue(ctx context.Context) (time.Time, bool, error) {
	var due int64
	err := s.ledger.row(ctx, `SELECT max(next_attempt, held_until) AS due FROM notification WHERE `+firstWaiting+
		` ORDER BY due LIMIT 1`, nil, &due)
	if errors.Is(err, store.ErrNotFound) {
		return time.Time{}, false, nil
	}
	return timeOf(due), err == nil, err
}
