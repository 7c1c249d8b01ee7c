package tui

import (
	"crypto/rand"
	"fmt"
	"io"
	"math/big"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

// linear is the program in lines, for screen readers and terminals that can do nothing else: the same model, flow and words as
// the panes, told as sentences and asked for a line at a time. It draws nothing, moves no cursor and sends no escape code.
//
// It says what is new: the lines of a screen when the user comes to it, and after that those that were not there before.
type linear struct {
	m   *model
	out io.Writer
	// The terminal is raw: it shows nothing of what is typed, and needs a carriage return at the end of a line.
	raw    bool
	echoes bool // what is typed into a line is shown by us

	mid      bool   // the cursor stands behind something on its line
	typed    []byte // of a line that is not ended yet
	returned bool   // the line before it ended with a carriage return
	escapes  escapes
	// later brings a message after a while, once the linear mode runs; tests put their own in its place.
	later func(time.Duration, tea.Msg) tea.Cmd
	// lost is called when the terminal can't be written to.
	lost func()

	on      subject         // what was told last
	told    map[string]bool // and its lines
	asked   string          // the prompt that is waiting for an answer; "" when the line is free
	signed  bool            // somebody was signed in when it was told
	patient bool            // a patient has been told since the last sign-in
	role    string          // URID of the role that was told

	fields []int  // of the search that are still to be asked for
	digits string // that open the alert that is told
	wrong  int    // how often they were typed wrong
	// newDigits gives the digits for the next alert; tests put their own in its place.
	newDigits func() string
}

// subject is what can be told: a screen, or a dialog over it.
type subject struct {
	screen screen
	dialog dialog
}

func newLinear(m *model, out io.Writer) *linear {
	return &linear{m: m, out: out, newDigits: fourDigits, later: never, lost: func() {}}
}

// never brings no message.
func never(time.Duration, tea.Msg) tea.Cmd { return nil }

// fourDigits are what has to be typed to open an alert. Nobody can know them beforehand, so that no text that was typed ahead or
// pasted opens one.
func fourDigits() string {
	n, err := rand.Int(rand.Reader, big.NewInt(10000))
	if err != nil {
		return "" // opens nothing: see openLine
	}
	return fmt.Sprintf("%04d", n)
}

// take gives the model a message and tells what comes of it.
func (l *linear) take(msg tea.Msg) tea.Cmd {
	if esc, ok := msg.(escMsg); ok {
		if !l.escapes.due(esc.n) || !l.hidden() {
			return nil
		}
		msg = pressOf("esc")
	}
	l.m.lookAtClock()
	cmd := l.m.route(msg)
	l.tell()
	return cmd
}

// tell prints what is new, and the prompt.
func (l *linear) tell() {
	m := l.m
	m.look()
	if l.signed && m.in == nil {
		l.ended()
	}
	l.signed = m.in != nil
	if m.leaving {
		return
	}
	if m.role != nil && m.role.URID != l.role {
		l.say(sentence(wordsWelcome(m.in.Person.Name)), sentence(m.role.JobName+", "+m.role.OrgName))
	}
	l.role = ""
	if m.role != nil {
		l.role = m.role.URID
	}
	l.prepare()
	now, on := l.lines(), subject{m.top(), m.dialog}
	if on != l.on {
		l.told = nil
		l.drop() // a line that was begun for one question is no answer to another
	}
	if on.screen != l.on.screen {
		l.fields = nil
	}
	var news []string
	told := make(map[string]bool, len(now))
	for _, line := range now {
		if told[line] = true; !l.told[line] {
			news = append(news, line)
		}
	}
	l.on, l.told = on, told
	l.say(news...)
	l.prompt()
}

// ended tells that a session has ended, and what its lines leave behind.
func (l *linear) ended() {
	if l.patient && l.m.cfg.Clear {
		l.write(clearAll)
		l.mid = false
	}
	if l.m.leaving {
		l.say(wordPlainEnded)
	}
	if l.patient && !l.m.cfg.Clear {
		l.say(wordPlainScrollback)
	}
	l.patient = false
	l.drop()
}

// clearAll puts the cursor at the top and clears the screen and what has scrolled off it (xterm, E3). It is sent only where the
// settings ask for it.
const clearAll = "\x1b[H\x1b[2J\x1b[3J"

// prepare sets the words that open the alert in the place of its key, so that the alert is told with them.
func (l *linear) prepare() {
	if find, ok := l.m.top().(*findScreen); ok {
		find.focus = focusSearch // no field of a form has the focus here, so that commands are to be had
		l.m.keys.Wider.SetHelp("/"+wordSearchWider, wordSearchWider)
	}
	s, ok := l.m.top().(*patientScreen)
	if !ok {
		l.digits, l.wrong = "", 0
	} else {
		l.patient = true
		if l.digits == "" {
			l.digits = l.newDigits()
		}
	}
	shown := wordPlainOpenWord + " " + l.digits
	if ok && s.opened != nil {
		shown = wordPlainShowWord
	}
	l.m.keys.Open.SetHelp(shown, l.m.keys.Open.Help().Desc)
	l.m.keys.Flag.SetHelp(wordPlainFlagWord, l.m.keys.Flag.Help().Desc)
	switch s := l.m.top().(type) {
	case *resultsScreen, *flagsScreen:
		l.patient = true
	case *worklistScreen:
		l.patient = l.patient || s.part == listShown
	}
}

// lines are all lines of what is shown.
func (l *linear) lines() []string {
	switch l.m.dialog {
	case quitDialog:
		return []string{l.m.question()}
	case idleDialog:
		return []string{wordsLocksWithin(l.m.idleLeft())}
	case diagnosticsDialog:
		return l.m.diagnosticsInLines()
	case noDialog:
		return linesOf(l.m.top())
	default:
		return append(unframed(l.m.body(endless())), said(lines(l.m.question()))...)
	}
}

// say prints lines. A prompt that waits is left behind.
func (l *linear) say(all ...string) {
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
func (l *linear) prompt() {
	ask := l.ask()
	if there := l.mid || ask == "" && len(l.typed) == 0; there && ask == l.asked {
		return
	}
	if l.mid {
		l.write("\n")
	}
	l.write(ask)
	l.show(l.halfLine())
	l.asked = ask
}

// write prints, in ASCII where the locale has nothing else.
func (l *linear) write(s string) {
	if l.m.cfg.ASCII {
		s = toASCII(s)
	}
	if s == "" {
		return
	}
	l.mid = !strings.HasSuffix(s, "\n")
	if l.raw {
		s = strings.ReplaceAll(s, "\n", "\r\n")
	}
	if _, err := io.WriteString(l.out, s); err != nil {
		l.lost()
	}
}

// hidden reports whether what is typed must not be shown: on the way to a passcode, and until it has been answered.
func (l *linear) hidden() bool {
	s, ok := l.m.top().(*passcodeScreen)
	return ok && l.m.dialog == noDialog && !s.outside && !s.blocked
}

// ask is the prompt; "" while an answer is waited for, though a command would be taken.
func (l *linear) ask() string {
	switch l.m.dialog {
	case quitDialog:
		return wordPlainYes
	case idleDialog:
		return wordPlainStay
	case noDialog:
	default:
		return wordPlainPrompt
	}
	switch s := l.m.top().(type) {
	case *passcodeScreen:
		switch {
		case s.signing, s.waiting:
			return ""
		case l.hidden():
			return wordsPlainPasscode(wordsPasscodeHint(s.card.Form))
		}
	case *roleScreen:
		if len(s.in.Usable) > 0 {
			return wordPlainRole
		}
	case *resultsScreen:
		return wordPlainRow
	case *findScreen:
		if s.asking {
			return ""
		}
		return l.askField()
	case *patientScreen:
		if s.asking || s.opening || s.record == nil && s.recordFault() == nil {
			return ""
		}
	case *worklistScreen:
		return s.ask()
	case *flagsScreen:
		return s.ask()
	case *printersScreen:
		return wordPlainPrinter
	case *previewScreen:
		if s.asking || s.sending {
			return ""
		}
	}
	return wordPlainPrompt
}
