package sqlledger

import (
	"context"
	"fmt"

	"wardlight/hub/patientflag"
	"wardlight/hub/store"
	"wardlight/hub/store/row"
	"wardlight/internal/nhs"
)

// putFlag adds a patient's flag, or replaces the one of the same kind.
const putFlag = `INSERT INTO patient_flag (kind, number, active, recorded, organisation, details)
	VALUES (?1, ?2, ?3, ?4, ?5, ?6)
	ON CONFLICT (kind, number) DO UPDATE SET active = excluded.active, recorded = excluded.recorded,
	organisation = excluded.organisation, details = excluded.details`

// flagPut calls do with the statement that stores a flag.
func flagPut(f *patientflag.Flag, do func(query string, args ...any)) error {
	number, err := row.Number(f.Number)
	if err != nil {
		return err
	}
	details, err := row.FlagDetails(f.Details)
	if err != nil {
		return err
	}
	active := 0
	if f.Active {
		active = 1
	}
	do(putFlag, string(f.Kind), number, active, row.Instant(f.Recorded), f.By, details)
	return nil
}

// PutFlag adds a patient's flag, or replaces the one of the same kind.
func (l Ledger) PutFlag(ctx context.Context, f patientflag.Flag) error {
	return l.apply(ctx, store.Change{Flag: &f})
}

// PatientFlags returns the flags of these kinds under any of the numbers, including inactive ones.
func (l Ledger) PatientFlags(ctx context.Context, numbers []nhs.Number, kinds []patientflag.Kind) ([]patientflag.Flag,
	error,
) {
	in, args, err := among(numbers)
	if err != nil || len(args) == 0 || len(kinds) == 0 {
		return nil, err
	}
	of := ""
	for i, k := range kinds {
		if i > 0 {
			of += ", "
		}
		args = append(args, string(k))
		of += fmt.Sprintf("?%d", len(args))
	}
	return list(ctx, l, row.Flag, row.SelectFlags+` WHERE kind IN (`+of+`) AND number IN `+in+` ORDER BY kind, number`,
		args...)
}

// HoldsFlags reports whether a flag of the kind, active or not, is stored of any patient.
func (l Ledger) HoldsFlags(ctx context.Context, kind patientflag.Kind) (bool, error) {
	return first(ctx, l, scanOne[bool], `SELECT EXISTS (SELECT 1 FROM patient_flag WHERE kind = ?1)`, string(kind))
}
