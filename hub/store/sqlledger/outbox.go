package sqlledger

import (
	"context"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
)

// mark runs a statement on one notification. It returns ErrNotFound if no row changes.
func (l Ledger) mark(ctx context.Context, query string, args ...any) error {
	changed, err := l.Engine.WriteOne(ctx, statement(query, args...))
	if err == nil && changed == 0 {
		err = store.ErrNotFound
	}
	return err
}

// Delivered marks a notification as accepted.
func (l Ledger) Delivered(ctx context.Context, id, receipt string, at time.Time) error {
	return l.mark(ctx,
		`UPDATE notification SET delivered = ?1, receipt = ?2, undelivered = 0, buried = 0, last_error = '' WHERE id = ?3`,
		row.Instant(at), receipt, id)
}

// Undelivered marks a delivered notification as one that its receiver could not deliver.
func (l Ledger) Undelivered(ctx context.Context, id, receipt string, at time.Time, why string) error {
	return l.mark(ctx, `UPDATE notification SET undelivered = ?1, last_error = ?2
		WHERE id = ?3 AND receipt = ?4 AND delivered <> 0 AND undelivered = 0`, row.Instant(at), why, id, receipt)
}

// Failed releases a notification for another attempt at next.
func (l Ledger) Failed(ctx context.Context, id string, next time.Time, why string) error {
	return l.mark(ctx, `UPDATE notification SET held_until = 0, next_attempt = ?1, last_error = ?2 WHERE id = ?3`,
		row.Instant(next), why, id)
}

// Bury marks a waiting notification as undeliverable.
func (l Ledger) Bury(ctx context.Context, id string, at time.Time, why string) error {
	return l.mark(ctx,
		`UPDATE notification SET buried = ?1, held_until = 0, last_error = ?2 WHERE id = ?3 AND delivered = 0 AND buried = 0`,
		row.Instant(at), why, id)
}

// Revive makes a buried or undelivered notification wait again.
func (l Ledger) Revive(ctx context.Context, id string, at time.Time) error {
	return l.mark(ctx,
		`UPDATE notification SET delivered = 0, undelivered = 0, buried = 0, held_until = 0, attempts = 0, next_attempt = ?1
		WHERE id = ?2 AND (buried <> 0 OR undelivered <> 0) AND length(body) > 0`, row.Instant(at), id)
}

// Notification returns the notification with that ID, or ErrNotFound.
func (l Ledger) Notification(ctx context.Context, id string) (store.Notification, error) {
	return first(ctx, l, row.Notification, row.SelectNotifications+` WHERE notification.id = ?1`, id)
}

// Notifications returns the selected notifications in the order of their creation.
func (l Ledger) Notifications(ctx context.Context, q store.NotificationQuery) ([]store.Notification, error) {
	where, args := row.NotificationsWhere(q)
	return list(ctx, l, row.Notification, row.SelectNotifications+` WHERE `+where+
		` ORDER BY ordinal LIMIT CAST(?2 AS bigint)`, args...)
}

// backlogOf reads the row of a query of a backlog: waiting, buried, undelivered, and when the oldest was made.
func backlogOf(r row.Row) (b store.Backlog, err error) {
	var oldest int64
	err = r.Scan(&b.Waiting, &b.Buried, &b.Undelivered, &oldest)
	b.Oldest = row.Time(oldest)
	return b, err
}

// Backlog returns the summary of undelivered notifications.
func (l Ledger) Backlog(ctx context.Context) (store.Backlog, error) {
	return first(ctx, l, backlogOf, `SELECT (SELECT count(*) FROM notification WHERE delivered = 0 AND buried = 0),
		(SELECT count(*) FROM notification WHERE buried <> 0),
		(SELECT count(*) FROM notification WHERE undelivered <> 0),
		(SELECT coalesce(min(created), 0) FROM notification WHERE delivered = 0 AND buried = 0)`)
}
