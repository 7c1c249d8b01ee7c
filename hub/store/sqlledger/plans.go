package sqlledger

import (
	"context"
	"fmt"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
	"wardlight/internal/nhs"
)

// Statements for the rows of an upload. Each reads a [Table].
const (
	deletePlans = `DELETE FROM plan WHERE id IN (SELECT value ->> 0 FROM jsonb_each(?1))`
	insertPlans = `INSERT INTO plan (id, number, kind, start_day, end_day, due_day, authority, reference, made)
		SELECT value ->> 0, CAST(value ->> 1 AS bigint), value ->> 2, CAST(value ->> 3 AS integer), CAST(value ->> 4 AS integer),
		CAST(value ->> 5 AS integer), value ->> 6, value ->> 7, CAST(value ->> 8 AS bigint) FROM jsonb_each(?1) WHERE true
		ON CONFLICT (id) DO UPDATE SET number = excluded.number, kind = excluded.kind, start_day = excluded.start_day, end_day = excluded.end_day,
		due_day = excluded.due_day, authority = excluded.authority, reference = excluded.reference,
		made = CASE excluded.made WHEN 0 THEN plan.made ELSE excluded.made END`
	insertRemoved = `INSERT INTO removed_plan (authority, number, kind, reference, start_day, made)
		SELECT value ->> 0, CAST(value ->> 1 AS bigint), value ->> 2, value ->> 3, CAST(value ->> 4 AS integer), CAST(value ->> 5 AS bigint)
		FROM jsonb_each(?1) WHERE true
		ON CONFLICT (number, authority, kind, reference, start_day) DO UPDATE SET made = excluded.made`
	deleteWithheld = `DELETE FROM withheld WHERE authority = ?1 AND number IN (SELECT CAST(value ->> 0 AS bigint) FROM jsonb_each(?2))`
	insertWithheld = `INSERT INTO withheld (authority, number, file, line)
		SELECT value ->> 0, CAST(value ->> 1 AS bigint), value ->> 2, CAST(value ->> 3 AS integer) FROM jsonb_each(?1) WHERE true
		ON CONFLICT (number, authority) DO UPDATE SET file = excluded.file, line = excluded.line`
)

// Statements that set the next version of an authority's plans.
const (
	plansChange = `UPDATE authority SET plans_version = plans_version + 1 WHERE code = ?1`
	planChanges = `UPDATE authority SET plans_version = plans_version + 1 WHERE code IN (SELECT authority FROM plan WHERE id = ?1)`
)

// resend inserts a mark. If there is one already, the earlier time remains.
const resend = `INSERT INTO resend (authority, since) VALUES (?1, ?2)
	ON CONFLICT (authority) DO UPDATE SET since = CASE WHEN excluded.since < resend.since THEN excluded.since ELSE resend.since END`

// resends calls add with the statements of a change of marks.
func resends(c *store.ResendChange, add func(Statement)) {
	for _, code := range c.Authorities {
		if c.Since.IsZero() {
			add(statement(`DELETE FROM resend WHERE authority = ?1`, code))
		} else {
			add(statement(resend, code, row.Instant(c.Since)))
		}
	}
}

// addPlan adds a row for insertPlans, whose key is its first value.
func (t *Table) addPlan(p store.Plan) error {
	number, err := row.Number(p.Number)
	t.add(p.ID, number, string(p.Kind), row.Day(p.Start), row.Day(p.End), row.Day(p.Due), p.Authority, p.Reference,
		p.Made)
	return err
}

// PutPlan adds or replaces a plan.
func (l Ledger) PutPlan(ctx context.Context, p store.Plan) error {
	return l.apply(ctx, store.Change{Put: &p})
}

// Plan returns the plan with that ID, or ErrNotFound.
func (l Ledger) Plan(ctx context.Context, id string) (store.PlanWithAuthority, error) {
	return first(ctx, l, row.Plan, row.SelectPlans+` WHERE plan.id = ?1`, id)
}

// Plans returns the plans under any of the numbers.
func (l Ledger) Plans(ctx context.Context, numbers []nhs.Number) ([]store.PlanWithAuthority, error) {
	in, args, err := among(numbers)
	if err != nil || len(args) == 0 {
		return nil, err
	}
	return list(ctx, l, row.Plan, row.SelectPlans+` WHERE number IN `+in, args...)
}

// PlansOf returns the plans of an authority.
func (l Ledger) PlansOf(ctx context.Context, authority string) ([]store.PlanWithAuthority, error) {
	return list(ctx, l, row.Plan, row.SelectPlans+` WHERE authority = ?1`, authority)
}

// PlansVersion returns a number that differs after each change of a plan of the authority, or ErrNotFound.
func (l Ledger) PlansVersion(ctx context.Context, authority string) (int64, error) {
	return first(ctx, l, func(r row.Row) (version int64, err error) {
		err = r.Scan(&version)
		return version, err
	}, `SELECT plans_version FROM authority WHERE code = ?1`, authority)
}

// RemovedPlans returns an authority's deleted plans under any of the numbers.
func (l Ledger) RemovedPlans(ctx context.Context, authority string, numbers []nhs.Number) ([]store.Plan, error) {
	in, args, err := among(numbers)
	if err != nil || len(args) == 0 {
		return nil, err
	}
	return list(ctx, l, row.RemovedPlan, row.SelectRemovedPlans+` WHERE number IN `+in+
		fmt.Sprintf(` AND authority = ?%d`, len(args)+1),
		append(args, authority)...)
}

// Lacks returns why plans of a patient with any of the numbers may be missing.
func (l Ledger) Lacks(ctx context.Context, numbers []nhs.Number) (store.MissingPlans, error) {
	in, args, err := among(numbers)
	if err != nil || len(args) == 0 {
		return store.MissingPlans{}, err
	}
	return first(ctx, l, func(r row.Row) (lacks store.MissingPlans, err error) {
		err = r.Scan(&lacks.Withheld, &lacks.Resend)
		return lacks, err
	}, `SELECT EXISTS (SELECT 1 FROM withheld WHERE number IN `+in+`), EXISTS (SELECT 1 FROM resend)`, args...)
}

// WithheldOf returns the patients of whom an authority has to resend a refused plan, ordered by number.
func (l Ledger) WithheldOf(ctx context.Context, authority string) ([]store.Withheld, error) {
	return list(ctx, l, row.Withheld, row.SelectWithheld+` WHERE authority = ?1 ORDER BY number`, authority)
}

// Resends returns the authorities that have to resend their plans, ordered by code.
func (l Ledger) Resends(ctx context.Context) ([]store.Resend, error) {
	return list(ctx, l, func(r row.Row) (store.Resend, error) {
		var again store.Resend
		var since int64
		err := r.Scan(&again.Authority, &since)
		again.Since = row.Time(since)
		return again, err
	}, `SELECT authority, since FROM resend ORDER BY authority`)
}

// MustResend marks every authority, stored or not, as having to resend its plans since a time, in one transaction and
// without an audit record. It is for a database that no hub has opened yet.
func (l Ledger) MustResend(ctx context.Context, since time.Time) error {
	all, err := l.Authorities(ctx)
	if err != nil {
		return err
	}
	c := store.ResendChange{Authorities: []string{""}, Since: since}
	for _, a := range all {
		c.Authorities = append(c.Authorities, a.Code)
	}
	var statements []Statement
	resends(&c, func(s Statement) { statements = append(statements, s) })
	return l.write(ctx, statements...)
}

// Accesses returns the accesses under any of the numbers, newest first.
func (l Ledger) Accesses(ctx context.Context, numbers []nhs.Number, limit int) ([]store.Access, error) {
	in, args, err := among(numbers)
	if err != nil || len(args) == 0 {
		return nil, err
	}
	return list(ctx, l, row.Access, row.SelectAccesses+` WHERE number IN `+in+
		fmt.Sprintf(` ORDER BY at DESC, id LIMIT 0 + ?%d`, len(args)+1),
		append(args, limit)...)
}

// accessPage is the number of accesses that are read at once, so that no read takes long.
const accessPage = 4096

// EachAccess calls visit for every access, in the order of their IDs.
func (l Ledger) EachAccess(ctx context.Context, visit func(store.Access) error) error {
	last := ""
	for {
		page, err := list(ctx, l, row.Access, row.SelectAccesses+` WHERE id > ?1 ORDER BY id LIMIT 0 + ?2`, last,
			accessPage)
		if err != nil {
			return err
		}
		for _, a := range page {
			if err := visit(a); err != nil {
				return err
			}
			last = a.ID
		}
		if len(page) < accessPage {
			return nil
		}
	}
}

// FirstAccesses returns the accesses under any of the numbers that don't repeat an earlier one of the same person,
// newest first.
func (l Ledger) FirstAccesses(ctx context.Context, numbers []nhs.Number, repeat time.Duration,
	limit int,
) ([]store.Access, error) {
	in, args, err := among(numbers)
	if err != nil || len(args) == 0 {
		return nil, err
	}
	n := len(args)
	return list(ctx, l, row.Access, row.SelectFirstAccesses("IN "+in, fmt.Sprintf("?%d", n+1),
		fmt.Sprintf("0 + ?%d", n+2)),
		append(args, repeat.Microseconds(), limit)...)
}

// Filled reports whether there is a plan or an upload.
func (l Ledger) Filled(ctx context.Context) (bool, error) {
	return first(ctx, l, func(r row.Row) (bool, error) {
		var filled bool
		err := r.Scan(&filled)
		return filled, err
	}, row.SelectFilled)
}
