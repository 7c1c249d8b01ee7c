package row

import (
	"math"
	"strconv"

	"wardlight/hub/store"
)

// NotificationColumns are the columns of the tables notification and authority for [Notification].
const NotificationColumns = `ordinal, notification.id, authority, endpoint, body, created, attempts, next_attempt, delivered, receipt, undelivered, buried,
	last_error`

// SelectNotifications is the SELECT for [Notification]. A WHERE may follow.
const SelectNotifications = `SELECT ` + NotificationColumns + ` FROM notification JOIN authority ON code = authority`

// Notification reads a notification.
func Notification[R Row](r R) (n store.Notification, err error) {
	var created, next, delivered, undelivered, buried int64
	err = r.Scan(&n.Ordinal, &n.ID, &n.Authority, &n.Endpoint, &n.Body, &created, &n.Attempts, &next, &delivered,
		&n.Receipt, &undelivered,
		&buried, &n.LastError)
	n.Body = nilIfEmpty(n.Body)
	n.Created, n.NextAttempt, n.Delivered, n.Undelivered, n.Buried = Time(created), Time(next), Time(delivered),
		Time(undelivered), Time(buried)
	return n, err
}

// NotificationsWhere returns the condition of a query, and its arguments ?1, ?2 and so on. The condition doesn't use
// the second argument, which is the limit.
func NotificationsWhere(q store.NotificationQuery) (string, []any) {
	limit := int64(math.MaxInt64)
	if q.Limit > 0 {
		limit = int64(q.Limit)
	}

	where, args := "ordinal > ?1", []any{q.After, limit}
	and := func(condition string, value any) {
		args = append(args, value)
		where += " AND " + condition + " ?" + strconv.Itoa(len(args))
	}

	if q.Authority != "" {
		and("authority =", q.Authority)
	}

	if q.Receipt != "" {
		and("receipt <> '' AND receipt =", q.Receipt) // the first part is the condition of its index
	}

	if !q.From.IsZero() {
		and("created >=", Instant(q.From))
	}

	if !q.To.IsZero() {
		and("created <", Instant(q.To))
	}

	switch q.State {
	case store.Waiting:
		where += " AND delivered = 0 AND buried = 0"
	case store.Delivered:
		where += " AND delivered <> 0 AND undelivered = 0"
	case store.Undelivered:
		where += " AND undelivered <> 0"
	case store.Buried:
		where += " AND buried <> 0"
	}

	return where, args
}
