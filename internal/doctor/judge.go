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

// Judge makes the list, top to bottom: one line for each check.
func Judge(f Facts) []Line {
	j := &judgement{Facts: f, lines: make([]Line, len(checks))}
	j.service()
	j.readers()
	j.card()
	j.driver()
	j.certificate()
	j.tries()
	// The clock stands above the hub in the list, and is known from its answer.
	j.address()
	j.tls()
	j.clock()
	j.signIn()
	j.roles()
	return j.lines
}

// judgement is the list in the making.
type judgement struct {
	Facts
	lines []Line
	root  [len(checks)]Check // of a line that waits: the line to begin with
}

// good reports whether the check passed, with a warning or without.
func (j *judgement) good(c Check) bool {
	return j.lines[c].State == Pass || j.lines[c].State == Warning
}

// say sets a line from the table; detail replaces its sentence, unless it is "".
func (j *judgement) say(c Check, s State, w word, detail string) {
	t := table[w]
	if detail != "" {
		t.Sentence = detail
	}
	j.lines[c] = Line{Check: c, State: s, Sentence: t.Sentence, Advice: t.Advice, Code: t.Code}
}

// fail sets a line of the table that failed.
func (j *judgement) fail(c Check, of Family, w word, detail string) {
	j.say(c, Fail, w, detail)
	j.lines[c].Family = of
}

// skip sets a line that was not reached because of another. It names the one to begin with, not the one before it.
func (j *judgement) skip(c Check, w word, ground Check) {
	if j.lines[ground].Waits {
		ground = j.root[ground]
	}
	j.root[c] = ground
	j.say(c, NotReached, w, "Not checked: "+checks[ground].ground+" comes first.")
	j.lines[c].Waits = true
}

// blame sets a line that failed with an error that has words of its own.
func (j *judgement) blame(c Check, of Family, err error) {
	sentence, advice, code := explain(err)
	j.lines[c] = Line{Check: c, State: Fail, Sentence: sentence, Advice: advice, Code: code, Family: of}
}

// explain returns what an error says to the user. The text of one that is no fault stays hidden, as nobody has cleaned
// it.
func explain(err error) (sentence, advice, code string) {
	if f := fault.Find(err); f != nil {
		return f.Sentence(), f.Advice(), f.Code()
	}
	w := table[unknown]
	return w.Sentence, w.Advice, w.Code
}

// day returns a certificate's date where the terminal is.
func (j *judgement) day(t time.Time) string { return certerror.Day(t, j.At.Location()) }

// clean returns a stranger's name on one line.
func clean(s string) string { return text.Clean(s, 128) }

// is reports whether a card's error is of one of the kinds.
func is(err error, kinds ...cardreader.Kind) bool {
	for _, k := range kinds {
		if errors.Is(err, &cardreader.Error{Kind: k}) {
			return true
		}
	}
	return false
}

// hubIs reports whether a hub's error is of one of the kinds.
func hubIs(err error, kinds ...client.Kind) bool {
	for _, k := range kinds {
		if errors.Is(err, &client.Error{Kind: k}) {
			return true
		}
	}
	return false
}
