package main

import (
	"encoding/json"
	"errors"
	"io"
	"time"

	"wardlight/hub/audit"
	"wardlight/internal/version"
)

// verification is the JSON document wardlight.hub-audit-verify/1.
type verification struct {
	Schema      string         `json:"schema"`
	At          string         `json:"at"`
	Version     string         `json:"version"`
	ExitCode    int            `json:"exit_code"`
	Records     int64          `json:"records"`     // the last record of the valid chain
	Hash        string         `json:"hash"`        // its hash, in base64
	SealedTo    int64          `json:"sealed_to"`   // the last sealed record that was not checked; 0 for none
	Checkpoints int            `json:"checkpoints"` // checkpoints in the file
	Confirmed   int64          `json:"confirmed"`   // the last record that a checkpoint confirms; 0 for none
	Incomplete  []int          `json:"incomplete"`  // lines of checkpoints that were not written completely
	Accesses    int            `json:"accesses"`    // accesses that have an opening on record
	Finding     *verifyFinding `json:"finding"`     // null if the audit is valid
}

// verifyFinding is why the audit is not valid, or could not be checked.
type verifyFinding struct {
	Code    string `json:"code"`
	Record  int64  `json:"record"` // the first record that it is about; 0 if there is none
	Problem string `json:"problem"`
}

func newVerification(at time.Time) *verification {
	return &verification{
		Schema: "wardlight.hub-audit-verify/1", At: at.UTC().Format(time.RFC3339), Version: version.String(),
		Incomplete: []int{},
	}
}

// findingOf returns the finding that an error is, or nil if the audit could not be checked.
func findingOf(err error) *verifyFinding {
	var (
		broken       *audit.BrokenError
		contradicted *audit.ContradictedError
		tail         *audit.TailError
		access       *audit.AccessError
	)
	switch {
	case errors.As(err, &broken):
		return &verifyFinding{"chain_broken", broken.Seq, err.Error()}
	case errors.As(err, &contradicted):
		return &verifyFinding{"checkpoint_contradicted", contradicted.Confirmed + 1, err.Error()}
	case errors.As(err, &tail):
		return &verifyFinding{"end_cut_off", tail.First(), err.Error()}
	case errors.As(err, &access):
		return &verifyFinding{string(access.Kind), access.Seq, err.Error()}
	}
	return nil
}

// write writes the document with the error of the verification.
func (d *verification) write(out io.Writer, failed error) error {
	if failed != nil {
		d.ExitCode = exitFailed
		if d.Finding = findingOf(failed); d.Finding == nil {
			d.ExitCode, d.Finding = exitUnchecked, &verifyFinding{"unchecked", 0, failed.Error()}
		}
	}
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(d)
}
