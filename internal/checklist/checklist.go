// Package checklist is the form of a doctor's findings, for wardlight and wardlight-hub alike: the states of a check,
// its row for people and for programs, and the sentence about the rows that failed.
package checklist

import "fmt"

// State is what became of a check.
type State int

// The states. The zero State is a check that could not be made.
const (
	NotReached State = iota
	Pass
	Warning
	Fail
)

var stateNames = [...]string{NotReached: "not_reached", Pass: "pass", Warning: "warning", Fail: "fail"}

// Name returns the state's name in documents for programs: "not_reached".
func (s State) Name() string { return stateNames[s] }

var stateWords = [...]string{NotReached: "not reached", Pass: "pass", Warning: "warning", Fail: "FAIL"}

// String returns the state for people: "not reached".
func (s State) String() string { return stateWords[s] }

// Row is one check and what came of it.
type Row struct {
	Name     string // of the check in documents for programs: "hub_tls"
	Title    string // of the check for people: "Hub TLS"
	State    State
	Sentence string // what was found
	Advice   string // what to do now
	Code     string // for support
	Waits    bool   // not reached because an earlier row failed: that one's advice comes first
}

// Part is a row in documents for programs.
type Part struct {
	Check    string `json:"check"`
	State    string `json:"state"` // pass, warning, fail, not_reached
	Sentence string `json:"sentence"`
	Advice   string `json:"advice"`
	Code     string `json:"code"`
}

// Parts returns the rows for programs.
func Parts(rows []Row) []Part {
	all := make([]Part, len(rows))
	for i, r := range rows {
		all[i] = Part{r.Name, r.State.Name(), r.Sentence, r.Advice, r.Code}
	}
	return all
}

// Text returns the rows for people, a line each, with the advice below one that did not pass.
func Text(rows []Row) []string {
	var all []string
	for _, r := range rows {
		all = append(all, fmt.Sprintf("%-11s  %-17s  %s (%s)", r.State, r.Title, r.Sentence, r.Code))
		if r.State != Pass && !r.Waits {
			all = append(all, fmt.Sprintf("%-11s  %-17s  %s", "", "", r.Advice))
		}
	}
	return all
}

// Worst returns the worst state of the rows: Fail, else Warning, else Pass. A check that was not reached is not worse
// than the one that kept it from being reached.
func Worst(rows []Row) State {
	worst := Pass
	for _, r := range rows {
		worst = max(worst, r.State)
	}
	return worst
}

// Problem returns how many rows failed, and the first of them, in a sentence without its full stop; "" where none did.
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
