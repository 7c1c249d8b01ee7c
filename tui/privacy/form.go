package privacy

import (
	"errors"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	"wardlight/internal/accessreport"
	"wardlight/internal/nhs"
	"wardlight/tui/act"
	"wardlight/tui/ask"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// The fields of the form, in their order on the screen. FocusMake is the position after the last field: no field has
// the focus, and letters are commands.
const (
	fieldSubject = iota // not in the report of all enquiries
	fieldFrom
	fieldTo
	FocusMake
)

// MaxTyped is the maximum number of characters of a field.
const MaxTyped = 24

// Form is the screen on which the user types whom the report is about, and the period. It sends nothing before the user
// presses the key that makes the report, and nothing that is known to be invalid.
type Form struct {
	*step.Common
	kind   client.ReportKind
	fields [FocusMake]draw.Field
	errs   [FocusMake]string
	Focus  int
	Asking ask.Request[client.Report]
	// Listing is the request of the form for privacy alerts. ShowClosed says whether it is for closed ones, too, and
	// Notice is shown with the next list.
	Listing    ask.Request[client.PrivacyAlerts]
	ShowClosed bool
	Notice     string
	Asked      client.ReportQuery // what was asked for last
	err        error              // why there is no report
	unsent     bool               // something was typed since the last report
	again      bool               // in linear mode: only wrong fields are asked for
	// Lined is set in linear mode, where Esc leaves the form and not only the field.
	Lined bool
}

// NewForm returns the form for a kind of report.
func NewForm(c *step.Common, kind client.ReportKind) *Form {
	s := &Form{Common: c, kind: kind}
	for i := range s.fields {
		s.fields[i] = draw.NewField(MaxTyped)
	}
	s.Focus = s.first()
	return s
}

// first returns the first field.
func (s *Form) first() int {
	if s.kind == client.PatientEnquiries || s.kind == KindAlerts {
		return fieldFrom
	}
	return fieldSubject
}

// pending reports whether the report is being made, or the alerts are being listed.
func (s *Form) pending() bool { return s.Asking.Pending() || s.Listing.Pending() }

// Stop drops the request that is running, and reports whether there was one.
func (s *Form) Stop() bool {
	running := s.pending()
	s.Asking.Drop()
	s.Listing.Drop()
	return running
}

// Typing reports whether a field has the focus.
func (s *Form) Typing() bool { return s.Focus != FocusMake && !s.pending() }

// Unfinished reports whether text was typed since the last report, or a report is being made.
func (s *Form) Unfinished() bool {
	filled := false
	for i := range s.fields {
		filled = filled || s.fields[i].String() != ""
	}
	return s.pending() || s.unsent && filled
}

// Wipe clears all data that was typed.
func (s *Form) Wipe() {
	for i := range s.fields {
		s.fields[i].Clear()
	}
	s.Stop()
	*s = Form{Common: s.Common, kind: s.kind, fields: s.fields, Focus: s.first(), Lined: s.Lined}
}

// Restart moves to the first field. Linear mode then asks for all fields again.
func (s *Form) Restart() { s.Focus, s.again = s.first(), false }

// Paste inserts pasted text into the field with the focus.
func (s *Form) Paste(pasted string) {
	if !s.Typing() {
		return
	}
	s.fields[s.Focus].Insert(strings.TrimSpace(pasted))
	if s.numbered() {
		s.fields[s.Focus].Group()
	}
	s.edited()
}

// numbered reports whether the field with the focus is for an NHS number.
func (s *Form) numbered() bool { return s.Focus == fieldSubject && s.kind == client.PatientAccess }

// Edit handles a key for the field with the focus.
func (s *Form) Edit(k tea.KeyPressMsg) {
	switch {
	case !s.Typing():
	case s.numbered():
		if s.fields[fieldSubject].PressNumber(k) {
			s.edited()
		}
	case s.fields[s.Focus].Press(k):
		s.edited()
	}
}

// edited clears the error of the field with the focus.
func (s *Form) edited() { s.errs[s.Focus], s.unsent = "", true }

// Commands returns the main and the minor commands of the screen.
func (s *Form) Commands() (main, minor []act.Command) {
	if s.pending() {
		return []act.Command{step.Command(step.As(s.Keys.Esc, wordStop), step.Effect(step.Back{}))}, nil
	}

	esc := step.Command(step.As(s.Keys.Esc, wordOtherReport), step.Effect(step.Back{}))
	if s.Focus != FocusMake && !s.Lined {
		esc = step.Command(step.As(s.Keys.Esc, wordLeaveField), func() step.Action { s.Focus = FocusMake; return nil })
	}

	field := func(b key.Binding, n int) act.Command {
		return step.Command(b, func() step.Action { s.move(n); return nil })
	}
	main = []act.Command{step.Command(step.As(s.Keys.Enter, s.makes()), s.Make), field(s.Keys.Next, 1), esc}
	return main, []act.Command{
		field(s.Keys.Prev, -1), field(s.Keys.Up, -1), field(s.Keys.Down, 1),
		step.Command(step.When(s.Keys.Empty, s.Focus != FocusMake), func() step.Action {
			s.fields[s.Focus].Clear()
			s.edited()
			return nil
		}),
	}
}

// move moves the focus by n fields.
func (s *Form) move(n int) {
	first := s.first()
	count := FocusMake - first + 1
	s.Focus = first + (s.Focus-first+n+count)%count
}

// Make checks the form and returns the action that makes the report. If a field is invalid, the error is shown beside
// it and the action is nil.
func (s *Form) Make() step.Action {
	q := client.ReportQuery{Kind: s.kind}
	s.err, s.errs, s.again = nil, [FocusMake]string{}, true

	switch subject := s.fields[fieldSubject].String(); s.kind {
	case client.PatientAccess:
		number, err := nhs.ParseNumber(subject)
		if q.Number = number; err != nil {
			s.errs[fieldSubject] = err.Error()
		}
	case client.UserAccess:
		if q.Person = subject; !nhs.IsUserID(subject) {
			s.errs[fieldSubject] = accessreport.BadPerson
		}
	case client.PatientEnquiries, KindAlerts:
	}

	parse := accessreport.ParsePeriod
	if s.kind == KindAlerts {
		parse = accessreport.ParseDays
	}
	var err error
	q.From, q.To, err = parse(s.fields[fieldFrom].String(), s.fields[fieldTo].String(), nhs.DateOf(s.Now()))
	var wrong *accessreport.PeriodError
	switch errors.As(err, &wrong); {
	case wrong != nil && wrong.Last:
		s.errs[fieldTo] = wrong.Sentence
	case wrong != nil:
		s.errs[fieldFrom] = wrong.Sentence
	}

	for i, e := range s.errs {
		if e != "" {
			s.Focus = i
			return nil
		}
	}

	for field, day := range map[int]nhs.Date{fieldFrom: q.From, fieldTo: q.To} {
		if !day.IsZero() { // the privacy alerts need no days
			s.fields[field].Set(day.String()) // with the month in letters
		}
	}
	s.unsent, s.Asked = false, q
	if s.kind == KindAlerts {
		return List{client.AlertQuery{All: s.ShowClosed, From: q.From, To: q.To}}
	}
	return Make{q}
}

// makes returns the words of the key that makes the report, or lists the alerts.
func (s *Form) makes() string {
	if s.kind == KindAlerts {
		return wordList
	}
	return wordMake
}

// Answer handles a line of linear mode as the text of the field with the focus. After the last field it returns the
// action that makes the report.
func (s *Form) Answer(line string) step.Action {
	s.fields[s.Focus].Set(line)
	s.edited()
	if !s.again && s.Focus < fieldTo {
		s.Focus++
		return nil
	}
	return s.Make()
}

// Failed shows why there is no report.
func (s *Form) Failed(err error) {
	s.Restart()
	s.err = err
}

// Failing reports whether the screen shows a failure.
func (s *Form) Failing() bool { return !s.pending() && s.err != nil }

// words returns the label and the hint of a field.
func (s *Form) words(field int) (label, hint string) {
	switch {
	case field == fieldFrom && s.kind == KindAlerts:
		return wordFrom, wordAllHint
	case field == fieldFrom:
		return wordFrom, wordFromHint
	case field == fieldTo:
		return wordTo, wordToHint
	case s.kind == client.PatientAccess:
		return step.WordNumber, wordNumberHint
	default:
		return wordPerson, wordPersonHint
	}
}

// View returns the body of the screen.
func (s *Form) View(l draw.Layout) draw.Pane {
	w := min(l.Body.W, step.MaxFormWidth)
	name, shows := title(s.kind)
	rows := []draw.Pane{draw.Gap(1), draw.Paragraph(s.Styles.Label, wordsShows(shows), w-6), draw.Gap(1)}
	for i := s.first(); i < FocusMake; i++ {
		value, cursor := s.fields[i].View(step.FieldWidth)
		label, hint := s.words(i)
		rows = append(rows, s.FieldRow(step.FieldRow{
			Label: label, Hint: hint, Wrong: s.errs[i], Focused: s.Focus == i && s.Typing(), Cursor: cursor,
		}, value, w-6))
	}

	button := wordMakeButton
	if s.kind == KindAlerts {
		button = wordListButton
	}
	rows = append(rows, draw.Gap(1), s.FormButton(button, s.Focus == FocusMake && !s.pending()))
	box := s.Styles.Focus(name, draw.Stack(rows...).Indent(1), w, 0)
	return draw.Stack(draw.Gap(1), box, s.outcome(w-4).Indent(2))
}

// outcome returns that the report is being made, or why there is none.
func (s *Form) outcome(w int) draw.Pane {
	switch {
	case s.Listing.Pending():
		return draw.Lines(s.Styles.Strong.Render(wordListing))
	case s.Asking.Pending():
		return draw.Stack(draw.Lines(s.Styles.Strong.Render(wordMaking)), draw.Paragraph(s.Styles.Label,
			wordsSubject(s.Asked)+", "+wordsPeriod(s.Asked), w))
	case s.err != nil:
		return step.FaultPane(s.Styles, s.err, w)
	default:
		return draw.Pane{}
	}
}

// InLines returns the screen for linear mode.
func (s *Form) InLines() []string {
	name, shows := title(s.kind)
	out := []string{step.Sentence(name + ": " + shows)}
	for i, wrong := range s.errs {
		if wrong != "" {
			label, _ := s.words(i)
			out = append(out, step.Sentence(label+": "+wrong))
		}
	}
	return append(out, step.Sentences(s.outcome(step.Unbounded))...)
}

// Ask returns the prompt of linear mode, or "" while the report is being made.
func (s *Form) Ask() string {
	switch {
	case s.pending():
		return ""
	case s.Focus == FocusMake:
		return step.WordPlainPrompt
	}
	label, hint := s.words(s.Focus)
	return label + ", " + strings.ToLower(hint[:1]) + strings.TrimSuffix(hint[1:], ".") + ": "
}
