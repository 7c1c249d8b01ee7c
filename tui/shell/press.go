package shell

import (
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"wardlight/internal/session"
	"wardlight/tui/act"
	"wardlight/tui/alert"
	"wardlight/tui/card"
	"wardlight/tui/patient"
	"wardlight/tui/privacy"
	"wardlight/tui/step"
)

// The actions of all screens.
type (
	actQuit        struct{} // asks for confirmation if something ends or is lost
	actLeave       struct{} // quits without a question
	actLock        struct{}
	actSuspend     struct{}
	actHelp        struct{}
	actDiagnose    struct{}
	actCloseDialog struct{}
	actNextPatient struct{}
	actNextListed  struct{}
	actToFind      struct{}
	actWorklist    struct{}
	actReports     struct{}
)

// Press passes a key to its command, or to the field with the focus.
func (m *Model) Press(k tea.KeyPressMsg) tea.Cmd {
	if k.Code == 'h' && k.Mod == tea.ModCtrl { // ^H, which many terminals send for Backspace
		k = tea.KeyPressMsg{Code: tea.KeyBackspace}
	}

	if m.Idle() {
		return m.LockIdle()
	}

	m.LastKey, m.notice = m.WallTime(), ""
	if c, found := m.keyboard().Find(m.Commands(), k.String()); found {
		cmd, verdict := m.Try(c)
		m.notice = notice(c, verdict, k)
		return tea.Batch(cmd, m.watchPasscode())
	}

	if k.Text != "" {
		m.NoteTyped()
	}

	switch s, field := m.Top().(step.Editor); {
	case m.small():
	case m.Dialog == IdleDialog: // the key only closes the warning
		m.Dialog = NoDialog
	case m.Dialog == NoDialog && field:
		s.Edit(k)
	}

	if !m.Top().Typing() { // characters typed into a field are not recorded
		m.presses.Note(k.String(), m.Now())
	}

	return m.watchPasscode()
}

// notice returns why a key press did nothing. It returns "" if it did something, or if the screen shows the reason.
func notice(c act.Command, v act.Verdict, k tea.KeyPressMsg) string {
	switch {
	case v == act.NotReady:
		return c.Why
	case !v.TooEarly():
		return ""
	case k.Text != "":
		return wordsTooSoon(k.Text)
	default:
		return wordsTooSoon(c.Key)
	}
}

// Try carries a command out if the key press counts, and returns the verdict.
func (m *Model) Try(c act.Command) (tea.Cmd, act.Verdict) {
	id := c.Word
	if len(c.Keys) > 0 {
		id = c.Keys[0]
	}
	now := m.Now()
	verdict := act.Press(c, act.PressContext{Now: now, Last: m.presses.Last(id), Idle: m.Idle(), Small: m.small()})
	m.presses.Note(id, now)
	switch verdict {
	case act.Counts:
		m.TypedAt = time.Time{} // the typed text is complete
		return m.CarryOut(c.Do()), verdict
	case act.Idle:
		return m.LockIdle(), verdict
	default:
		return nil, verdict
	}
}

// keyboard returns the properties of the keyboard that do not depend on the screen.
func (m *Model) keyboard() act.Keyboard {
	return act.Keyboard{Console: m.Cfg.Console, Bound: func(name string) bool {
		return slices.ContainsFunc(m.Keys.All(), func(a step.NamedBinding) bool {
			return slices.Contains(a.Binding.Keys(), name)
		})
	}}
}

// NoteTyped records that a character was typed.
func (m *Model) NoteTyped() { m.TypedAt = m.Now() }

// LockIdle locks a session that was idle for too long.
func (m *Model) LockIdle() tea.Cmd { return m.Lock(session.Idle, wordsLockedIdle(m.Cfg.IdleLock)) }

// paste inserts pasted text into the field with the focus. It is never read as commands. If the idle warning is shown,
// a paste only closes it, like a key.
func (m *Model) paste(s string) tea.Cmd {
	if m.Idle() {
		return m.LockIdle()
	}
	m.LastKey = m.WallTime()
	switch {
	case m.small():
	case m.Dialog == IdleDialog:
		m.Dialog = NoDialog
	case m.Dialog == NoDialog && m.Top().Typing():
		m.Top().Paste(s)
	}
	return nil
}

// surface identifies what receives the keys: a screen, or a dialog over it. small is set if the window is too small.
type surface struct {
	screen step.Screen
	dialog Dialog
	small  bool
}

// NoteScreen records when the current screen or dialog was first shown. Call it after every message.
func (m *Model) NoteScreen() {
	if now := (surface{m.Top(), m.Dialog, m.small()}); now != m.surface {
		m.surface, m.ShownAt, m.notice = now, m.Now(), ""
	}
}

// globals are the commands available on all screens.
type globals struct {
	interrupt, quit, lock, suspend, help, diagnostics, patient, find, worklist, reports act.Command
}

func (m *Model) global() globals {
	letters := !m.Top().Typing() && !m.signingIn()
	list := m.Cfg.Worklist.Store != nil && !m.OnWorklist()
	atWork := m.Role != nil && !m.busy()
	of := func(b key.Binding, works bool, a step.Action) act.Command {
		return step.Command(step.When(b, works), step.Effect(a))
	}

	g := globals{
		interrupt:   of(m.Keys.Interrupt, true, actQuit{}),
		quit:        of(m.Keys.Quit, letters, actQuit{}),
		lock:        of(m.Keys.Lock, m.CanLock(), actLock{}),
		suspend:     of(m.Keys.Suspend, m.Cfg.Shell, actSuspend{}),
		help:        of(m.Keys.Help, true, actHelp{}),
		diagnostics: of(m.Keys.Diagnostics, letters, actDiagnose{}),
		patient:     of(m.Keys.Patient, letters && atWork, actNextPatient{}),
		find:        of(m.Keys.Find, letters && atWork, actToFind{}),
		worklist:    of(m.Keys.Worklist, letters && atWork && list, actWorklist{}),
		reports:     of(m.Keys.Reports, letters && atWork && m.offersReports(), actReports{}),
	}

	if _, listed := m.fromList(); listed {
		g.patient = m.Delayed(of(step.As(m.Keys.Patient, wordNextListed), letters && atWork, actNextListed{}),
			time.Time{})
	}

	if !letters {
		g.help = of(step.Bind("F1", m.Keys.Help.Help().Desc, "f1"), true, actHelp{})
		g.diagnostics = of(step.Bind("Ctrl-T", m.Keys.Diagnostics.Help().Desc, step.DiagnosticsInField), !m.signingIn(),
			actDiagnose{})
	}

	// Locking, suspending and quitting work without a key delay.
	g.lock.Unseen, g.suspend.Unseen, g.interrupt.Unseen = true, true, true
	return g
}

// busy reports whether an alert is being opened, a page is being sent, or a privacy alert is being closed. The screen
// can't be left meanwhile.
func (m *Model) busy() bool {
	p, ok := step.ScreenOf[*patient.Screen](m.Screens)
	paper, printing := step.ScreenOf[*alert.Preview](m.Screens)
	note, closing := step.ScreenOf[*privacy.Close](m.Screens)
	return ok && p.Opening.Pending() || printing && paper.Busy() || closing && note.Asking.Pending()
}

// signingIn reports whether a sign-in is in progress. Characters typed meanwhile are meant for the passcode or the
// next screen.
func (m *Model) signingIn() bool {
	s, ok := step.ScreenOf[*card.Passcode](m.Screens)
	return ok && s.Signing.Pending() || m.inBrowser()
}

// Commands returns the available commands, in the order in which the bottom row shows them.
func (m *Model) Commands() []act.Command {
	if m.Dialog == NoDialog {
		return m.screenCommands()
	}
	g := m.global()
	return append(m.dialogCommands(), g.lock, step.Wordless(g.suspend))
}

// screenCommands returns the commands of the screen, even if a dialog is open.
func (m *Model) screenCommands() []act.Command {
	g := m.global()
	main, minor := m.Top().Commands()
	var early, late []act.Command // positions for the diagnostics
	switch {
	case step.Fails(m.Top()): // the key for the diagnostics must always fit
		main = slices.Insert(slices.Clone(main), slices.IndexFunc(main, step.Shown)+1, g.diagnostics)
	case m.In == nil && g.quit.Ready:
		early = []act.Command{g.diagnostics}
	default:
		late = []act.Command{g.diagnostics}
	}
	all := slices.Concat(m.withPatientKey(main, g), []act.Command{g.find, g.worklist}, early,
		[]act.Command{g.help, g.lock, g.quit})
	if g.quit.Ready {
		return slices.Concat(all, minor, []act.Command{g.interrupt, g.suspend}, late)
	}
	return slices.Concat(all, []act.Command{g.interrupt}, minor, []act.Command{g.suspend}, late)
}

// withPatientKey returns the commands of the screen with the keys for reports and for the next patient at their end.
// The key for the next of the list is before the key back, so that it fits into the bottom row.
func (m *Model) withPatientKey(main []act.Command, g globals) []act.Command {
	at := slices.IndexFunc(main, func(c act.Command) bool { return slices.Equal(c.Keys, m.Keys.Esc.Keys()) })
	if _, listed := m.fromList(); !listed || at < 0 {
		return slices.Concat(main, []act.Command{g.reports, g.patient})
	}
	return slices.Concat(main[:at], []act.Command{g.patient}, main[at:], []act.Command{g.reports})
}

// suspend locks the session and returns to the shell, because the person who resumes the program may be another one.
func (m *Model) suspend() tea.Cmd {
	m.Wipe()
	return tea.Batch(m.Lock(session.Locked, WordLocked), tea.Suspend)
}
