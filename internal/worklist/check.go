package worklist

import (
	"time"

	"golang.org/x/time/rate"

	"wardlight/client"
	"wardlight/internal/nhs"
)

// MaxConcurrent is the maximum number of patients that are asked about at the same time.
const MaxConcurrent = 4

// The wait before the next probe of a hub that does not answer. It starts with firstWait and doubles up to
// maxCardWait.
const (
	firstWait = time.Second
	maxWait   = 30 * time.Second
)

// maxTries is the maximum number of attempts for a patient whose request fails each time just after the hub has
// answered a probe.
const maxTries = 3

// Condition is the state of a [Check].
type Condition int

// The conditions.
const (
	Asking  Condition = iota // patients are being asked about, or can be
	Slowed                   // the hub has asked to wait
	HubDown                  // the hub does not answer, and is probed from time to time
	Stopped                  // nothing is asked until Restart; see the Reason
	Done                     // no patient is left to ask about
)

// Check is the check of one list. It is a state machine: Next returns whom to ask about, and Take, RecordResult and
// Probed record the results. Create it with [NewCheck]. It is not safe for concurrent use.
type Check struct {
	patients []Patient
	answers  []Answer
	tries    []int
	pending  map[int]bool         // indexes of the patients that are being asked about
	numbers  map[nhs.Number][]int // indexes in patients
	unread   map[int]bool         // indexes of the alerts whose record must be requested again
	opened   map[int]time.Time    // when the user opened an alert, by index
	limit    *rate.Limiter

	condition Condition
	why       *Reason
	fault     error         // if Stopped
	until     time.Time     // if Slowed or OnHubDown: the earliest time of the next request
	wait      time.Duration // the current wait between probes
	probing   bool
	trial     bool // the hub was down: one patient is tried before the others
}

// NewCheck returns a check of a list in which nobody has been asked about. Patients are asked about in the list's
// order, at most perMinute a minute; 0 means no limit.
func NewCheck(patients []Patient, perMinute int) *Check {
	limit := rate.Inf
	if perMinute > 0 {
		limit = rate.Limit(float64(perMinute) / 60)
	}
	c := &Check{
		patients: patients, answers: make([]Answer, len(patients)), tries: make([]int, len(patients)),
		pending: make(map[int]bool), unread: make(map[int]bool), opened: make(map[int]time.Time),
		numbers: make(map[nhs.Number][]int), limit: rate.NewLimiter(limit, MaxConcurrent),
	}
	for i, p := range patients {
		if p.HasNumber() {
			c.numbers[p.Number] = append(c.numbers[p.Number], i)
		}
	}
	return c
}

// Len returns the number of patients.
func (c *Check) Len() int { return len(c.patients) }

// Patient returns the patient at an index, from 0.
func (c *Check) Patient(at int) Patient { return c.patients[at] }

// Answer returns the answer about the patient at an index.
func (c *Check) Answer(at int) Answer { return c.answers[at] }

// Pending reports whether the patient at an index is being asked about.
func (c *Check) Pending(at int) bool { return c.pending[at] }

// Condition returns the state of the check, and the reason if it is not progressing. The reason is nil for Asking and
// Done.
func (c *Check) Condition() (Condition, *Reason) { return c.condition, c.why }

// Fault returns the error that stopped the check. It is nil unless the condition is Stopped.
func (c *Check) Fault() error { return c.fault }

// Tally returns the number of patients in each state.
func (c *Check) Tally() Tally {
	t := Tally{All: len(c.patients)}
	for i, a := range c.answers {
		switch a.State {
		case client.Alert:
			t.Alerts++
		case client.NoneRecorded:
			t.NoneRecorded++
		case client.CouldNotCheck:
			t.CouldNotCheck++
		default:
			t.NotChecked++
			if !c.patients[i].HasNumber() {
				t.Faulty++
			}
		}
	}
	return t
}

// Step is what the caller of [Check.Next] must do.
type Step struct {
	Ask   []int // indexes of the patients to ask about now
	Probe bool  // probe whether the hub can be reached
	// Wait is the time after which to call Next again, if no answer arrives before. 0 means only after an answer.
	Wait time.Duration
}

// Next returns what to do at time now. The caller does it, and passes the results to Take or RecordResult for each of
// Ask, and to RecordProbe for Probe. Then, and after Wait, it calls Next again.
func (c *Check) Next(now time.Time) Step {
	switch c.condition {
	case Stopped, Done:
		return Step{}
	case HubDown:
		switch {
		case c.probing, len(c.pending) > 0:
			return Step{}
		case now.Before(c.until):
			return Step{Wait: c.until.Sub(now)}
		}
		c.probing = true
		return Step{Probe: true}
	case Slowed:
		if now.Before(c.until) {
			return Step{Wait: c.until.Sub(now)}
		}
		c.condition, c.why = Asking, nil
	case Asking:
	}

	return c.ask(now)
}

// ask returns the patients that may be asked about now.
func (c *Check) ask(now time.Time) Step {
	var s Step
	limit := MaxConcurrent
	if c.trial {
		limit = 1
	}

	for i := range c.patients {
		if !c.due(i) {
			continue
		}
		if len(c.pending) >= limit {
			return s
		}
		if !c.limit.AllowN(now, 1) {
			s.Wait = c.rateDelay(now)
			return s
		}
		c.pending[i] = true
		s.Ask = append(s.Ask, i)
	}

	if len(c.pending) == 0 {
		c.condition = Done
	}

	return s
}

// rateDelay returns the time until the rate limit allows the next patient.
func (c *Check) rateDelay(now time.Time) time.Duration {
	missing := 1 - c.limit.TokensAt(now)
	return max(time.Millisecond, time.Duration(missing/float64(c.limit.Limit())*float64(time.Second)))
}

// due reports whether the patient at an index still has to be asked about.
func (c *Check) due(at int) bool {
	return c.patients[at].HasNumber() && !c.pending[at] && (c.answers[at].State == client.NotChecked || c.unread[at])
}

// markSlowed waits as long as the hub asks, or as long as if the hub were down.
func (c *Check) markSlowed(err error, now time.Time) {
	if c.condition == Stopped || c.condition == HubDown {
		return
	}
	wait := asksToWait(err)
	if wait <= 0 {
		c.doubleWait()
		wait = c.wait
	}
	if until := now.Add(wait); c.condition != Slowed || until.After(c.until) {
		c.until = until
	}
	c.condition, c.why = Slowed, reasonOf(err)
}

// markHubDown starts to probe the hub. Further failures of requests that ran at the same time are ignored.
func (c *Check) markHubDown(err error, now time.Time) {
	if c.condition == Stopped || c.condition == HubDown {
		return
	}
	c.doubleWait()
	c.condition, c.why, c.until = HubDown, reasonOf(err), now.Add(max(c.wait, asksToWait(err)))
}

// doubleWait doubles the wait, up to maxCardWait.
func (c *Check) doubleWait() { c.wait = max(firstWait, min(2*c.wait, maxWait)) }

// RecordProbe records the result of a probe: nil if the hub can be reached. Then one patient is tried, and the others
// follow when it is answered.
func (c *Check) RecordProbe(err error, now time.Time) {
	if !c.probing {
		return
	}
	c.probing = false
	switch {
	case c.condition != HubDown:
	case err == nil:
		c.condition, c.why, c.trial = Asking, nil, true
	case client.KindOf(err) == client.Untrusted:
		c.condition, c.why, c.fault = Stopped, reasonOf(err), err
	default:
		c.doubleWait()
		c.why, c.until = reasonOf(err), now.Add(max(c.wait, asksToWait(err)))
	}
}

// Unanswered reports whether Restart would ask about any patient. Restricted records are not requested again, because
// the answer stays the same.
func (c *Check) Unanswered() bool {
	for i, a := range c.answers {
		if c.patients[i].HasNumber() && (!a.Known() && !a.restricted() || c.unread[i]) {
			return true
		}
	}
	return false
}

// Restart asks again about all patients without an answer, and about the alerts whose record could not be read. If the
// hub is down it is probed at once.
func (c *Check) Restart(now time.Time) {
	for i, a := range c.answers {
		switch {
		case a.State == client.CouldNotCheck && !a.restricted():
			c.answers[i] = Answer{}
		case a.RecordUnread:
			c.unread[i] = true
		}
	}
	clear(c.tries)
	c.wait, c.fault = 0, nil
	switch c.condition {
	case Stopped, Done:
		c.condition, c.why = Asking, nil
	case HubDown:
		c.until = now
	case Asking, Slowed: // the wait that the hub has asked for still applies
	}
}

// PendingCount returns the number of patients that are being asked about.
func (c *Check) PendingCount() int { return len(c.pending) }

// Abandon marks the patients that are being asked about as not asked, for a caller that has given up waiting. An
// answer that still arrives must not be passed to Take.
func (c *Check) Abandon() {
	clear(c.pending)
	c.probing = false
}
