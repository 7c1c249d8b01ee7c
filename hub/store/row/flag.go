package row

import (
	"encoding/json"
	"fmt"

	"wardlight/hub/patientflag"
)

// SelectFlags is the SELECT for [Flag]. A WHERE may follow.
const SelectFlags = `SELECT kind, number, active, recorded, organisation, details FROM patient_flag`

// Flag reads a patient's flag.
func Flag[R Row](r R) (f patientflag.Flag, err error) {
	var number, recorded int64
	var active int
	var details string
	if err := r.Scan(&f.Kind, &number, &active, &recorded, &f.By, &details); err != nil {
		return f, err
	}
	f.Number, f.Active, f.Recorded = Digits(number), active != 0, Time(recorded)
	if err := json.Unmarshal([]byte(details), &f.Details); err != nil {
		return f, fmt.Errorf("details of a flag: %w", err)
	}
	return f, nil
}

// FlagDetails returns details as stored.
func FlagDetails(all []patientflag.Detail) (string, error) {
	if len(all) == 0 {
		return "[]", nil
	}
	text, err := json.Marshal(all)
	if err != nil {
		return "", fmt.Errorf("details of a flag: %w", err)
	}
	return string(text), nil
}
