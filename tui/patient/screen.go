// Package patient is the step of one patient: who it is, whether there is an alert, and the receipt of the check.
package patient

import (
	"errors"
	"time"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/recordsystem"
	"wardlight/internal/worklist"
	"wardlight/rbac"
	"wardlight/tui/act"
	"wardlight/tui/ask"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// Screen is one patient: who it is, and whether there is an alert. Opening is a deliberate step from here.
type Screen struct {
	*step.Common
	step.Unfocused
	Number    nhs.Number // what the next question is about
	Notifies  bool       // the role's care setting: opening is recorded and notified
	Record    *client.Patient
	RecordErr error
	Lamp      client.Lamp
	since     time.Time // when what the keys are about last changed
	lampAt    time.Time // when the lamp's answer came
	recordAt  time.Time // when the record did not come
	// How often lamp and record were asked for since they were last answered.
	lampTries, recordTries int
	Opened                 *client.Opened
	OpenErr                error
	Flagged                *recordsystem.Answer
	// Listed is the line of the worklist that the user came from; nil for none. Where the record is another patient's,
	// nothing is opened or flagged before the user has confirmed that this is the patient.
	Listed    *worklist.Patient
	mismatch  *worklist.OtherPatientError // nil where the record fits the line
	confirmed bool

	RecordAsked ask.Question[client.Patient]
	LampAsked   ask.Question[client.Lamp]
	Opening     ask.Question[client.Opened]
	Flagging    ask.Question[FlagSet]
}

// FlagSet is what became of a flag, and what waits besides.
type FlagSet struct {
	Answer  recordsystem.Answer
	Waiting recordsystem.Waiting
}

// New returns the screen of the patient with the number, for somebody in the role.
func New(c *step.Common, n nhs.Number, role rbac.RoleProfile) *Screen {
	return &Screen{Common: c, Number: n, Notifies: rbac.Unscheduled(role)}
}

// Place returns where the screen stands between the search and the opened alert.
func (s *Screen) Place() draw.Place { return draw.AtPatient }

// Digest returns what the record says besides the banner.
func (s *Screen) Digest(w int) draw.Pane { return s.facts(w) }

// State returns which of the four states holds now.
func (s *Screen) State() client.State {
	if s.Asking() {
		return client.NotChecked
	}
	return s.Lamp.State
}

// Asking reports whether the state is not known yet. An alert stays until there is another answer.
func (s *Screen) Asking() bool { return s.LampAsked.Pending() && s.Lamp.State != client.Alert }

// Wipe drops what was typed and shown.
func (s *Screen) Wipe() {
	s.RecordAsked.Drop()
	s.LampAsked.Drop()
	s.Opening.Drop()
	s.Flagging.Drop()
	*s = Screen{Common: s.Common}
}

// CanOpen reports whether there is something to open, and the user can see whose it is, or that no record says it.
func (s *Screen) CanOpen() bool {
	return (s.Record != nil || s.unrecorded()) && !s.Disputed() && !s.Asking() && s.Lamp.State == client.Alert && !s.Opening.Pending()
}

// Disputed reports whether the list that the user came from names somebody else than the record, and the user has not
// confirmed yet that the record is the right one.
func (s *Screen) Disputed() bool { return s.mismatch != nil && !s.confirmed }

// unrecorded reports whether there is an alert under a number that no record has.
func (s *Screen) unrecorded() bool { return s.RecordFault() != nil && s.Lamp.RecordMissing }

// RecordFault returns why the record did not come, as far as that can be said: that nobody has the number waits for
// the lamp.
func (s *Screen) RecordFault() error {
	if s.Asking() && s.RecordErr != nil && step.AboutNumber(s.RecordErr) {
		return nil
	}
	return s.RecordErr
}

// canAskAgain reports whether there is an answer that could be had anew.
func (s *Screen) canAskAgain() bool {
	return !s.Opening.Pending() && (s.RecordFault() != nil || !s.Asking() && s.Lamp.State != client.Alert && !s.restricted())
}

// restricted reports whether nobody is told whether there is an alert. Asking again changes nothing.
func (s *Screen) restricted() bool { return client.KindOf(s.Lamp.Err) == client.Sensitive }

// Commands returns what can be done here.
func (s *Screen) Commands() (main, minor []act.Command) {
	return []act.Command{
		s.confirmCommand(),
		s.printCommand(),
		s.OpenCommand(),
		s.FlagCommand(),
		step.Command(step.When(s.Keys.Again, s.canAskAgain()), step.Effect(AskAgain{})),
		step.Command(step.When(s.Keys.Esc, !s.Opening.Pending()), step.Effect(step.Back{})),
	}, []act.Command{step.Command(step.When(s.Keys.Receipt, !s.Opening.Pending()), step.Effect(step.ShowReceipt{}))}
}

// OpenCommand opens the alert, or shows what was opened, which notifies nobody again.
func (s *Screen) OpenCommand() act.Command {
	if s.Opened != nil {
		return step.Command(step.When(step.As(s.Keys.Open, wordShowOpened), s.CanOpen()), step.Effect(ShowOpened{}))
	}
	open := step.Command(step.When(step.As(s.Keys.Open, step.WordOpen), s.CanOpen()), step.Effect(Open{}))
	open.Running = s.Opening.Pending()
	if s.Disputed() && s.Lamp.State == client.Alert {
		open.Why = WordNotConfirmed
	}
	return s.Delayed(open, s.since)
}

// confirmCommand takes the record for the patient of the list.
func (s *Screen) confirmCommand() act.Command {
	confirm := step.Command(step.When(step.As(s.Keys.Yes, wordConfirm), s.Disputed()), func() step.Action {
		s.confirmed = true
		s.Changed()
		return nil
	})
	return s.Delayed(confirm, s.since)
}

// printCommand says why an alert that was not opened is not printed.
func (s *Screen) printCommand() act.Command {
	print := step.Command(step.When(s.Keys.Print, false), nil)
	switch {
	case !s.Prints || s.Lamp.State != client.Alert:
	case s.Opened == nil:
		print.Why = wordsOpenFirst(s.Keys.Open.Help().Key)
	default:
		print.Why = wordsShowFirst(s.Keys.Open.Help().Key)
	}
	return print
}

// FlagCommand sets the flag in the record system, from the patient's screen or the opened alert.
func (s *Screen) FlagCommand() act.Command {
	flag := step.Command(step.When(s.Keys.Flag, s.CanFlag()), step.Effect(step.SetFlag{}))
	flag.Running = s.Flagging.Pending()
	if s.Disputed() && s.Flags.Place != "" {
		flag.Why = WordNotConfirmed
	}
	return s.Delayed(flag, s.since)
}

// ShowRecord takes in the record. From here on the screen is about the number that the record has now.
func (s *Screen) ShowRecord(p client.Patient) {
	s.Record, s.RecordErr, s.Number = &p, nil, p.Number
	if s.Listed != nil {
		s.mismatch = s.Listed.Mismatch(p, nhs.DateOf(s.Now()))
	}
	s.Changed()
}

// RecordFailed takes in why the record did not come.
func (s *Screen) RecordFailed(err error) {
	s.RecordErr, s.recordAt = err, s.Now()
	s.recordTries++
	s.Changed()
}

// ForgetLamp forgets what the lamp said, before it is asked for again. An alert stays until there is another answer.
func (s *Screen) ForgetLamp() {
	if s.Lamp.State != client.Alert {
		s.Lamp, s.OpenErr = client.Lamp{}, nil
	}
}

// ShowLamp takes in a lamp, unless what is known goes before it.
func (s *Screen) ShowLamp(l client.Lamp) {
	if !l.Replaces(s.Lamp) {
		return
	}
	s.Lamp, s.lampAt = l, s.Now()
	if s.lampTries++; l.Answered() {
		s.lampTries = 0
	}
	s.Changed()
}

// Changed starts the key delays anew: what the keys are about has just come into sight.
func (s *Screen) Changed() { s.since = s.Now() }

// OpenedWith takes in the opened alert.
func (s *Screen) OpenedWith(o client.Opened) {
	s.Opened, s.OpenErr = &o, nil
	s.Changed()
}

// OpenFailed takes in why the alert was not opened.
func (s *Screen) OpenFailed(err error) {
	s.OpenErr = err
	s.Changed()
}

// mayBeRecorded reports whether a failed opening may have written the access history and notified all the same. Where
// it isn't known it may have.
func mayBeRecorded(err error) bool {
	var failed *client.Error
	if errors.As(err, &failed) {
		return failed.Unsettled
	}
	return true
}

// Failing reports whether the screen shows a failure: of the record, the check, the opening or the flag. A restricted
// record is none.
func (s *Screen) Failing() bool {
	return s.RecordFault() != nil || s.State() == client.CouldNotCheck && !s.restricted() || s.OpenErr != nil || s.FlagFailed()
}
