// Package checklist defines the results of diagnostic checks in wardlight and wardlight-hub: the states of a check,
// its row for people and for programs, and a sentence about the failed rows.
package checklist

import "fmt"

// State is the result of a check.
type State int

// The states. The zero State means that the check could not be made.
const (
	NotReached State = iota
	Pass
	Warning
	Fail
)

var stateNames = [...]string{NotReached: "not_reached", Pass: "pass", Warning: "warning", Fail: "fail"}

// Name returns the state's name in machine-readable output: "not_reached".
func (s State) Name() string { return stateNames[s] }

var stateWords = [...]string{NotReached: "not reached", Pass: "pass", Warning: "warning", Fail: "FAIL"}

// String returns the state for display: "not reached".
func (s State) String() string { return stateWords[s] }

// Row is one check and its result.
type Row struct {
	Name     string // name of the check in machine-readable output: "hub_tls"
	Title    string // name of the check for display: "Hub TLS"
	State    State
	Sentence string // what was found
	Advice   string // what the user can do
	Code     string // support code
	Blocked  bool   // not reached because an earlier row failed, whose advice comes first
}

// JSONRow is a row in machine-readable output.
type JSONRow struct {
	Check    string `json:"check"`
	State    string `json:"state"` // pass, warning, fail, not_reached
	Sentence string `json:"sentence"`
	Advice   string `json:"advice"`
	Code     string `json:"code"`
}

// Parts returns the rows for machine-readable output.
func Parts(rows []Row) []JSONRow {
	all := make([]JSONRow, len(rows))
	for i, r := range rows {
		all[i] = JSONRow{r.Name, r.State.Name(), r.Sentence, r.Advice, r.Code}
	}
	return all
}

// Text returns the rows for display, a line each. The advice follows a row that did not pass.
func Text(rows []Row) []string {
	var all []string
	for _, r := range rows {
		all = append(all, fmt.Sprintf("%-11s  %-17s  %s (%s)", r.State, r.Title, r.Sentence, r.Code))
		if r.State != Pass && !r.Blocked {
			all = append(all, fmt.Sprintf("%-11s  %-17s  %s", "", "", r.Advice))
		}
	}
	return all
}

// Worst returns the worst state of the rows: Fail, else Warning, else Pass. NotReached is ignored, because the row on
// which such a check depends has failed.
func Worst(rows []Row) State {
	worst := Pass
	for _, r := range rows {
		worst = max(worst, r.State)
	}
	return worst
}

// Problem returns a sentence, without its full stop, about how many rows failed and which is the first of them; "" if
// none failed.
func Problem(rows []Row) string {
	n := 0
	var first Row
	for _, r := range rows {
		if r.State == Fail {
			if n == 0 {
				first = r
			}
			n++
		}
	}
	switch n {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("1 of %d checks failed: %q (%s)", len(rows), first.Title, first.Code)
	default:
		return fmt.Sprintf("%d of %d checks failed, the first of them %q (%s)", n, len(rows), first.Title, first.Code)
	}
}
