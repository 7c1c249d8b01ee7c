// Package lines is linear mode, for screen readers and for terminals that can only print lines. It prints the model of
// package shell as sentences and reads answers line by line.
package lines

import (
	"crypto/rand"
	"fmt"
	"io"
	"math/big"
	"strings"
	"time"

	"wardlight/internal/handover"
	"wardlight/tui/act"
	"wardlight/tui/alert"
	"wardlight/tui/card"
	"wardlight/tui/draw"
	"wardlight/tui/find"
	"wardlight/tui/flags"
	"wardlight/tui/patient"
	"wardlight/tui/privacy"
	"wardlight/tui/shell"
	"wardlight/tui/step"
	"wardlight/tui/summary"
	"wardlight/tui/worklist"

	tea "charm.land/bubbletea/v2"
)

// Linear runs the program in linear mode. Model, flow and words are those of the panes. It draws nothing, does not
// move the cursor, and sends no escape sequences except to clear the screen if that is configured.
//
// It prints what is new: all lines of a screen when it is shown first, and afterwards the lines that were not there
// before.
type Linear struct {
	M   *shell.Model
	out io.Writer
	// Raw is set if the terminal is in raw mode: it echoes nothing, and lines must end with \r\n.
	Raw    bool
	Echoes bool // typed characters of a line must be echoed

	midLine  bool   // the cursor is not at the start of a line
	Typed    []byte // the line being typed
	returned bool   // the last line ended with \r
	escapes  act.Escapes
	// Later sends a message after a delay. It is set when the program starts; tests replace it.
	Later func(time.Duration, tea.Msg) tea.Cmd
	// Lost is called if writing to the terminal fails.
	Lost func()

	printed subject         // the screen printed last
	shown   map[string]bool // the lines printed of it
	asked   string          // the printed prompt, or ""
	signed  bool            // a user was signed in at the last Tell
	patient bool            // patient data was printed since the last sign-in
	role    string          // URID of the role printed last

	fields   []int  // fields of the search still to be asked for
	answered []int  // fields that were answered
	wider    bool   // send a wider search after the last field
	digits   string // digits that open the current alert
	wrong    int    // number of wrong attempts
	// NewDigits returns the digits for the next alert. Tests replace it.
	NewDigits func() string
}

// subject identifies what is printed: a screen, or a dialog over it.
type subject struct {
	screen step.Screen
	dialog shell.Dialog
}

// New returns linear mode for m, which prints to out.
func New(m *shell.Model, out io.Writer) *Linear {
	return &Linear{M: m, out: out, NewDigits: fourDigits, Later: never, Lost: func() {}}
}

// never returns no command. It is the default of Linear.Later.
func never(time.Duration, tea.Msg) tea.Cmd { return nil }

// fourDigits returns random digits that must be typed to open an alert. They can't be known before, so that text that
// was typed ahead or pasted never opens one.
func fourDigits() string {
	n, err := rand.Int(rand.Reader, big.NewInt(10000))
	if err != nil {
		return "" // openLine does not accept ""
	}
	return fmt.Sprintf("%04d", n)
}

// Take passes a message to the model and prints the result.
func (l *Linear) Take(msg tea.Msg) tea.Cmd {
	if esc, ok := msg.(act.EscDue); ok {
		if !l.escapes.Due(esc.N) || !l.hidden() {
			return nil
		}
		msg = pressOf("esc")
	}
	l.M.NoteClock()
	var cmd tea.Cmd
	if handed, ok := msg.(shell.HandOverMsg); ok {
		cmd = l.handOver(handed.Request)
	} else {
		cmd = l.M.Route(msg)
	}
	l.PrintNew()
	return cmd
}

// handOver handles a patient handed over by another program. It prints the NHS number and its source before anything
// about the patient. A partly typed line, or a partly answered search, refuses the hand-over.
func (l *Linear) handOver(r handover.Request) tea.Cmd {
	number := r.Number
	cmd, taken := l.M.HandOver(r, len(l.Typed) > 0 || len(l.fields) > 0 || l.unfinished())
	if taken {
		l.digits, l.wrong = "", 0 // the digits are those of the previous patient's alert
		l.Say(wordsPlainHandedOver(number.String()))
	}
	return tea.Batch(l.M.NextHandOver(), cmd)
}

// unfinished reports whether a question is waiting for its answer. The contents of the form don't count: they have
// been searched for, because in linear mode each search starts with an empty form.
func (l *Linear) unfinished() bool {
	if form, ok := l.M.Top().(*find.Form); ok {
		return form.Asking.Pending()
	}
	s, ok := l.M.Top().(step.Unfinished)
	return ok && s.Unfinished()
}

// PrintNew prints what is new, and the prompt.
func (l *Linear) PrintNew() {
	m := l.M
	m.NoteScreen()
	if l.signed && m.In == nil {
		l.printSessionEnd()
	}

	l.signed = m.In != nil
	if m.Leaving {
		return
	}

	if m.Role != nil && m.Role.URID != l.role {
		l.Say(step.Sentence(card.WordsWelcome(m.In.Person.Name)), step.Sentence(m.Role.JobName+", "+m.Role.OrgName))
		if organisation := m.ActsFor(); organisation != "" {
			l.Say(find.WordsActsFor(organisation))
		}
	}

	l.role = ""
	if m.Role != nil {
		l.role = m.Role.URID
	}

	l.prepare()
	now, on := l.lines(), subject{m.Top(), m.Dialog}
	if on != l.printed {
		l.shown = nil
		l.Drop() // a line typed for one question must not answer another
	}

	if on.screen != l.printed.screen {
		l.ask(false)
	}

	var news []string
	told := make(map[string]bool, len(now))
	for _, line := range now {
		if told[line] = true; !l.shown[line] {
			news = append(news, line)
		}
	}

	l.printed, l.shown = on, told
	l.Say(news...)
	l.prompt()
}

// printSessionEnd prints that the session has ended, and clears the screen or warns about earlier lines with patient
// data.
func (l *Linear) printSessionEnd() {
	if l.patient && l.M.Cfg.Clear {
		l.write(ClearAll)
		l.midLine = false
	}
	if l.M.Leaving {
		l.Say(wordPlainEnded)
	}
	if l.patient && !l.M.Cfg.Clear {
		l.Say(WordPlainScrollback)
	}
	l.patient = false
	l.Drop()
}

// ClearAll moves the cursor to the top and clears the screen and the scrollback (xterm, E3). It is sent only if the
// settings ask for it.
const ClearAll = "\x1b[H\x1b[2J\x1b[3J"

// prepare sets the words that open an alert as the name of its key, so that the screen's text contains them.
func (l *Linear) prepare() {
	if form, ok := l.M.Top().(*find.Form); ok {
		form.Focus = find.FocusSearch // without a focus in the form, all commands are available
		l.M.Keys.Wider.SetHelp("/"+step.WordSearchWider, step.WordSearchWider)
	}

	if form, ok := l.M.Top().(*privacy.Form); ok {
		form.Lined = true
	}

	s, ok := l.M.Top().(*patient.Screen)
	if !ok {
		l.digits, l.wrong = "", 0
	} else {
		l.patient = true
		if l.digits == "" {
			l.digits = l.NewDigits()
		}
	}

	shown := wordPlainOpenWord + " " + l.digits
	if ok && s.Opened != nil {
		shown = wordPlainShowWord
	}

	l.M.Keys.Open.SetHelp(shown, l.M.Keys.Open.Help().Desc)
	l.M.Keys.Flag.SetHelp(wordPlainFlagWord, l.M.Keys.Flag.Help().Desc)
	switch s := l.M.Top().(type) {
	case *find.Results, *flags.Screen, *privacy.Form, *privacy.Result, *privacy.Alerts, *privacy.Alert, *privacy.Close,
		*summary.Ask, *summary.Pane:
		l.patient = true
	case *worklist.Screen:
		l.patient = l.patient || s.Part == worklist.ListShown
	}
}

// lines returns all lines of the current screen or dialog.
func (l *Linear) lines() []string {
	switch l.M.Dialog {
	case shell.QuitDialog:
		return []string{l.M.Question()}
	case shell.IdleDialog:
		return []string{shell.WordsLocksWithin(l.M.IdleLeft())}
	case shell.DiagnosticsDialog:
		return l.M.Report.InLines()
	case shell.NoDialog:
		described := LinesOf(l.M.Top())
		if step.Fails(l.M.Top()) {
			described = append(described, l.toDiagnostics())
		}
		return described
	default:
		return append(unframed(l.M.Body(unlimitedLayout())), step.Sentences(draw.Lines(l.M.Question()))...)
	}
}

// toDiagnostics returns how to open the diagnostics from a screen that shows a failure.
func (l *Linear) toDiagnostics() string {
	if l.hidden() {
		return wordPlainDiagnosing
	}
	return wordsPlainDiagnostics(l.slash())
}

// Say prints lines. If a prompt is on the current line, it first starts a new one.
func (l *Linear) Say(all ...string) {
	if len(all) == 0 {
		return
	}
	if l.midLine {
		l.write("\n")
	}
	l.asked = ""
	for _, line := range all {
		l.write(line + "\n")
	}
}

// prompt prints the prompt and the line typed so far, unless they are already there.
func (l *Linear) prompt() {
	ask := l.Ask()
	if there := l.midLine || ask == "" && len(l.Typed) == 0; there && ask == l.asked {
		return
	}
	if l.midLine {
		l.write("\n")
	}
	l.write(ask)
	l.Show(l.partialLine())
	l.asked = ask
}

// write prints s, converted to ASCII if the locale requires it.
func (l *Linear) write(s string) {
	if l.M.Cfg.ASCII {
		s = draw.ToASCII(s)
	}
	if s == "" {
		return
	}
	l.midLine = !strings.HasSuffix(s, "\n")
	if l.Raw {
		s = strings.ReplaceAll(s, "\n", "\r\n")
	}
	if _, err := io.WriteString(l.out, s); err != nil {
		l.Lost()
	}
}

// hidden reports whether input must not be shown: while the passcode is asked for and until the sign-in is answered.
func (l *Linear) hidden() bool {
	s, ok := l.M.Top().(*card.Passcode)
	return ok && l.M.Dialog == shell.NoDialog && !s.Outside && !s.Blocked
}

// Ask returns the prompt. It returns "" while an answer is awaited, although commands are accepted then.
func (l *Linear) Ask() string {
	switch l.M.Dialog {
	case shell.QuitDialog:
		return WordPlainYes
	case shell.IdleDialog:
		return wordPlainStay
	case shell.NoDialog:
	default:
		return step.WordPlainPrompt
	}

	switch s := l.M.Top().(type) {
	case *card.Passcode:
		switch {
		case s.Signing.Pending(), s.Waiting:
			return ""
		case l.hidden():
			return wordsPlainPasscode(s.Hint(), s.Card.OnReader)
		}
	case *card.Browser:
		if s.Signing.Pending() {
			return ""
		}
	case *card.Which:
		return wordPlainCard
	case *card.Roles:
		if len(s.In.Usable) > 0 {
			return wordPlainRole
		}
	case *find.Results:
		return wordPlainRow
	case *find.Form:
		if s.Asking.Pending() {
			return ""
		}
		return l.askField()
	case *patient.Screen:
		if s.Asking() || s.Opening.Pending() || s.Record == nil && s.RecordFault() == nil {
			return ""
		}
	case *worklist.Screen:
		return s.Ask()
	case *flags.Screen:
		return s.Ask()
	case dialog:
		return s.Prompt()
	case *privacy.Menu:
		return privacy.WordPlainKind
	case *privacy.Form:
		return s.Ask()
	case *privacy.Result:
		return privacy.WordPlainAccess
	case *privacy.Alerts:
		return privacy.WordPlainAlert
	case *alert.Printers:
		return wordPlainPrinter
	case *alert.Preview:
		if s.Queues.Pending() || s.Sending.Pending() {
			return ""
		}
	}

	return step.WordPlainPrompt
}
