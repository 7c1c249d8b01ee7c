package row

import "wardlight/hub/summary"

// SelectSummaries is the SELECT for [Summary]. A WHERE may follow.
const SelectSummaries = `SELECT number, id, sharing, made, body FROM summary`

// Summary reads a patient's summary.
func Summary[R Row](r R) (d summary.Document, err error) {
	var number, made int64
	err = r.Scan(&number, &d.ID, &d.Sharing, &made, &d.Body)
	d.Number, d.Made = Digits(number), Time(made)
	if len(d.Body) == 0 {
		d.Body = nil
	}
	return d, err
}

// SelectAlerts is the SELECT for [Alert]. A WHERE may follow.
const SelectAlerts = `SELECT id, at, type, reason, words, number, summary, person, name, urid, job_role, job_name, org_ods, org_name, session,
	request_id, closed, closed_by, closed_name, note, next_attempt, attempts, sent, given_up, last_error FROM privacy_alert`

// Alert reads a privacy alert.
func Alert[R Row](r R) (a summary.Alert, err error) {
	var at, number, closed, next, sent, givenUp int64
	k, s, w := &a.Closing, &a.Sending, &a.Who
	err = r.Scan(
		&a.ID,
		&at,
		&a.Cause.Type,
		&a.Cause.Reason,
		&a.Words,
		&number,
		&a.Summary,
		&w.UUID,
		&w.Name,
		&w.URID,
		&w.JobRole,
		&w.JobName,
		&w.OrgODS,
		&w.OrgName,
		&a.Session,
		&a.RequestID,
		&closed,
		&k.By,
		&k.Name,
		&k.Note,
		&next,
		&s.Attempts,
		&sent,
		&givenUp,
		&s.LastError,
	)
	a.At, a.Number = Time(at), Digits(number)
	if k.At = Time(closed); closed != 0 {
		k.ID = a.ID
	}
	s.Next, s.Sent, s.GivenUp = Time(next), Time(sent), Time(givenUp)
	return a, err
}
