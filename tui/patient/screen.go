// Package patient has the screens of one patient: the record, whether there is an alert, and the receipt of the check.
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

// Screen shows one patient and whether there is an alert. Opening the alert is a separate step.
type Screen struct {
	*step.Common
	step.Unfocused
	Number    nhs.Number // the number of the next request
	Summaries bool       // the role may view Summary Care Records
	Notifies  bool       // openings are recorded and notified in the role's care setting
	Record    *client.Patient
	RecordErr error
	Lamp      client.Lamp
	since     time.Time // when the content that the keys act on last changed
	lampAt    time.Time // when the lamp was answered
	recordAt  time.Time // when the request for the record failed
	// Failed requests since the last answer.
	lampTries, recordTries int
	Opened                 *client.Opened
	OpenErr                error
	Flagged                *recordsystem.Result
	// Listed is the row of the worklist from which the user came, or nil. If the record is another patient's, nothing
	// can be opened or flagged until the user has confirmed that this is the patient.
	Listed    *worklist.Patient
	mismatch  *worklist.OtherPatientError // nil if the record matches the row
	confirmed bool
	queried   bool // the alert was opened, or tried to, where only an opening asks

	// The lines of details of the flags: how many there are and how many are shown, from which one.
	details, shownDetails, fromDetail int

	RecordAsked ask.Request[client.Patient]
	LampAsked   ask.Request[client.Lamp]
	Opening     ask.Request[client.Opened]
	Flagging    ask.Request[FlagSet]
}

// FlagSet is the result of setting a flag, and the pending flags.
type FlagSet struct {
	Answer  recordsystem.Result
	Waiting recordsystem.PendingFlags
}

// New returns the screen of the patient with number n. role decides whether openings are recorded and notified.
func New(c *step.Common, n nhs.Number, role rbac.RoleProfile) *Screen {
	return &Screen{
		Common: c, Number: n, Notifies: rbac.Unscheduled(role), Summaries: rbac.Decide(role, rbac.ReadSummary).Allowed,
	}
}

// Place returns the step that the screen belongs to.
func (s *Screen) Place() draw.Place { return draw.AtPatient }

// Digest returns the states of the other flags, and the details of the record that are not in the banner.
func (s *Screen) Digest(w int) draw.Pane {
	flags := s.flagDigest(w)
	if len(flags.Lines) > 0 {
		flags = draw.Stack(flags, draw.Gap(1))
	}
	return draw.Stack(flags, s.facts(w))
}

// State returns the current alert state.
func (s *Screen) State() client.State {
	if s.Asking() {
		return client.NotChecked
	}
	return s.Lamp.State
}

// Asking reports whether the alert state is not known yet. A known alert is shown until there is another answer.
func (s *Screen) Asking() bool {
	return s.LampAsked.Pending() && s.Lamp.State != client.Alert && !s.queried
}

// Wipe clears all data that was typed or shown.
func (s *Screen) Wipe() {
	s.RecordAsked.Drop()
	s.LampAsked.Drop()
	s.Opening.Drop()
	s.Flagging.Drop()
	*s = Screen{Common: s.Common}
}

// CanOpen reports whether there is an alert that can be opened, or that only an opening asks about. The screen must
// show whose it is, or that there is no record. An opening that was answered as not offered can't be repeated.
func (s *Screen) CanOpen() bool {
	return !s.notOffered() && (s.Record != nil || s.unrecorded()) && !s.Disputed() && !s.Asking() && s.openable() &&
		!s.Opening.Pending()
}

// notOffered reports whether the source of alerts does not offer the opening.
func (s *Screen) notOffered() bool { return client.KindOf(s.OpenErr) == client.NotOffered }

// Disputed reports whether the worklist names another person than the record, and the user has not yet confirmed the
// record.
func (s *Screen) Disputed() bool { return s.mismatch != nil && !s.confirmed }

// unrecorded reports whether there is an alert for a number without a record.
func (s *Screen) unrecorded() bool { return s.RecordFault() != nil && s.Lamp.RecordMissing }

// RecordFault returns the error of the record to show. That no patient has the number is shown only after the lamp was
// answered, because there may be an alert without a record.
func (s *Screen) RecordFault() error {
	if s.Asking() && s.RecordErr != nil && step.AboutNumber(s.RecordErr) {
		return nil
	}
	return s.RecordErr
}

// canAskAgain reports whether a failed request can be repeated.
func (s *Screen) canAskAgain() bool {
	return !s.Opening.Pending() && (s.RecordFault() != nil || !s.Asking() && !s.openable() &&
		!s.restricted() && !s.notAllowed() || s.flagUnchecked() && !s.LampAsked.Pending())
}

// AsksLampAgain reports whether the lamp is requested again: an alert, and the answer to an opening, only for the flags
// that could not be checked.
func (s *Screen) AsksLampAgain() bool {
	return s.Lamp.State != client.Alert && !s.queried || s.flagUnchecked()
}

// restricted reports whether the record is restricted, so that the hub answers nothing about alerts. Asking again is
// useless.
func (s *Screen) restricted() bool { return client.KindOf(s.Lamp.Err) == client.Sensitive }

// notAllowed reports whether the alert is not checked because the role may see only other flags.
func (s *Screen) notAllowed() bool {
	return s.Lamp.State == client.NotChecked && client.KindOf(s.Lamp.Err) == client.NotAllowed
}

// Commands returns the main and the minor commands of the screen.
func (s *Screen) Commands() (main, minor []act.Command) {
	scroll, page := s.scrollCommands()
	return append([]act.Command{
			s.confirmCommand(),
			s.printCommand(),
			s.OpenCommand(),
			s.FlagCommand(),
			step.Command(step.When(s.Keys.Summary, s.CanAskSummary()), step.Effect(AskSummary{})),
			step.Command(step.When(s.Keys.Again, s.canAskAgain()), step.Effect(AskAgain{})),
			step.Command(step.When(s.Keys.Esc, !s.Opening.Pending()), step.Effect(step.Back{})),
		}, scroll...), append([]act.Command{
			step.Command(step.When(s.Keys.Receipt, !s.Opening.Pending()), step.Effect(step.ShowReceipt{})),
		}, page...)
}

// OpenCommand returns the command that opens the alert. Once it was opened, the command shows the plans again, which
// notifies nobody.
func (s *Screen) OpenCommand() act.Command {
	if s.Opened != nil {
		return step.Command(step.When(step.As(s.Keys.Open, wordShowOpened), s.CanOpen()), step.Effect(ShowOpened{}))
	}
	open := step.Command(step.When(step.As(s.Keys.Open, step.WordOpen), s.CanOpen()), step.Effect(Open{}))
	open.Running = s.Opening.Pending()
	if s.Disputed() && s.openable() {
		open.Why = WordNotConfirmed
	}
	return s.Delayed(open, s.since)
}

// CanAskSummary reports whether the Summary Care Record can be asked for. The screen must show whose it is.
func (s *Screen) CanAskSummary() bool {
	return s.Summaries && s.Record != nil && !s.Disputed() && !s.Opening.Pending()
}

// confirmCommand returns the command that confirms that the record is that of the patient on the list.
func (s *Screen) confirmCommand() act.Command {
	confirm := step.Command(step.When(step.As(s.Keys.Yes, wordConfirm), s.Disputed()), func() step.Action {
		s.confirmed = true
		s.Changed()
		return nil
	})
	return s.Delayed(confirm, s.since)
}

// printCommand returns a command that is never available, with the reason: only an opened alert can be printed.
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

// FlagCommand returns the command that sets the flag in the record system. The opened alert uses it too.
func (s *Screen) FlagCommand() act.Command {
	flag := step.Command(step.When(s.Keys.Flag, s.CanFlag()), step.Effect(step.SetFlag{}))
	flag.Running = s.Flagging.Pending()
	if s.Disputed() && s.Flags.Place != "" {
		flag.Why = WordNotConfirmed
	}
	return s.Delayed(flag, s.since)
}

// ShowRecord shows the record. From then on the screen is about the record's current NHS number.
func (s *Screen) ShowRecord(p client.Patient) {
	s.Record, s.RecordErr, s.Number = &p, nil, p.Number
	if s.Listed != nil {
		s.mismatch = s.Listed.Mismatch(p, nhs.DateOf(s.Now()))
	}
	s.Changed()
}

// RecordFailed shows the error of requesting the record.
func (s *Screen) RecordFailed(err error) {
	s.RecordErr, s.recordAt = err, s.Now()
	s.recordTries++
	s.Changed()
}

// ForgetLamp drops the lamp before it is requested again. An alert, the answer to an opening, and the other flags are
// shown until there is another answer.
func (s *Screen) ForgetLamp() {
	if s.Lamp.State != client.Alert && !s.queried {
		s.Lamp, s.OpenErr = client.Lamp{Flags: s.Lamp.Flags}, nil
	}
}

// ShowLamp shows a lamp and its flags, unless the current ones take precedence.
func (s *Screen) ShowLamp(l client.Lamp) {
	known := s.Lamp
	s.Lamp = l.After(known)
	switch {
	case s.queried && !l.Answered(): // what the opening has shown stays
		flags := s.Lamp.Flags
		s.Lamp = known
		s.Lamp.Flags = flags
		return
	case !l.Supersedes(known):
		return
	}
	s.lampAt = s.Now()
	if s.lampTries++; l.Answered() {
		s.lampTries = 0
	}
	s.Changed()
}

// Changed restarts the key delays, because the content that the keys act on has changed.
func (s *Screen) Changed() { s.since = s.Now() }

// OpenedWith stores the opened alert.
func (s *Screen) OpenedWith(o client.Opened) {
	query := s.opensByQuery()
	if s.Opened, s.OpenErr = &o, nil; query {
		s.queryOpened(o)
	}
	s.Changed()
}

// OpenFailed shows the error of opening the alert.
func (s *Screen) OpenFailed(err error) {
	if s.OpenErr = err; s.opensByQuery() {
		s.queryFailed(err)
	}
	s.Changed()
}

// mayBeRecorded reports whether a failed opening may have been recorded and notified. An unknown error may have been.
func mayBeRecorded(err error) bool {
	var failed *client.Error
	if errors.As(err, &failed) {
		return failed.OutcomeUnknown
	}
	return true
}

// Failing reports whether the screen shows a failure of the record, a check, the opening or the flag. A restricted
// record is not a failure.
func (s *Screen) Failing() bool {
	return s.RecordFault() != nil || s.State() == client.CouldNotCheck && !s.restricted() || s.OpenErr != nil ||
		s.FlagFailed() || s.flagUnchecked()
}
