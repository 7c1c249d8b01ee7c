package tui

import (
	"errors"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/recordsystem"
	"wardlight/rbac"
)

// graceBeforeOpen is how long after an alert has appeared the key that opens it does nothing: what was typed ahead opens
// nothing.
const graceBeforeOpen = 400 * time.Millisecond

// justCame reports whether what came into sight then is still within that grace.
func (c *common) justCame(at time.Time) bool { return c.now().Sub(at) < graceBeforeOpen }

// patientScreen is one patient: who it is, and whether there is an alert. Opening is a deliberate step from here.
type patientScreen struct {
	*common
	number    nhs.Number // what the next question is about
	notifies  bool       // the role's care setting: opening is recorded and notified
	record    *client.Patient
	recordErr error
	lamp      client.Lamp
	asking    bool // the lamp is being asked for
	armedAt   time.Time
	lampAt    time.Time // when the lamp's answer came
	opening   bool
	opened    *client.Opened
	openErr   error
	flagging  bool // the flag is being written
	flagged   *recordsystem.Answer
}

func newPatientScreen(c *common, n nhs.Number, role rbac.RoleProfile) *patientScreen {
	return &patientScreen{common: c, number: n, notifies: rbac.Unscheduled(role), asking: true}
}

func (s *patientScreen) place() place { return atPatient }

// digest is what the record says besides the banner.
func (s *patientScreen) digest(w int) pane { return s.facts(w) }

// state is which of the four states holds now.
func (s *patientScreen) state() client.State {
	if s.asking {
		return client.NotChecked
	}
	return s.lamp.State
}

func (s *patientScreen) typing() bool { return false }
func (s *patientScreen) paste(string) {}

func (s *patientScreen) wipe() {
	*s = patientScreen{common: s.common, asking: true}
}

// canOpen reports whether there is something to open, and the user can see whose it is, or that no record says it.
func (s *patientScreen) canOpen() bool {
	return (s.record != nil || s.unrecorded()) && !s.asking && s.lamp.State == client.Alert && !s.opening
}

// unrecorded reports whether there is an alert under a number that no record has.
func (s *patientScreen) unrecorded() bool { return s.recordFault() != nil && s.lamp.RecordMissing }

// recordFault is why the record did not come, as far as that can be said: that nobody has the number waits for the lamp.
func (s *patientScreen) recordFault() error {
	if s.asking && s.recordErr != nil && isAboutNumber(s.recordErr) {
		return nil
	}
	return s.recordErr
}

// canAskAgain reports whether there is an answer that could be had anew.
func (s *patientScreen) canAskAgain() bool {
	return !s.opening && (s.recordFault() != nil || !s.asking && s.lamp.State != client.Alert)
}

func (s *patientScreen) bindings() (main, minor []key.Binding) {
	open := as(s.keys.Open, wordOpen)
	if s.opened != nil {
		open = as(s.keys.Open, wordShowOpened)
	}
	return []key.Binding{
		when(open, s.canOpen()),
		when(s.keys.Flag, s.canFlag()),
		when(s.keys.Again, s.canAskAgain()),
		when(s.keys.Esc, !s.opening),
	}, []key.Binding{when(s.keys.Receipt, !s.opening)}
}

func (s *patientScreen) press(k tea.KeyPressMsg) action {
	switch {
	case key.Matches(k, s.keys.Open) && s.canOpen():
		switch {
		case s.opened != nil:
			return actShowOpened{}
		case k.IsRepeat || s.justCame(s.armedAt):
			return nil
		}
		return actOpen{}
	case key.Matches(k, s.keys.Flag) && s.canFlag():
		return s.pressFlag(k)
	case key.Matches(k, s.keys.Again) && s.canAskAgain():
		return actAskAgain{}
	case key.Matches(k, s.keys.Receipt) && !s.opening:
		return actReceipt{}
	case key.Matches(k, s.keys.Esc) && !s.opening:
		return actBack{}
	}
	return nil
}

// pressFlag sets the flag, unless the key was typed ahead.
func (s *patientScreen) pressFlag(k tea.KeyPressMsg) action {
	if k.IsRepeat || s.justCame(s.armedAt) {
		return nil
	}
	return actFlag{}
}

// showRecord takes in the record. From here on the screen is about the number that the record has now.
func (s *patientScreen) showRecord(p client.Patient) {
	s.record, s.recordErr, s.number = &p, nil, p.Number
	s.arm()
}

func (s *patientScreen) recordAsked() { s.recordErr = nil }

// lampAsked forgets what the lamp said: it is being asked for again.
func (s *patientScreen) lampAsked() {
	s.lamp, s.asking, s.openErr = client.Lamp{}, true, nil
}

func (s *patientScreen) showLamp(l client.Lamp) {
	s.lamp, s.asking, s.lampAt = l, false, s.now()
	s.arm()
}

// arm starts the grace anew: something that can be opened has just come into sight.
func (s *patientScreen) arm() { s.armedAt = s.now() }

func (s *patientScreen) openedWith(o client.Opened) {
	s.opening, s.opened, s.openErr = false, &o, nil
	s.arm()
}

func (s *patientScreen) openFailed(err error) {
	s.opening, s.openErr = false, err
	s.arm()
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
