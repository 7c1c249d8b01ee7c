// Package summary has the screens of a patient's Summary Care Record: why it may be viewed, and the summary.
package summary

import (
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
	"wardlight/rbac"
	"wardlight/tui/act"
	"wardlight/tui/ask"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// View is the action that views the summary of the patient on the screen.
type View struct{ SummaryView client.SummaryView }

// Print is the action that shows the printout of the summary on the screen.
type Print struct{}

// Subject is the patient of the screens.
type Subject interface {
	// Banner returns the patient's banner, w cells wide, and Who the same in lines.
	Banner(w int) draw.Pane
	Who() []string
}

// reasons are the answers to the question why the summary may be viewed, in their order on the screen.
var reasons = []struct {
	view client.SummaryView
	word string
}{
	{client.SummaryView{Permission: client.ByPatient}, wordAgreed},
	{client.SummaryView{Permission: client.InEmergency}, wordEmergency},
	{client.SummaryView{Permission: client.ByLaw, Basis: client.PublicInterest}, wordPublicInterest},
	{client.SummaryView{Permission: client.ByLaw, Basis: client.Statute}, wordStatute},
	{client.SummaryView{Permission: client.ByLaw, Basis: client.CourtOrder}, wordCourtOrder},
}

// none is the choice before the user has made one.
const none = -1

// Ask is the screen that asks why the summary may be viewed. It is made anew for each view, and nothing is chosen. It
// sends nothing before the user has answered with a key that was neither held down nor typed ahead.
type Ask struct {
	*step.Common
	Subject
	Number nhs.Number
	role   rbac.RoleProfile
	chosen int
	since  time.Time // when the answer was chosen
	reason step.Answer
	Asking ask.Request[client.Summary]
}

// NewAsk returns the screen for a patient.
func NewAsk(c *step.Common, patient Subject, n nhs.Number, role rbac.RoleProfile) *Ask {
	return &Ask{
		Common: c, Subject: patient, Number: n, role: role, chosen: none,
		// One character more than the maximum, so that a reason that is too long is refused and not cut.
		reason: step.NewAnswer(client.MaxPermissionReason + 1),
	}
}

// Place returns the step that the screen belongs to.
func (s *Ask) Place() draw.Place { return draw.AtPatient }

// Typing reports whether the reason is being typed.
func (s *Ask) Typing() bool { return s.chosen != none && !s.Asking.Pending() }

// Unfinished reports whether a reason was typed, or the summary has been requested.
func (s *Ask) Unfinished() bool { return s.Asking.Pending() || s.reason.String() != "" }

// Wipe clears the choice and the reason, and drops the request.
func (s *Ask) Wipe() {
	s.Asking.Drop()
	s.reason.Clear()
	*s = Ask{Common: s.Common, Subject: s.Subject, chosen: none, reason: s.reason}
}

// Paste inserts pasted text into the reason.
func (s *Ask) Paste(pasted string) {
	if s.Typing() {
		s.reason.Paste(pasted)
	}
}

// Edit handles a key for the reason.
func (s *Ask) Edit(k tea.KeyPressMsg) {
	if s.Typing() {
		s.reason.Press(k)
	}
}

// SetAnswer replaces the reason, as typed in linear mode.
func (s *Ask) SetAnswer(words string) { s.reason.Set(words) }

// Choices returns a command for each answer. That the patient agreed views the summary at once; the others require a
// reason first.
func (s *Ask) Choices() []act.Command {
	all := make([]act.Command, len(reasons))
	for i, r := range reasons {
		d := rbac.Decide(s.role, r.view.Action())
		all[i] = s.Delayed(act.Command{
			Word: strconv.Itoa(i + 1), Ready: d.Allowed && !s.Typing() && !s.Asking.Pending(), Why: d.Reason(),
			Do: func() step.Action {
				if !r.view.Alerts() {
					return View{r.view}
				}
				s.chosen, s.since = i, s.Now() // the key delay of Enter begins
				return nil
			},
		}, s.since)
	}
	return all
}

// SendCommand returns the command that views the summary for the typed reason.
func (s *Ask) SendCommand() act.Command {
	send := step.Command(step.When(step.As(s.Keys.Enter, wordView), s.Typing()), func() step.Action {
		view := reasons[s.chosen].view
		view.Reason = s.reason.String()
		if s.reason.Wrong = view.Lacks(); s.reason.Wrong != "" {
			return nil
		}
		return View{view}
	})
	return s.Delayed(send, s.since)
}

// Commands returns the main and the minor commands of the screen.
func (s *Ask) Commands() (main, minor []act.Command) {
	cancel := step.Command(step.As(s.Keys.Esc, wordCancel), step.Effect(step.Back{}))
	switch {
	case s.Asking.Pending():
		return []act.Command{cancel}, nil
	case s.Typing():
		empty := step.Command(s.Keys.Empty, func() step.Action { s.reason.Clear(); return nil })
		return []act.Command{s.SendCommand(), cancel}, []act.Command{empty}
	}

	all := s.Choices()
	for i, c := range all {
		digits := step.Bind("1-"+strconv.Itoa(len(all)), wordAnswer, s.Keys.Number.Keys()[i])
		main = append(main, step.ChosenBy(digits, c))
	}
	return append(main, cancel), nil
}

// View returns the body of the screen.
func (s *Ask) View(l draw.Layout) draw.Pane {
	w := step.BoxWidth(l)
	in := w - 6
	rows := draw.Stack(draw.Paragraph(s.Styles.Strong, wordQuestion, in), draw.Paragraph(s.Styles.Plain, wordRecorded,
		in),
		draw.Gap(1))
	for i, r := range reasons {
		st := s.Styles.Plain
		switch allowed := rbac.Decide(s.role, r.view.Action()).Allowed; {
		case s.chosen != none && i != s.chosen: // so that the reason is on the smallest screen
			continue
		case !allowed:
			st = s.Styles.Label
		}
		key := "  " + s.Styles.Keycap.Render(strconv.Itoa(i+1)) + " "
		rows = draw.Stack(rows, draw.Beside(draw.Lines(key), text.Width(key), 0, draw.Paragraph(st, s.words(i), in-4)))
	}

	switch {
	case s.Asking.Pending():
		rows = draw.Stack(rows, draw.Gap(1), draw.Paragraph(s.Styles.Strong, wordAsking, in))
	case s.Typing():
		rows = draw.Stack(rows, draw.Gap(1), s.reason.Row(s.Styles, wordReason, in))
	}
	return s.Styles.Focus(titleAsk, step.Padded(rows), w, 0).Centred(l.Body.W, l.Body.H)
}

// words returns an answer, with what the role lacks for it.
func (s *Ask) words(i int) string {
	return reasons[i].word + step.WordsLacks(rbac.Decide(s.role, reasons[i].view.Action()))
}

// InLines returns the screen for linear mode.
func (s *Ask) InLines() []string {
	out := append(s.Who(), wordQuestion, wordRecorded)
	for i := range reasons {
		out = append(out, step.Sentence(strconv.Itoa(i+1)+". "+s.words(i)))
	}
	switch {
	case s.Asking.Pending():
		out = append(out, wordAsking)
	case s.Typing():
		out = append(out, wordAnswered+" "+s.words(s.chosen))
		if s.reason.Wrong != "" {
			out = append(out, s.reason.Wrong)
		}
	}
	return out
}

// Prompt returns the prompt of linear mode, or "" while the summary is requested.
func (s *Ask) Prompt() string {
	switch {
	case s.Asking.Pending():
		return ""
	case s.Typing():
		return wordPlainReason
	default:
		return wordPlainAnswer
	}
}
