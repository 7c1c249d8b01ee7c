package worklist

import (
	"errors"
	"time"

	"wardlight/client"
	"wardlight/internal/nhs"
)

// RecordLamp records the lamp of the patient at an index, whose row has nothing to compare with a record. A lamp with
// another NHS number is treated as a malformed answer.
func (c *Check) RecordLamp(at int, lamp client.Lamp, now time.Time) {
	c.RecordResult(at, Result{Lamp: lamp}, now)
}

// RecordResult records the result for the row at an index. A result with another NHS number is treated as a malformed
// answer.
func (c *Check) RecordResult(at int, r Result, now time.Time) {
	if !c.pending[at] {
		return
	}

	delete(c.pending, at)
	delete(c.unread, at)
	lamp := r.Lamp
	switch {
	case lamp.Answered() && lamp.Number == c.patients[at].Number:
		// keep the newer answer
		if answer := answerOf(r); !c.setAnswer(at, answer) && r.RecordErr == nil && !lamp.RecordMissing {
			known := &c.answers[at]
			known.Name, known.Born, known.Current, known.RecordUnread = answer.Name, answer.Born, answer.Current, false
		}
		if r.RecordErr != nil { // show the alert at once, and request the record again if that can help
			c.unread[at] = true
			c.failed(at, client.Lamp{Number: lamp.Number, RequestID: lamp.RequestID, Err: r.RecordErr}, now)
			return
		}
		c.trial, c.wait = false, 0
		return
	case errors.As(lamp.Err, new(*OtherPatientError)): // drop any earlier answer
		c.trial, c.wait = false, 0 // the hub answers
		c.answers[at] = Answer{
			State: client.CouldNotCheck, RequestID: lamp.RequestID, Why: reasonOf(lamp.Err),
			Name: r.Name, Born: r.Born,
		}
		return
	case lamp.Err == nil || lamp.State != client.CouldNotCheck && !lamp.OpeningAsks():
		lamp.Err = &client.Error{Kind: client.Malformed, RequestID: lamp.RequestID}
	}

	c.failed(at, lamp, now)
}

// failed records why a patient got no answer. If the cause is the hub, the patient stays not checked.
func (c *Check) failed(at int, lamp client.Lamp, now time.Time) {
	switch client.KindOf(lamp.Err) {
	case client.Busy:
		c.markSlowed(lamp.Err, now)
	case client.Unreachable, client.TimedOut, client.Failing, client.Intercepted, client.ClientCertificateRequired,
		client.Cancelled:
		// If one of several requests fails, the hub is the cause. If the only request fails just after the hub
		// answered a probe, the patient may be the cause.
		if c.trial && c.condition == Asking {
			c.tries[at]++
		}
		c.markHubDown(lamp.Err, now)
		if c.tries[at] >= maxTries {
			c.markFailed(at, lamp)
		}
	case client.SignedOut, client.NotAllowed, client.ClockWrong, client.Untrusted, client.OpeningAsks:
		c.condition, c.why, c.fault = Stopped, reasonOf(lamp.Err), lamp.Err
	default:
		c.markFailed(at, lamp)
		c.trial, c.wait = false, 0 // the hub answers
	}
}

// markFailed records that the patient could not be checked, unless an answer is known from elsewhere. The record is
// not requested again.
func (c *Check) markFailed(at int, lamp client.Lamp) {
	delete(c.unread, at)
	if !c.answers[at].Known() {
		c.answers[at] = Answer{
			State: client.CouldNotCheck, RequestID: lamp.RequestID, Why: reasonOf(lamp.Err), Flags: flagsOf(lamp),
		}
	}
}

// setAnswer stores an answer of the hub unless a newer one is known. It reports whether anything changed.
func (c *Check) setAnswer(at int, answer Answer) bool {
	known := c.answers[at]
	if !answer.lamp().Supersedes(known.lamp()) || answer == known {
		return false
	}
	c.answers[at] = answer
	return true
}

// RecordOtherLamp records an answer about an NHS number that was requested elsewhere, such as on the patient's own
// screen. It reports whether anything changed; an older answer changes nothing.
//
// A row that was not compared with the record may have another patient's number. For such a row only an alert is
// recorded, and the record is still requested. A row known to have another patient's number is not changed.
func (c *Check) RecordOtherLamp(lamp client.Lamp) bool {
	changed := false
	for _, at := range c.numbers[lamp.Number] {
		p, known := c.patients[at], c.answers[at]
		compared := !p.comparable() || known.Known() && !known.RecordUnread && !known.RecordMissing
		r := Result{Lamp: lamp, Name: known.Name, Born: known.Born, Current: known.Current}
		if !compared {
			r.Name, r.Born = notCompared(p.hasFamily()), notCompared(p.Born != "")
		}

		if !lamp.Answered() || known.isOtherPatient() || !compared && lamp.State != client.Alert {
			continue
		}

		answer := answerOf(r)
		answer.RecordUnread = !compared && !lamp.RecordMissing
		if c.setAnswer(at, answer) {
			changed = true
			if answer.RecordUnread {
				c.unread[at] = true
				if c.condition == Done {
					c.condition = Asking
				}
			}
		}
	}

	return changed
}

// NoteOpened records that the user opened the alert of number n at a time. It reports whether the list contains n.
func (c *Check) NoteOpened(n nhs.Number, at time.Time) bool {
	found := false
	for i, p := range c.patients {
		if p.HasNumber() && (p.Number == n || c.answers[i].Current == n) && !c.answers[i].isOtherPatient() {
			c.opened[i], found = at, true
		}
	}
	return found
}

// OpenedAt returns when the user opened the alert of the patient at an index, or the zero time.
func (c *Check) OpenedAt(at int) time.Time { return c.opened[at] }

// answerOf converts the result of an answered request.
func answerOf(r Result) Answer {
	return Answer{
		State: r.Lamp.State, AsOf: r.Lamp.AsOf, RequestID: r.Lamp.RequestID, RecordMissing: r.Lamp.RecordMissing,
		RecordUnread: r.RecordErr != nil, Name: r.Name, Born: r.Born, Current: r.Current, Flags: flagsOf(r.Lamp),
	}
}

// lamp returns a as a lamp, for comparison with another.
func (a Answer) lamp() client.Lamp { return client.Lamp{State: a.State, AsOf: a.AsOf} }
