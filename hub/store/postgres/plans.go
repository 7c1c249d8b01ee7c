package postgres

import (
	"context"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
	"wardlight/internal/nhs"
)

const putPlan = `INSERT INTO plan VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET
	number = excluded.number, kind = excluded.kind, start_day = excluded.start_day, end_day = excluded.end_day,
	due_day = excluded.due_day, authority = excluded.authority, reference = excluded.reference`

// planValues returns the row of a plan, for putPlan.
func planValues(p store.Plan) ([]any, error) {
	n, err := numberOf(p.Number)
	if err != nil {
		return nil, err
	}
	return []any{readable(p.ID), n, string(p.Kind), day(p.Start), day(p.End), day(p.Due), p.Authority, readable(p.Reference)}, nil
}

// PutPlan adds or replaces a plan.
func (s *Store) PutPlan(ctx context.Context, p store.Plan) error {
	values, err := planValues(p)
	if err != nil {
		return err
	}
	return s.exec(ctx, putPlan, values...)
}

// DeletePlan takes a plan away.
func (s *Store) DeletePlan(ctx context.Context, id string) error {
	return s.one(ctx, `DELETE FROM plan WHERE id = $1`, id)
}

// Plan returns the plan with that ID.
func (s *Store) Plan(ctx context.Context, id string) (store.HeldPlan, error) {
	return first(ctx, s, row.Plan, row.SelectPlans+` WHERE plan.id = $1`, id)
}

// Plans lists the plans held under any of the numbers.
func (s *Store) Plans(ctx context.Context, numbers []nhs.Number) ([]store.HeldPlan, error) {
	among, err := numbersOf(numbers)
	if err != nil || len(among) == 0 {
		return nil, err
	}
	return list(ctx, s, row.Plan, row.SelectPlans+` WHERE number = ANY($1)`, among)
}

// PlansOf lists the plans of an authority.
func (s *Store) PlansOf(ctx context.Context, authority string) ([]store.HeldPlan, error) {
	return list(ctx, s, row.Plan, row.SelectPlans+` WHERE authority = $1`, authority)
}

// Accesses lists the accesses under any of the numbers, newest first.
func (s *Store) Accesses(ctx context.Context, numbers []nhs.Number, limit int) ([]store.Access, error) {
	among, err := numbersOf(numbers)
	if err != nil || len(among) == 0 {
		return nil, err
	}
	return list(ctx, s, row.Access, row.SelectAccesses+` WHERE number = ANY($1) ORDER BY at DESC, id LIMIT $2`, among, limit)
}

var selectFirstAccesses = row.SelectFirstAccesses("= ANY($1)", "$2", "$3")

// FirstAccesses lists the accesses under any of the numbers that do not repeat an earlier one of the same person,
// newest first.
func (s *Store) FirstAccesses(ctx context.Context, numbers []nhs.Number, repeat time.Duration, limit int) ([]store.Access, error) {
	among, err := numbersOf(numbers)
	if err != nil || len(among) == 0 {
		return nil, err
	}
	return list(ctx, s, row.Access, selectFirstAccesses, among, repeat.Microseconds(), limit)
}

// Filled reports whether a plan or an upload is on file.
func (s *Store) Filled(ctx context.Context) (filled bool, err error) {
	err = s.row(ctx, row.SelectFilled, nil, &filled)
	return filled, err
}
