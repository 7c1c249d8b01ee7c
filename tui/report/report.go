// Package report has the diagnostics screen: the checks of package doctor on what is currently known, for support.
package report

import (
	"time"

	"wardlight/client"
	"wardlight/internal/doctor"
	"wardlight/tui/ask"
	"wardlight/tui/step"
)

// Every is the time between the answer to a probe of the hub and the next probe, while the diagnostics are shown.
const Every = 10 * time.Second

// Report is the state of the diagnostics.
type Report struct {
	*step.Common
	Version string
	// Facts returns what the model knows, without Hub, CardErr and SignInErr.
	Facts func() doctor.Facts
	// Last returns the last failure of reader, card or sign-in, and its time. The error is nil if there was none.
	Last func() (time.Time, error)

	Hub       doctor.HubFacts
	CardErr   error // of the card that was read
	SignInErr error // of the last sign-in with this card
	Asked     ask.Request[client.ProbeResult]
	Again     ask.Number // number of the timer for the next probe
	chosen    int        // the row shown in full, from 1; 0 means the most important one
}

// Open resets the row shown in full to the most important one.
func (r *Report) Open() { r.chosen = 0 }

// SetProbing records that the hub is being probed.
func (r *Report) SetProbing() { r.Again, r.Hub.Probing = 0, true }

// Answered records the result of a probe, and the timer for the next.
func (r *Report) Answered(hub client.ProbeResult, again ask.Number) {
	r.Hub, r.Again = doctor.HubFacts{HasProbe: true, Probed: hub}, again
}

// Close drops a running probe.
func (r *Report) Close() {
	r.Asked.Drop()
	r.Again, r.Hub.Probing = 0, false
}

// Forget clears the errors of the card and its sign-in.
func (r *Report) Forget() { r.CardErr, r.SignInErr = nil, nil }

// Pick moves the selection by n rows.
func (r *Report) Pick(n int) {
	lines := r.Lines()
	r.chosen = max(1, min(r.shownIndex(lines)+1+n, len(lines)))
}

// Lines returns the results of the checks on what is currently known.
func (r *Report) Lines() []doctor.Result {
	f := r.Facts()
	f.Hub, f.Card.Err = r.Hub, r.CardErr
	if r.SignInErr != nil {
		f.SignIn = doctor.SignInFacts{Done: true, Err: r.SignInErr}
	}
	lines := doctor.Judge(f)
	for i := range lines {
		if l := &lines[i]; l.Check >= doctor.SignIn && l.State == doctor.NotReached && !l.Blocked {
			l.Advice = wordSignInHere // instead of the doctor command's own advice
		}
	}
	return lines
}

// shownIndex returns the index of the row shown in full: the chosen one, or else the first failure, the first warning,
// or the card's row.
func (r *Report) shownIndex(lines []doctor.Result) int {
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
