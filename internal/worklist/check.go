package worklist

import (
	"time"

	"golang.org/x/time/rate"

	"wardlight/client"
	"wardlight/internal/nhs"
)

// AtOnce is how many patients are asked about at the same time, at most.
const AtOnce = 4

// The waits between two looks at a hub that does not answer: the first, doubled each time, and the longest.
const (
	firstWait   = time.Second
	longestWait = 30 * time.Second
)

// mostTries is how often a patient is asked about when each time the hub could just be reached and yet gives no answer.
const mostTries = 3

// Condition is how the checking stands.
type Condition int

// The conditions.
const (
	Asking  Condition = iota // patients are asked about, or may be at once
	Slowed                   // the hub has asked to wait
	HubDown                  // the hub does not answer: it is looked at now and then
	Stopped                  // nothing is asked until Restart: Why says why
	Done                     // nobody is left to ask about
)

// Check is one list being checked: a state machine that says whom to ask about (Next) and takes in the answers (Take,
// Probed). Its zero value is of no use. It is for one goroutine.
type Check struct {
	patients []Patient
	answers  []Answer
	tries    []int
	out      map[int]bool         // places in patients that are being asked about
	numbers  map[nhs.Number][]int // places in patients
	unread   map[int]bool         // places of the alerts whose record is to be asked for again
	opened   map[int]time.Time    // places of the alerts that the user has opened, and when
	limit    *rate.Limiter

	condition Condition
	why       *Reason
	fault     error         // of Stopped
	until     time.Time     // of Slowed and HubDown: not before
	wait      time.Duration // the last of HubDown
	probing   bool
	trial     bool // the hub was down: one patient goes ahead of the others
}

// NewCheck begins to check a list, in its order, at most perMinute patients a minute; 0 is as fast as the answers
// come. Nobody has been asked about.
func NewCheck(patients []Patient, perMinute int) *Check {
	limit := rate.Inf
	if perMinute > 0 {
		limit = rate.Limit(float64(perMinute) / 60)
	}
	c := &Check{
		patients: patients, answers: make([]Answer, len(patients)), tries: make([]int, len(patients)),
		out: make(map[int]bool), unread: make(map[int]bool), opened: make(map[int]time.Time), numbers: make(map[nhs.Number][]int), limit: rate.NewLimiter(limit, AtOnce),
	}
	for i, p := range patients {
		if p.CanBeAsked() {
			c.numbers[p.Number] = append(c.numbers[p.Number], i)
		}
	}
	return c
}

// Len returns how many patients there are.
func (c *Check) Len() int { return len(c.patients) }

// Patient returns the patient at a place of the list, from 0.
func (c *Check) Patient(at int) Patient { return c.patients[at] }

// Answer returns what is known of the patient at a place.
func (c *Check) Answer(at int) Answer { return c.answers[at] }

// Out reports whether the patient at a place is being asked about now.
func (c *Check) Out(at int) bool { return c.out[at] }

// Condition returns how the checking stands, and why where it does not go on: nil for Asking and Done.
func (c *Check) Condition() (Condition, *Reason) { return c.condition, c.why }

// Fault returns the error that stopped the checking; nil unless the condition is Stopped.
func (c *Check) Fault() error { return c.fault }

// Tally counts the states.
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
			if !c.patients[i].CanBeAsked() {
				t.Faulty++
			}
		}
	}
	return t
}

// Step is what to do next.
type Step struct {
	Ask   []int // places of the patients to ask about, at once
	Probe bool  // look whether the hub can be reached
	// Wait is how long until there is more to do, when no answer comes before; 0 is until an answer comes.
	Wait time.Duration
}

// Next says what to do at the time. Whoever calls it does so, and tells what came of it: Take for each of Ask, Probed
// for Probe. It is called again after those, and when Wait is over.
func (c *Check) Next(now time.Time) Step {
	switch c.condition {
	case Stopped, Done:
		return Step{}
	case HubDown:
		switch {
		case c.probing, len(c.out) > 0:
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

// ask takes as many patients as may be asked about now.
func (c *Check) ask(now time.Time) Step {
	var s Step
	most := AtOnce
	if c.trial {
		most = 1
	}
	for i := range c.patients {
		if !c.due(i) {
			continue
		}
		if len(c.out) >= most {
			return s
		}
		if !c.limit.AllowN(now, 1) {
			s.Wait = c.token(now)
			return s
		}
		c.out[i] = true
		s.Ask = append(s.Ask, i)
	}
	if len(c.out) == 0 {
		c.condition = Done
	}
	return s
}

// token returns how long until the next patient may be asked about by the rate.
func (c *Check) token(now time.Time) time.Duration {
	missing := 1 - c.limit.TokensAt(now)
	return max(time.Millisecond, time.Duration(missing/float64(c.limit.Limit())*float64(time.Second)))
}

// due reports whether the patient is still to be asked about.
func (c *Check) due(at int) bool {
	return c.patients[at].CanBeAsked() && !c.out[at] && (c.answers[at].State == client.NotChecked || c.unread[at])
}

// slow waits as the hub asks, or as long as for one that is down.
func (c *Check) slow(err error, now time.Time) {
	if c.condition == Stopped || c.condition == HubDown {
		return
	}
	wait := asksToWait(err)
	if wait <= 0 {
		c.lengthen()
		wait = c.wait
	}
	if until := now.Add(wait); c.condition != Slowed || until.After(c.until) {
		c.until = until
	}
	c.condition, c.why = Slowed, reasonOf(err)
}

// down begins to look at the hub now and then. Patients who were asked about at the same time tell no more.
func (c *Check) down(err error, now time.Time) {
	if c.condition == Stopped || c.condition == HubDown {
		return
	}
	c.lengthen()
	c.condition, c.why, c.until = HubDown, reasonOf(err), now.Add(max(c.wait, asksToWait(err)))
}

// lengthen doubles the wait.
func (c *Check) lengthen() { c.wait = max(firstWait, min(2*c.wait, longestWait)) }

// Probed takes in whether the hub can be reached: nil when it can. Then one patient goes ahead, and the others follow
// when there is an answer.
func (c *Check) Probed(err error, now time.Time) {
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
		c.lengthen()
		c.why, c.until = reasonOf(err), now.Add(max(c.wait, asksToWait(err)))
	}
}

// Unanswered reports whether there is somebody whom Restart would ask about. Of a restricted record nobody is told more
// by asking again.
func (c *Check) Unanswered() bool {
	for i, a := range c.answers {
		if c.patients[i].CanBeAsked() && (!a.Known() && !a.restricted() || c.unread[i]) {
			return true
		}
	}
	return false
}

// Restart asks again about everybody without an answer and about the alerts whose record could not be read, and looks
// at the hub at once.
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
	case Asking, Slowed: // the wait that the hub asked for holds
	}
}

// Asked returns how many patients are being asked about.
func (c *Check) Asked() int { return len(c.out) }

// Abandon is for a caller who waits no more for what is being asked: those patients are asked about again. An answer
// that comes all the same must not be given to Take.
func (c *Check) Abandon() {
	clear(c.out)
	c.probing = false
}
