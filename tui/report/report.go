// Package report is the diagnostics of the screens: the doctor's lines, of what is known now, for support.
package report

import (
	"time"

	"wardlight/client"
	"wardlight/internal/doctor"
	"wardlight/tui/ask"
	"wardlight/tui/step"
)

// Every is how long after its answer the hub is asked again while the report is open.
const Every = 10 * time.Second

// Report is what the report knows and the other screens do not.
type Report struct {
	*step.Common
	Version string
	// Facts returns what the screens know besides Hub, CardErr and SignInErr.
	Facts func() doctor.Facts
	// Last returns the last failure of reader, card or sign-in, and when it was; nil where there was none.
	Last func() (time.Time, error)

	Hub       doctor.HubFacts
	CardErr   error // of the card that was read ahead
	SignInErr error // of the last sign-in with it
	Asked     ask.Question[client.Probed]
	Again     ask.Number // the tick after which the hub is asked again
	chosen    int        // the line that is told in full, counted from 1; 0 is the one that matters most
}

// Open begins with the line that matters most.
func (r *Report) Open() { r.chosen = 0 }

// Asks says that the hub is being asked.
func (r *Report) Asks() { r.Again, r.Hub.Asking = 0, true }

// Answered takes in what became known of the hub, and after which tick it is asked again.
func (r *Report) Answered(hub client.Probed, again ask.Number) {
	r.Hub, r.Again = doctor.HubFacts{Asked: true, Probed: hub}, again
}

// Close drops what is still being asked.
func (r *Report) Close() {
	r.Asked.Drop()
	r.Again, r.Hub.Asking = 0, false
}

// Forget drops what is known of a card and its sign-in.
func (r *Report) Forget() { r.CardErr, r.SignInErr = nil, nil }

// Pick chooses the line n lines on.
func (r *Report) Pick(n int) {
	lines := r.Lines()
	r.chosen = max(1, min(r.told(lines)+1+n, len(lines)))
}

// Lines returns the lines of the doctor, of what is known now.
func (r *Report) Lines() []doctor.Line {
	f := r.Facts()
	f.Hub, f.Card.Err = r.Hub, r.CardErr
	if r.SignInErr != nil {
		f.SignIn = doctor.SignInFacts{Done: true, Err: r.SignInErr}
	}
	lines := doctor.Judge(f)
	for i := range lines {
		if l := &lines[i]; l.Check >= doctor.SignIn && l.State == doctor.NotReached && !l.Waits {
			l.Advice = wordSignInHere // not the command of that
		}
	}
	return lines
}

// told returns the index of the line that is told in full: the one chosen, else the first that failed, else the first
// with a warning, else the card's.
func (r *Report) told(lines []doctor.Line) int {
	if r.chosen > 0 {
		return r.chosen - 1
	}
	for _, s := range []doctor.State{doctor.Fail, doctor.Warning} {
		for i, l := range lines {
			if l.State == s {
				return i
			}
		}
	}
	return int(doctor.Card)
}
