package row

import (
	"wardlight/hub/store"
)

// SelectPlans is the SELECT for [Plan]. A WHERE may follow.
const SelectPlans = `SELECT plan.id, number, kind, start_day, end_day, due_day, authority, reference, made, name, office_phone, duty_phone, endpoint
	FROM plan JOIN authority ON code = authority`

// Plan reads a plan with its authority.
func Plan[R Row](r R) (p store.PlanWithAuthority, err error) {
	var number int64
	var start, end, due int
	err = r.Scan(&p.ID, &number, &p.Kind, &start, &end, &due, &p.Authority, &p.Reference, &p.Made,
		&p.By.Name, &p.By.OfficePhone, &p.By.DutyPhone, &p.By.Endpoint)
	p.Number, p.By.Code = Digits(number), p.Authority
	p.Start, p.End, p.Due = Date(start), Date(end), Date(due)
	return p, err
}

// SelectRemovedPlans is the SELECT for [RemovedPlan]. A WHERE may follow.
const SelectRemovedPlans = `SELECT number, kind, start_day, authority, reference, made FROM removed_plan`

// RemovedPlan reads the key of a deleted plan.
func RemovedPlan[R Row](r R) (p store.Plan, err error) {
	var number int64
	var start int
	err = r.Scan(&number, &p.Kind, &start, &p.Authority, &p.Reference, &p.Made)
	p.Number, p.Start = Digits(number), Date(start)
	return p, err
}

// SelectWithheld is the SELECT for [Withheld]. A WHERE may follow.
const SelectWithheld = `SELECT authority, number, file, line FROM withheld`

// Withheld reads a patient of whom an authority has to resend a refused plan.
func Withheld[R Row](r R) (w store.Withheld, err error) {
	var number int64
	err = r.Scan(&w.Authority, &number, &w.File, &w.Row)
	w.Number = Digits(number)
	return w, err
}

// SelectAccesses is the SELECT for [Access]. A WHERE may follow.
const SelectAccesses = `SELECT id, number, at, uuid, urid, name, job_role, job_name, org_ods, org_name, session, request_id FROM access`

// SelectFirstAccesses returns the SELECT for [Access] of accesses that don't repeat an earlier one of the same person.
// numbers is the condition on the column number. repeat and limit are the placeholders of microseconds and of a count.
//
// From each listed access, the query finds the person's next one to list with the index access_person. Of two in the
// same microsecond it lists the one with the lower ID.
func SelectFirstAccesses(numbers, repeat, limit string) string {
	return `WITH RECURSIVE listed (person, first) AS (
			SELECT uuid, min(at) FROM access WHERE number ` + numbers + ` GROUP BY uuid
			UNION ALL
			SELECT person, (SELECT min(at) FROM access WHERE number ` + numbers + ` AND uuid = person AND at >= first + ` + repeat + `)
			FROM listed WHERE first IS NOT NULL)
		` + SelectAccesses + ` WHERE id IN (
			SELECT (SELECT min(id) FROM access WHERE number ` + numbers + ` AND uuid = person AND at = first)
			FROM (SELECT person, first FROM listed WHERE first IS NOT NULL ORDER BY first DESC, person LIMIT ` + limit + `) AS latest)
		ORDER BY at DESC, id`
}

// Access reads an access.
func Access[R Row](r R) (a store.Access, err error) {
	var number, at int64
	err = r.Scan(&a.ID, &number, &at, &a.Who.UUID, &a.Who.URID, &a.Who.Name, &a.Who.JobRole, &a.Who.JobName,
		&a.Who.OrgODS, &a.Who.OrgName, &a.Session, &a.RequestID)
	a.Number, a.At = Digits(number), Time(at)
	return a, err
}

// SelectFilled selects whether there is a plan or an upload.
const SelectFilled = `SELECT EXISTS (SELECT 1 FROM plan) OR EXISTS (SELECT 1 FROM upload)`
