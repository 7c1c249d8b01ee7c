package sqlledger

import (
	"context"
	"fmt"
	"strings"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
	"wardlight/hub/summary"
	"wardlight/internal/nhs"
)

// Statements that store a patient's summary, and only the permission to share it, and that delete the summary.
const (
	putSummary = `INSERT INTO summary (number, id, sharing, made, body) VALUES (?1, ?2, 'Ask', ?3, ?4)
		ON CONFLICT (number) DO UPDATE SET id = excluded.id, made = excluded.made, body = excluded.body`
	putSharing = `INSERT INTO summary (number, id, sharing, made, body) VALUES (?1, '', ?2, 0, ?3)
		ON CONFLICT (number) DO UPDATE SET sharing = excluded.sharing`
	removeSummary = `UPDATE summary SET id = '', made = 0, body = ?2 WHERE number = ?1`
)

// summaryPut calls do with the statement that stores a summary.
func summaryPut(d *summary.Document, do func(query string, args ...any)) error {
	number, err := row.Number(d.Number)
	switch {
	case err != nil:
		return err
	case d.Removed:
		do(removeSummary, number, []byte{})
	case len(d.Body) > 0:
		do(putSummary, number, d.ID, row.Instant(d.Made), d.Body)
	default:
		do(putSharing, number, string(d.Sharing), []byte{})
	}
	return nil
}

// PutSummary adds a patient's summary, or replaces it.
func (l Ledger) PutSummary(ctx context.Context, d summary.Document) error {
	return l.apply(ctx, store.Change{Summary: &d})
}

// Summaries returns the summaries and permissions under any of the numbers.
func (l Ledger) Summaries(ctx context.Context, numbers []nhs.Number) ([]summary.Document, error) {
	in, args, err := among(numbers)
	if err != nil || len(args) == 0 {
		return nil, err
	}
	return list(ctx, l, row.Summary, row.SelectSummaries+` WHERE number IN `+in+` ORDER BY number`, args...)
}

// HoldsSummaries reports whether a summary of any patient is stored.
func (l Ledger) HoldsSummaries(ctx context.Context) (bool, error) {
	return first(ctx, l, scanOne[bool], `SELECT EXISTS (SELECT 1 FROM summary WHERE id <> '')`)
}

// alertPut calls do with the statement that stores a new privacy alert. A second one of the same request is not stored.
func alertPut(a *summary.Alert, do func(query string, args ...any)) error {
	number, err := row.Number(a.Number)
	if err != nil {
		return err
	}
	w := a.Who
	do(
		`INSERT INTO privacy_alert (id, at, type, reason, words, number, summary,
		person, name, urid, job_role, job_name, org_ods, org_name, session, request_id, closed, closed_by, closed_name, note, next_attempt, attempts, sent, given_up, last_error)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, 0, '', '', '', ?17, 0, 0, 0, '')
		ON CONFLICT DO NOTHING`,
		a.ID, row.Instant(a.At), int(a.Cause.Type), int(a.Cause.Reason), a.Words, number, a.Summary,
		w.UUID, w.Name, w.URID, w.JobRole, w.JobName, w.OrgODS, w.OrgName, a.Session, a.RequestID,
		row.Instant(a.Sending.Next),
	)
	return nil
}

// PrivacyAlert returns the alert with that ID, or ErrNotFound.
func (l Ledger) PrivacyAlert(ctx context.Context, id string) (summary.Alert, error) {
	return first(ctx, l, row.Alert, row.SelectAlerts+` WHERE id = ?1`, id)
}

// PrivacyAlerts returns the selected alerts, newest first.
func (l Ledger) PrivacyAlerts(ctx context.Context, q summary.AlertQuery) ([]summary.Alert, error) {
	if len(q.Types) == 0 {
		return nil, nil
	}
	args := []any{q.OrgODS, row.Instant(q.From), row.Instant(q.Until), q.Limit}
	of := make([]string, len(q.Types))
	for i, t := range q.Types {
		args = append(args, int(t))
		of[i] = fmt.Sprintf("?%d", len(args))
	}
	query := row.SelectAlerts + ` WHERE org_ods = ?1 AND at >= ?2 AND at < ?3 AND type IN (` + strings.Join(
		of,
		", ",
	) + `)`
	if q.Open {
		query += ` AND closed = 0`
	}
	return list(ctx, l, row.Alert, query+` ORDER BY at DESC, id LIMIT 0 + ?4`, args...)
}

// ClaimAlerts returns alerts that are due to be sent, and makes them due again at until.
func (l Ledger) ClaimAlerts(ctx context.Context, now, until time.Time, limit int) ([]summary.Alert, error) {
	due, err := list(ctx, l, row.Alert, row.SelectAlerts+` WHERE next_attempt <> 0 AND next_attempt <= ?1
		ORDER BY next_attempt, id LIMIT 0 + ?2`, row.Instant(now), limit)
	if err != nil {
		return nil, err
	}

	var claimed []summary.Alert
	for _, a := range due {
		changed, err := l.Engine.WriteOne(
			ctx,
			statement(`UPDATE privacy_alert SET next_attempt = ?1, attempts = attempts + 1
			WHERE id = ?2 AND next_attempt = ?3`, row.Instant(until), a.ID, row.Instant(a.Sending.Next)),
		)
		if err != nil {
			return nil, err
		}
		if changed == 1 {
			a.Sending.Next = until
			a.Sending.Attempts++
			claimed = append(claimed, a)
		}
	}
	return claimed, nil
}

// changeWaiting changes a waiting alert, or returns ErrNotFound. set has the columns, with ?2 and more for values.
func (l Ledger) changeWaiting(ctx context.Context, id, set string, values ...any) error {
	return l.mark(ctx, `UPDATE privacy_alert SET `+set+` WHERE id = ?1 AND next_attempt <> 0`,
		append([]any{id}, values...)...)
}

// AlertSent marks a waiting alert as accepted by the national service.
func (l Ledger) AlertSent(ctx context.Context, id string, at time.Time) error {
	return l.changeWaiting(ctx, id, `sent = ?2, next_attempt = 0, last_error = ''`, row.Instant(at))
}

// AlertFailed makes a waiting alert due at next.
func (l Ledger) AlertFailed(ctx context.Context, id string, next time.Time, why string) error {
	return l.changeWaiting(ctx, id, `next_attempt = ?2, last_error = ?3`, row.Instant(next), why)
}

// ReleaseAlert makes a claimed alert due at next, and doesn't count the attempt.
func (l Ledger) ReleaseAlert(ctx context.Context, id string, next time.Time) error {
	return l.changeWaiting(ctx, id, `next_attempt = ?2, attempts = attempts - 1`, row.Instant(next))
}

// AbandonAlert marks a waiting alert as given up.
func (l Ledger) AbandonAlert(ctx context.Context, id string, at time.Time, why string) error {
	return l.changeWaiting(ctx, id, `given_up = ?2, next_attempt = 0, last_error = ?3`, row.Instant(at), why)
}

// AlertBacklog returns the summary of the alerts that the national service does not have. Closed ones that were given
// up are not counted.
func (l Ledger) AlertBacklog(ctx context.Context) (store.Backlog, error) {
	return first(ctx, l, backlogOf, `SELECT (SELECT count(*) FROM privacy_alert WHERE next_attempt <> 0),
		(SELECT count(*) FROM privacy_alert WHERE given_up <> 0 AND closed = 0), 0,
		(SELECT coalesce(min(at), 0) FROM privacy_alert WHERE next_attempt <> 0)`)
}
