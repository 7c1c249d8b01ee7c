package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
	"wardlight/internal/nhs"
)

// PutPlan adds or replaces a plan.
func (s *Store) PutPlan(ctx context.Context, p store.Plan) error {
	return s.ledger.writing(ctx, func(tx *sql.Tx) error { return s.postPlan(ctx, tx, p) })
}

func (s *Store) postPlan(ctx context.Context, tx *sql.Tx, p store.Plan) error {
	n, err := numberOf(p.Number)
	if err != nil {
		return err
	}
	_, err = s.ledger.run(ctx, tx, putPlan, p.ID, n, string(p.Kind), day(p.Start), day(p.End), day(p.Due), p.Authority, p.Reference)
	return err
}

// DeletePlan takes a plan away.
func (s *Store) DeletePlan(ctx context.Context, id string) error {
	return s.ledger.writing(ctx, func(tx *sql.Tx) error {
		return one(s.ledger.run(ctx, tx, deletePlan, id))
	})
}

// Plan returns the plan with that ID.
func (s *Store) Plan(ctx context.Context, id string) (store.HeldPlan, error) {
	return first(ctx, s.ledger, row.Plan, row.SelectPlans+` WHERE plan.id = ?`, id)
}

// Plans lists the plans held under any of the numbers.
func (s *Store) Plans(ctx context.Context, numbers []nhs.Number) ([]store.HeldPlan, error) {
	in, args, err := among(numbers)
	if err != nil || len(args) == 0 {
		return nil, err
	}
	return list(ctx, s.ledger, row.Plan, row.SelectPlans+` WHERE number IN `+in, args...)
}

// PlansOf lists the plans of an authority.
func (s *Store) PlansOf(ctx context.Context, authority string) ([]store.HeldPlan, error) {
	return list(ctx, s.ledger, row.Plan, row.SelectPlans+` WHERE authority = ?`, authority)
}

// Accesses lists the accesses under any of the numbers, newest first.
func (s *Store) Accesses(ctx context.Context, numbers []nhs.Number, limit int) ([]store.Access, error) {
	in, args, err := among(numbers)
	if err != nil || len(args) == 0 {
		return nil, err
	}
	return list(ctx, s.ledger, row.Access, row.SelectAccesses+` WHERE number IN `+in+` ORDER BY at DESC, id LIMIT +?`, append(args, limit)...)
}

// FirstAccesses lists the accesses under any of the numbers that do not repeat an earlier one of the same person,
// newest first.
func (s *Store) FirstAccesses(ctx context.Context, numbers []nhs.Number, repeat time.Duration, limit int) ([]store.Access, error) {
	in, args, err := among(numbers)
	if err != nil || len(args) == 0 {
		return nil, err
	}
	n := len(args)
	query := row.SelectFirstAccesses("IN "+in, fmt.Sprintf("?%d", n+1), fmt.Sprintf("+?%d", n+2))
	return list(ctx, s.ledger, row.Access, query, append(args, repeat.Microseconds(), limit)...)
}

// among returns "(?1, ?2)" with its arguments.
func among(numbers []nhs.Number) (string, []any, error) {
	args, marks := make([]any, len(numbers)), make([]string, len(numbers))
	for i, d := range numbers {
		n, err := numberOf(d)
		if err != nil {
			return "", nil, fmt.Errorf("number %d of %d: %w", i+1, len(numbers), err)
		}
		args[i], marks[i] = n, fmt.Sprintf("?%d", i+1)
	}
	return "(" + strings.Join(marks, ", ") + ")", args, nil
}

// Filled reports whether a plan or an upload is on file.
func (s *Store) Filled(ctx context.Context) (filled bool, err error) {
	err = s.ledger.row(ctx, row.SelectFilled, nil, &filled)
	return filled, err
}
