package sqlledger

import (
	"context"
	"errors"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
	"wardlight/internal/nhs"
)

// insertChecks stores the results of checks of numbers. It reads a [Table].
const insertChecks = `INSERT INTO number_check (number, current, checked)
	SELECT CAST(value ->> 0 AS bigint), CAST(value ->> 1 AS bigint), CAST(value ->> 2 AS bigint) FROM jsonb_each(?1) WHERE true
	ON CONFLICT (number) DO UPDATE SET current = excluded.current, checked = excluded.checked`

// checksTable returns the rows for insertChecks.
func checksTable(checks []store.NumberCheck) (*Table, error) {
	t := &Table{Key: 1}
	for _, c := range checks {
		number, err := row.Number(c.Number)
		current, other := row.Number(c.Current)
		if err := errors.Join(err, other); err != nil {
			return nil, err
		}
		t.add(number, current, row.Instant(c.At))
	}
	return t, nil
}

// PutNumberChecks stores the results of checks.
func (l Ledger) PutNumberChecks(ctx context.Context, checks []store.NumberCheck) error {
	t, err := checksTable(checks)
	if err != nil || len(t.Rows) == 0 {
		return err
	}
	return l.write(ctx, statement(insertChecks, t))
}

// SupersededBy returns the other numbers for which a check returned one of these numbers.
func (l Ledger) SupersededBy(ctx context.Context, current []nhs.Number) ([]nhs.Number, error) {
	in, args, err := among(current)
	if err != nil || len(args) == 0 {
		return nil, err
	}
	return list(ctx, l, row.OneNumber, `SELECT number FROM number_check WHERE current IN `+in+` AND number <> current
		ORDER BY number`, args...)
}

// UncheckedNumbers returns the numbers with plans that have not been checked since before.
func (l Ledger) UncheckedNumbers(ctx context.Context, before time.Time, limit int) ([]nhs.Number, error) {
	return list(ctx, l, row.OneNumber, `SELECT DISTINCT plan.number FROM plan LEFT JOIN number_check ON number_check.number = plan.number
		WHERE coalesce(number_check.checked, 0) < ?1 ORDER BY plan.number LIMIT 0 + ?2`, row.Instant(before), limit)
}
