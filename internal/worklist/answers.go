package worklist

import (
	"errors"
	"time"

	"wardlight/client"
	"wardlight/internal/nhs"
)

// Take handles the lamp of the patient at a place, of a line that has nothing to compare with a record. A lamp of
// another patient is no answer.
func (c *Check) Take(at int, lamp client.Lamp, now time.Time) {
	c.TakeResult(at, Result{Lamp: lamp}, now)
}

// TakeResult handles the result of the line at a place. A result about another number is no answer.
func (c *Check) TakeResult(at int, r Result, now time.Time) {
	if !c.out[at] {
		return
	}
	delete(c.out, at)
	delete(c.unread, at)
	lamp := r.Lamp
	switch {
	case lamp.Answered() && lamp.Number == c.patients[at].Number:
		if answer := answerOf(r); !c.setAnswer(at, answer) && r.RecordErr == nil && !lamp.RecordMissing { // a newer one is known, and compared now
			known := &c.answers[at]
			known.Name, known.Born, known.Current, known.RecordUnread = answer.Name, answer.Born, answer.Current, false
		}
		if r.RecordErr != nil { // the alert is shown at once, and the record is asked for again where that can help
			c.unread[at] = true
			c.failed(at, client.Lamp{Number: lamp.Number, RequestID: lamp.RequestID, Err: r.RecordErr}, now)
			return
		}
		c.trial, c.wait = false, 0
		return
	case errors.As(lamp.Err, new(*OtherPatientError)): // what was known is not about the patient of the line
		c.trial, c.wait = false, 0 // the hub answers
		c.answers[at] = Answer{State: client.CouldNotCheck, RequestID: lamp.RequestID, Why: reasonOf(lamp.Err), Name: r.Name, Born: r.Born}
		return
	case lamp.State != client.CouldNotCheck || lamp.Err == nil:
		lamp.Err = &client.Error{Kind: client.Rubbish, RequestID: lamp.RequestID}
	}
	c.failed(at, lamp, now)
}

// failed takes in why a patient got no answer: what is the matter with the hub leaves the patient not checked.
func (c *Check) failed(at int, lamp client.Lamp, now time.Time) {
	switch client.KindOf(lamp.Err) {
	case client.Busy:
		c.slow(lamp.Err, now)
	case client.Unreachable, client.TimedOut, client.Failing, client.Intercepted, client.CertificateWanted, client.Cancelled:
		// One that fails among others tells of the hub; one that fails alone, just after the hub could be reached, of itself.
		if c.trial && c.condition == Asking {
			c.tries[at]++
		}
		c.down(lamp.Err, now)
		if c.tries[at] >= mostTries {
			c.markFailed(at, lamp)
		}
	case client.SignedOut, client.NotAllowed, client.ClockWrong, client.Untrusted:
		c.condition, c.why, c.fault = Stopped, reasonOf(lamp.Err), lamp.Err
	default:
		c.markFailed(at, lamp)
		c.trial, c.wait = false, 0 // the hub answers
	}
}

// markFailed records that the patient could not be checked, unless there is an answer that came by another way. A
// record that could not be read is not asked for again.
func (c *Check) markFailed(at int, lamp client.Lamp) {
	delete(c.unread, at)
	if !c.answers[at].Known() {
		c.answers[at] = Answer{State: client.CouldNotCheck, RequestID: lamp.RequestID, Why: reasonOf(lamp.Err)}
	}
}

// setAnswer records an answer of the hub, and reports whether it changed anything: an older one does not.
func (c *Check) setAnswer(at int, answer Answer) bool {
	known := c.answers[at]
	if !answer.lamp().Replaces(known.lamp()) || answer == known {
		return false
	}
	c.answers[at] = answer
	return true
}

// Heard handles an answer about a number that came by another way, such as from the patient's own screen, and reports
// whether it changed anything: an older one does not. The number of a line that was not compared with the record can
// be somebody else's: such a line hears of an alert alone, and its record is asked for all the same. One that is
// known to have another patient's number hears nothing.
func (c *Check) Heard(lamp client.Lamp) bool {
	changed := false
	for _, at := range c.numbers[lamp.Number] {
		p, known := c.patients[at], c.answers[at]
		compared := !p.comparable() || known.Known() && !known.RecordUnread && !known.RecordMissing
		r := Result{Lamp: lamp, Name: known.Name, Born: known.Born, Current: known.Current}
		if !compared {
			r.Name, r.Born = notCompared(p.hasFamily()), notCompared(p.Born != "")
		}
		if !lamp.Answered() || known.ofAnother() || !compared && lamp.State != client.Alert {
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

// NoteOpened notes that the user opened the alert of the number at the time, and reports whether the list has it.
func (c *Check) NoteOpened(n nhs.Number, at time.Time) bool {
	found := false
	for i, p := range c.patients {
		if p.CanBeAsked() && (p.Number == n || c.answers[i].Current == n) && !c.answers[i].ofAnother() {
			c.opened[i], found = at, true
		}
	}
	return found
}

// OpenedAt returns when the user opened the alert of the patient at a place; the zero value where it was not opened.
func (c *Check) OpenedAt(at int) time.Time { return c.opened[at] }

// answerOf returns the answer that a result is, which the hub has given.
func answerOf(r Result) Answer {
	return Answer{
		State: r.Lamp.State, AsOf: r.Lamp.AsOf, RequestID: r.Lamp.RequestID, RecordMissing: r.Lamp.RecordMissing,
		RecordUnread: r.RecordErr != nil, Name: r.Name, Born: r.Born, Current: r.Current,
	}
}

// lamp returns the answer as a lamp, to compare it with another.
func (a Answer) lamp() client.Lamp { return client.Lamp{State: a.State, AsOf: a.AsOf} }
