// Package lines is the linear terminal, for screen readers and terminals that can do nothing else: the model of
// package shell, told as sentences and asked for a line at a time.
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
	"wardlight/tui/shell"
	"wardlight/tui/step"
	"wardlight/tui/worklist"

	tea "charm.land/bubbletea/v2"
)

// Linear is the program in lines, for screen readers and terminals that can do nothing else: the same model, flow and
// words as the panes, told as sentences and asked for a line at a time. It draws nothing, moves no cursor and sends
// no escape code.
//
// It says what is new: the lines of a screen when the user comes to it, and after that those that were not there
// before.
type Linear struct {
	M   *shell.Model
	out io.Writer
	// The terminal is raw: it shows nothing of what is typed, and needs a carriage return at the end of a line.
	Raw    bool
	Echoes bool // what is typed into a line is shown by us

	mid      bool   // the cursor stands behind something on its line
	Typed    []byte // of a line that is not ended yet
	returned bool   // the line before it ended with a carriage return
	escapes  act.Escapes
	// Later brings a message after a while, once the linear mode runs; tests put their own in its place.
	Later func(time.Duration, tea.Msg) tea.Cmd
	// Lost is called when the terminal can't be written to.
	Lost func()

	on      subject         // what was told last
	shown   map[string]bool // and its lines
	asked   string          // the prompt that is waiting for an answer; "" when the line is free
	signed  bool            // somebody was signed in when it was told
	patient bool            // a patient has been told since the last sign-in
	role    string          // URID of the role that was told

	fields   []int  // of the search that are still to be asked for
	answered []int  // those that were answered before them
	wider    bool   // the wider search is sent after the last
	digits   string // that open the alert that is told
	wrong    int    // how often they were typed wrong
	// NewDigits gives the digits for the next alert; tests put their own in its place.
	NewDigits func() string
}

// subject is what can be told: a screen, or a dialog over it.
type subject struct {
	screen step.Screen
	dialog shell.Dialog
}

// New returns the linear terminal of a model. It writes to out.
func New(m *shell.Model, out io.Writer) *Linear {
	return &Linear{M: m, out: out, NewDigits: fourDigits, Later: never, Lost: func() {}}
}

// never brings no message.
func never(time.Duration, tea.Msg) tea.Cmd { return nil }

// fourDigits returns what has to be typed to open an alert. Nobody can know them beforehand, so that no text that was
// typed ahead or pasted opens one.
func fourDigits() string {
	n, err := rand.Int(rand.Reader, big.NewInt(10000))
	if err != nil {
		return "" // opens nothing: see openLine
	}
	return fmt.Sprintf("%04d", n)
}

// Take returns the model a message and tells what comes of it.
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
	l.Tell()
	return cmd
}

// handOver says whose number came from where, before anything about that patient. A line that was begun, or a search
// that was answered in part, refuses it.
func (l *Linear) handOver(r handover.Request) tea.Cmd {
	number := r.Number
	cmd, taken := l.M.HandOver(r, len(l.Typed) > 0 || len(l.fields) > 0 || l.unfinished())
	if taken {
		l.digits, l.wrong = "", 0 // those that were said open nothing but the alert of the patient before
		l.Say(wordsPlainHandedOver(number.String()))
	}
	return tea.Batch(l.M.NextHandOver(), cmd)
}

// unfinished reports whether a question waits for its answer. What is in the form was searched: a search begins with an
// empty one here.
func (l *Linear) unfinished() bool {
	if form, ok := l.M.Top().(*find.Form); ok {
		return form.Asking.Pending()
	}
	s, ok := l.M.Top().(step.Unfinished)
	return ok && s.Unfinished()
}

// Tell prints what is new, and the prompt.
func (l *Linear) Tell() {
	m := l.M
	m.NoteScreen()
	if l.signed && m.In == nil {
		l.ended()
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
	if on != l.on {
		l.shown = nil
		l.Drop() // a line that was begun for one question is no answer to another
	}
	if on.screen != l.on.screen {
		l.ask(false)
	}
	var news []string
	told := make(map[string]bool, len(now))
	for _, line := range now {
		if told[line] = true; !l.shown[line] {
			news = append(news, line)
		}
	}
	l.on, l.shown = on, told
	l.Say(news...)
	l.prompt()
}

// ended tells that a session has ended, and what its lines leave behind.
func (l *Linear) ended() {
	if l.patient && l.M.Cfg.Clear {
		l.write(ClearAll)
		l.mid = false
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

// ClearAll puts the cursor at the top and clears the screen and what has scrolled off it (xterm, E3). It is sent only
// where the settings ask for it.
const ClearAll = "\x1b[H\x1b[2J\x1b[3J"

// prepare sets the words that open the alert in the place of its key, so that the alert is told with them.
func (l *Linear) prepare() {
	if form, ok := l.M.Top().(*find.Form); ok {
		form.Focus = find.FocusSearch // no field of a form has the focus here, so that commands are to be had
		l.M.Keys.Wider.SetHelp("/"+step.WordSearchWider, step.WordSearchWider)
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
	case *find.Results, *flags.Screen:
		l.patient = true
	case *worklist.Screen:
		l.patient = l.patient || s.Part == worklist.ListShown
	}
}

// lines returns all lines of what is shown.
func (l *Linear) lines() []string {
	switch l.M.Dialog {
	case shell.QuitDialog:
		return []string{l.M.Question()}
	case shell.IdleDialog:
		return []string{shell.WordsLocksWithin(l.M.IdleLeft())}
	case shell.DiagnosticsDialog:
		return l.M.Report.InLines()
	case shell.NoDialog:
		told := LinesOf(l.M.Top())
		if step.Fails(l.M.Top()) {
			told = append(told, l.toDiagnostics())
		}
		return told
	default:
		return append(unframed(l.M.Body(endless())), step.Sentences(draw.Lines(l.M.Question()))...)
	}
}

// toDiagnostics returns how to get from a failure to the diagnostics.
func (l *Linear) toDiagnostics() string {
	if l.hidden() {
		return wordPlainDiagnosing
	}
	return wordsPlainDiagnostics(l.slash())
}

// Say prints lines. A prompt that waits is left behind.
func (l *Linear) Say(all ...string) {
	if len(all) == 0 {
		return
	}
	if l.mid {
		l.write("\n")
	}
	l.asked = ""
	for _, line := range all {
		l.write(line + "\n")
	}
}

// prompt prints what is asked for, and what has been typed of the answer, unless it stands there already.
func (l *Linear) prompt() {
	ask := l.Ask()
	if there := l.mid || ask == "" && len(l.Typed) == 0; there && ask == l.asked {
		return
	}
	if l.mid {
		l.write("\n")
	}
	l.write(ask)
	l.Show(l.halfLine())
	l.asked = ask
}

// write prints, in ASCII where the locale has nothing else.
func (l *Linear) write(s string) {
	if l.M.Cfg.ASCII {
		s = draw.ToASCII(s)
	}
	if s == "" {
		return
	}
	l.mid = !strings.HasSuffix(s, "\n")
	if l.Raw {
		s = strings.ReplaceAll(s, "\n", "\r\n")
	}
	if _, err := io.WriteString(l.out, s); err != nil {
		l.Lost()
	}
}

// hidden reports whether what is typed must not be shown: on the way to a passcode, and until it has been answered.
func (l *Linear) hidden() bool {
	s, ok := l.M.Top().(*card.Passcode)
	return ok && l.M.Dialog == shell.NoDialog && !s.Outside && !s.Blocked
}

// Ask returns the prompt; "" while an answer is waited for, though a command would be taken.
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
	case *alert.Printers:
		return wordPlainPrinter
	case *alert.Preview:
		if s.Queues.Pending() || s.Sending.Pending() {
			return ""
		}
	}
	return step.WordPlainPrompt
}
