package doctor

import (
	"errors"
	"time"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/certerror"
	"wardlight/internal/fault"
	"wardlight/internal/text"
)

// Judge returns the list of checks, one line for each.
func Judge(f Facts) []Result {
	j := &resultBuilder{Facts: f, lines: make([]Result, len(checks))}
	j.service()
	j.readers()
	j.card()
	j.driver()
	j.certificate()
	j.tries()
	// The clock precedes the hub in the list, but its check needs the hub's response.
	j.address()
	j.tls()
	j.clock()
	j.signIn()
	j.roles()
	return j.lines
}

// resultBuilder builds the list.
type resultBuilder struct {
	Facts
	lines []Result
	root  [len(checks)]Check // for a line that waits: the failed check to fix first
}

// passed reports whether the check passed, with or without a warning.
func (j *resultBuilder) passed(c Check) bool {
	return j.lines[c].State == Pass || j.lines[c].State == Warning
}

// set sets a line to an entry of the table. detail replaces the sentence if it isn't empty.
func (j *resultBuilder) set(c Check, s State, w entry, detail string) {
	t := table[w]
	if detail != "" {
		t.Sentence = detail
	}
	j.lines[c] = Result{Check: c, State: s, Sentence: t.Sentence, Advice: t.Advice, Code: t.Code}
}

// fail sets a failed line to an entry of the table.
func (j *resultBuilder) fail(c Check, of FailureKind, w entry, detail string) {
	j.set(c, Fail, w, detail)
	j.lines[c].Family = of
}

// skip sets a line that was not reached because another check failed. It names the first failed check of such a chain.
func (j *resultBuilder) skip(c Check, w entry, ground Check) {
	if j.lines[ground].Blocked {
		ground = j.root[ground]
	}
	j.root[c] = ground
	j.set(c, NotReached, w, "Not checked: "+checks[ground].ground+" comes first.")
	j.lines[c].Blocked = true
}

// setError sets a failed line to the texts of an error.
func (j *resultBuilder) setError(c Check, of FailureKind, err error) {
	sentence, advice, code := explain(err)
	j.lines[c] = Result{Check: c, State: Fail, Sentence: sentence, Advice: advice, Code: code, Family: of}
}

// explain returns the texts of an error for the user. The text of an error that isn't a fault is not shown, because it
// isn't sanitised.
func explain(err error) (sentence, advice, code string) {
	if f := fault.Find(err); f != nil {
		return f.Sentence(), f.Advice(), f.Code()
	}
	w := table[unknown]
	return w.Sentence, w.Advice, w.Code
}

// day returns a certificate's date in the terminal's time zone.
func (j *resultBuilder) day(t time.Time) string { return certerror.Day(t, j.At.Location()) }

// clean sanitises an untrusted name for display on one line.
func clean(s string) string { return text.Clean(s, 128) }

// is reports whether err is a card error of one of the kinds.
func is(err error, kinds ...cardreader.Kind) bool {
	for _, k := range kinds {
		if errors.Is(err, &cardreader.Error{Kind: k}) {
			return true
		}
	}
	return false
}

// hubIs reports whether err is a hub error of one of the kinds.
func hubIs(err error, kinds ...client.Kind) bool {
	for _, k := range kinds {
		if errors.Is(err, &client.Error{Kind: k}) {
			return true
		}
	}
	return false
}
