package privacy

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	"wardlight/internal/accessreport"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
	"wardlight/tui/act"
	"wardlight/tui/ask"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// Close is the screen that asks for the note with which an alert is closed. It sends nothing before the user presses
// Enter, with a key that was neither held down nor typed ahead.
type Close struct {
	*step.Common
	alert  client.PrivacyAlert
	note   step.Answer
	err    error     // why it was not closed
	since  time.Time // when that was shown
	Asking ask.Request[client.PrivacyAlert]
}

// NewClose returns the screen for an alert.
func NewClose(c *step.Common, al client.PrivacyAlert) *Close {
	// One character more than the maximum, so that a note that is too long is refused and not cut.
	return &Close{Common: c, alert: al, note: step.NewAnswer(client.MaxAlertNote + 1)}
}

// Typing reports whether the note is being typed.
func (s *Close) Typing() bool { return !s.Asking.Pending() }

// Unfinished reports whether a note was typed, or was sent without an answer yet.
func (s *Close) Unfinished() bool { return s.Asking.Pending() || s.note.String() != "" }

// Failing reports whether the screen shows a failure.
func (s *Close) Failing() bool { return s.err != nil && !s.Asking.Pending() }

// Wipe clears the note, and drops the request.
func (s *Close) Wipe() {
	s.Asking.Drop()
	s.note.Clear()
	*s = Close{Common: s.Common, note: s.note}
}

// Paste inserts pasted text into the note.
func (s *Close) Paste(pasted string) {
	if s.Typing() {
		s.note.Paste(pasted)
	}
}

// Edit handles a key for the note.
func (s *Close) Edit(k tea.KeyPressMsg) {
	if s.Typing() {
		s.note.Press(k)
	}
}

// SetAnswer replaces the note, as typed in linear mode.
func (s *Close) SetAnswer(words string) { s.note.Set(words) }

// SendCommand returns the command that closes the alert with the note.
func (s *Close) SendCommand() act.Command {
	send := step.Command(step.When(step.As(s.Keys.Enter, wordClose), s.Typing()), func() step.Action {
		note := s.note.String()
		if s.note.Wrong = client.LacksNote(note); s.note.Wrong != "" {
			return nil
		}
		return CloseAlert{s.alert.ID, note}
	})
	return s.Delayed(send, s.since)
}

// Commands returns the main and the minor commands of the screen. There are none while the alert is being closed: its
// answer must be seen.
func (s *Close) Commands() (main, minor []act.Command) {
	if !s.Typing() {
		return nil, nil
	}
	empty := step.Command(s.Keys.Empty, func() step.Action { s.note.Clear(); return nil })
	return []act.Command{
		s.SendCommand(), step.Command(step.As(s.Keys.Esc, wordCancel), step.Effect(step.Back{})),
	}, []act.Command{empty}
}

// Failed shows why the alert was not closed.
func (s *Close) Failed(err error) { s.err, s.since = err, s.Now() }

// which returns which alert is to be closed, a line each for the view and for the person.
func (s *Close) which() [2]string {
	return [2]string{
		nhs.Instant(s.alert.At, s.Location) + ", " + step.WordNHSNo + " " + s.alert.Number.String() + ", " +
			accessreport.ShortCause(s.alert),
		accessreport.Who(s.alert.Person),
	}
}

// View returns the body of the screen.
func (s *Close) View(l draw.Layout) draw.Pane {
	w := step.BoxWidth(l)
	in := w - 6
	var rows draw.Pane
	for _, line := range s.which() { // truncated, so that the note is always on the screen
		rows = draw.Stack(rows, draw.Lines(s.Styles.Strong.Render(text.Truncate(line, in))))
	}
	rows = draw.Stack(rows, draw.Paragraph(s.Styles.Plain, wordCloseMeans, in), draw.Gap(1))
	switch {
	case s.Asking.Pending():
		rows = draw.Stack(rows, draw.Paragraph(s.Styles.Strong, wordClosing, in))
	case s.err != nil && s.note.Wrong == "":
		rows = draw.Stack(rows, s.note.Row(s.Styles, wordNote, in), draw.Gap(1), s.failure(in))
	default:
		rows = draw.Stack(rows, s.note.Row(s.Styles, wordNote, in))
	}
	return s.Styles.Focus(titleClose, step.Padded(rows), w, 0).Centred(l.Body.W, l.Body.H)
}

// failure returns why the alert was not closed.
func (s *Close) failure(w int) draw.Pane {
	return draw.Stack(step.FaultPane(s.Styles, s.err, w), draw.Paragraph(s.Styles.Plain, wordNotClosed, w))
}

// InLines returns the screen for linear mode.
func (s *Close) InLines() []string {
	which := s.which()
	out := []string{step.Sentence(titleClose + ": " + strings.Join(which[:], ", ")), wordCloseMeans}
	switch {
	case s.Asking.Pending():
		out = append(out, wordClosing)
	case s.note.Wrong != "":
		out = append(out, s.note.Wrong)
	case s.err != nil:
		out = append(out, step.Sentences(s.failure(step.Unbounded))...)
	}
	return out
}

// Prompt returns the prompt of linear mode, or "" while the alert is being closed.
func (s *Close) Prompt() string {
	if s.Asking.Pending() {
		return ""
	}
	return wordPlainNote
}
