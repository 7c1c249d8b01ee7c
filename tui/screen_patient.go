package tui

import (
	"errors"
	"time"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/recordsystem"
	"wardlight/rbac"
	"wardlight/tui/act"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// patientScreen is one patient: who it is, and whether there is an alert. Opening is a deliberate step from here.
type patientScreen struct {
	*step.Common
	step.Unfocused
	number    nhs.Number // what the next question is about
	notifies  bool       // the role's care setting: opening is recorded and notified
	record    *client.Patient
	recordErr error
	lamp      client.Lamp
	asking    bool      // the lamp is being asked for
	since     time.Time // when what the keys are about last changed
	lampAt    time.Time // when the lamp's answer came
	opening   bool
	opened    *client.Opened
	openErr   error
	flagging  bool // the flag is being written
	flagged   *recordsystem.Answer
}

func newPatientScreen(c *step.Common, n nhs.Number, role rbac.RoleProfile) *patientScreen {
	return &patientScreen{Common: c, number: n, notifies: rbac.Unscheduled(role), asking: true}
}

func (s *patientScreen) Place() draw.Place { return draw.AtPatient }

// digest is what the record says besides the banner.
func (s *patientScreen) Digest(w int) draw.Pane { return s.facts(w) }

// state is which of the four states holds now.
func (s *patientScreen) state() client.State {
	if s.asking {
		return client.NotChecked
	}
	return s.lamp.State
}

func (s *patientScreen) Wipe() {
	*s = patientScreen{Common: s.Common, asking: true}
}

// canOpen reports whether there is something to open, and the user can see whose it is, or that no record says it.
func (s *patientScreen) canOpen() bool {
	return (s.record != nil || s.unrecorded()) && !s.asking && s.lamp.State == client.Alert && !s.opening
}

// unrecorded reports whether there is an alert under a number that no record has.
func (s *patientScreen) unrecorded() bool { return s.recordFault() != nil && s.lamp.RecordMissing }

// recordFault is why the record did not come, as far as that can be said: that nobody has the number waits for the lamp.
func (s *patientScreen) recordFault() error {
	if s.asking && s.recordErr != nil && step.AboutNumber(s.recordErr) {
		return nil
	}
	return s.recordErr
}

// canAskAgain reports whether there is an answer that could be had anew.
func (s *patientScreen) canAskAgain() bool {
	return !s.opening && (s.recordFault() != nil || !s.asking && s.lamp.State != client.Alert)
}

func (s *patientScreen) Commands() (main, minor []act.Command) {
	return []act.Command{
		s.openCommand(),
		s.FlagCommand(),
		step.Command(step.When(s.Keys.Again, s.canAskAgain()), step.Effect(actAskAgain{})),
		step.Command(step.When(s.Keys.Esc, !s.opening), step.Effect(step.Back{})),
	}, []act.Command{step.Command(step.When(s.Keys.Receipt, !s.opening), step.Effect(step.ShowReceipt{}))}
}

// openCommand opens the alert, or shows what was opened, which notifies nobody again.
func (s *patientScreen) openCommand() act.Command {
	if s.opened != nil {
		return step.Command(step.When(step.As(s.Keys.Open, wordShowOpened), s.canOpen()), step.Effect(actShowOpened{}))
	}
	open := step.Command(step.When(step.As(s.Keys.Open, step.WordOpen), s.canOpen()), step.Effect(actOpen{}))
	open.Running = s.opening
	return s.Delayed(open, s.since)
}

// FlagCommand sets the flag in the record system, from the patient's screen or the opened alert.
func (s *patientScreen) FlagCommand() act.Command {
	flag := step.Command(step.When(s.Keys.Flag, s.canFlag()), step.Effect(step.SetFlag{}))
	flag.Running = s.flagging
	return s.Delayed(flag, s.since)
}

// showRecord takes in the record. From here on the screen is about the number that the record has now.
func (s *patientScreen) showRecord(p client.Patient) {
	s.record, s.recordErr, s.number = &p, nil, p.Number
	s.changed()
}

func (s *patientScreen) recordAsked() { s.recordErr = nil }

// lampAsked forgets what the lamp said: it is being asked for again. An alert stays until there is another answer.
func (s *patientScreen) lampAsked() {
	if s.lamp.State != client.Alert {
		s.lamp, s.asking, s.openErr = client.Lamp{}, true, nil
	}
}

func (s *patientScreen) showLamp(l client.Lamp) {
	if s.asking = false; !l.Replaces(s.lamp) {
		return
	}
	s.lamp, s.lampAt = l, s.Now()
	s.changed()
}

// changed starts the key delays anew: what the keys are about has just come into sight.
func (s *patientScreen) changed() { s.since = s.Now() }

func (s *patientScreen) openedWith(o client.Opened) {
	s.opening, s.opened, s.openErr = false, &o, nil
	s.changed()
}

func (s *patientScreen) openFailed(err error) {
	s.opening, s.openErr = false, err
	s.changed()
}

// mayBeRecorded reports whether a failed opening may have written the access history and notified all the same. Where it
// isn't known it may have.
func mayBeRecorded(err error) bool {
	var failed *client.Error
	if errors.As(err, &failed) {
		return failed.Unsettled
	}
	return true
}
