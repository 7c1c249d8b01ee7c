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
	"wardlight/tui/step"
)

// The actions of all screens.
type (
	actQuit        struct{} // asks first, where something ends or is lost
	actLeave       struct{} // does not
	actLock        struct{}
	actSuspend     struct{}
	actHelp        struct{}
	actDiagnose    struct{}
	actCloseDialog struct{}
	actNextPatient struct{}
	actNextListed  struct{}
	actToFind      struct{}
	actWorklist    struct{}
)

// Press returns a key to the command that it is for, or to the field that has the focus.
func (m *Model) Press(k tea.KeyPressMsg) tea.Cmd {
	if k.Code == 'h' && k.Mod == tea.ModCtrl { // ^H, which is Backspace on many terminals
		k = tea.KeyPressMsg{Code: tea.KeyBackspace}
	}
	if m.Idle() {
		return m.LockIdle()
	}
	m.LastKey, m.notice = m.Wall(), ""
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
	case m.Dialog == IdleDialog: // the key that dismisses the warning does nothing else
		m.Dialog = NoDialog
	case m.Dialog == NoDialog && field:
		s.Edit(k)
	}
	if !m.Top().Typing() { // what is typed into a field leaves no trace here
		m.presses.Note(k.String(), m.Now())
	}
	return m.watchPasscode()
}

// notice says why a press did nothing; "" where it did something, or the screen says why.
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

// Try carries a command out, where the press of its key counts.
func (m *Model) Try(c act.Command) (tea.Cmd, act.Verdict) {
	id := c.Word
	if len(c.Keys) > 0 {
		id = c.Keys[0]
	}
	now := m.Now()
	verdict := act.Press(c, act.Moment{Now: now, Last: m.presses.Last(id), Idle: m.Idle(), Small: m.small()})
	m.presses.Note(id, now)
	switch verdict {
	case act.Counts:
		m.TypedAt = time.Time{} // what was typed has come to its end
		return m.CarryOut(c.Do()), verdict
	case act.Idle:
		return m.LockIdle(), verdict
	default:
		return nil, verdict
	}
}

// keyboard returns what is known of the keys besides the commands of one screen.
func (m *Model) keyboard() act.Keyboard {
	return act.Keyboard{Console: m.Cfg.Console, Bound: func(name string) bool {
		return slices.ContainsFunc(m.Keys.All(), func(a step.Keyed) bool { return slices.Contains(a.Binding.Keys(), name) })
	}}
}

// NoteTyped notes that something was typed that no command has ended yet.
func (m *Model) NoteTyped() { m.TypedAt = m.Now() }

// LockIdle locks a session that was idle for too long.
func (m *Model) LockIdle() tea.Cmd { return m.Lock(session.Idle, wordsLockedIdle(m.Cfg.IdleLock)) }

// paste gives pasted text to the field that has the focus. It is never taken for commands. Like a key, it takes the
// warning before the idle lock away, and does nothing else then.
func (m *Model) paste(s string) tea.Cmd {
	if m.Idle() {
		return m.LockIdle()
	}
	m.LastKey = m.Wall()
	switch {
	case m.small():
	case m.Dialog == IdleDialog:
		m.Dialog = NoDialog
	case m.Dialog == NoDialog && m.Top().Typing():
		m.Top().Paste(s)
	}
	return nil
}

// surface is what has the keys: a screen, or a dialog over it, in a window that is large enough to show it.
type surface struct {
	screen step.Screen
	dialog Dialog
	small  bool
}

// NoteScreen notes when what is on the terminal has come into sight. It is to be called after every message.
func (m *Model) NoteScreen() {
	if now := (surface{m.Top(), m.Dialog, m.small()}); now != m.surface {
		m.surface, m.ShownAt, m.notice = now, m.Now(), ""
	}
}

// globals are the commands of all screens.
type globals struct{ interrupt, quit, lock, suspend, help, diagnostics, patient, find, worklist act.Command }

func (m *Model) global() globals {
	letters := !m.Top().Typing() && !m.signingIn()
	list := m.Cfg.Worklist.Shelf != nil && !m.OnWorklist()
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
	}
	if _, listed := m.fromList(); listed {
		g.patient = m.Delayed(of(step.As(m.Keys.Patient, wordNextListed), letters && atWork, actNextListed{}), time.Time{})
	}
	if !letters {
		g.help = of(step.Bind("F1", m.Keys.Help.Help().Desc, "f1"), true, actHelp{})
		g.diagnostics = of(step.Bind("Ctrl-T", m.Keys.Diagnostics.Help().Desc, step.DiagnosticsInField), !m.signingIn(), actDiagnose{})
	}
	// Nothing keeps the lock and the way to the shell back, and the program can always be ended.
	g.lock.Unseen, g.suspend.Unseen, g.interrupt.Unseen = true, true, true
	return g
}

// busy reports whether an alert is being opened, or a page is with the print service: neither is left meanwhile.
func (m *Model) busy() bool {
	p, ok := step.ScreenOf[*patient.Screen](m.Screens)
	paper, printing := step.ScreenOf[*alert.Preview](m.Screens)
	return ok && p.Opening.Pending() || printing && paper.Busy()
}

// signingIn reports whether a sign-in is under way. What is typed meanwhile was meant for the passcode, or for the next
// screen.
func (m *Model) signingIn() bool {
	s, ok := step.ScreenOf[*card.Passcode](m.Screens)
	return ok && s.Signing.Pending()
}

// Commands returns what can be done now, in the order in which the foot shows it.
func (m *Model) Commands() []act.Command {
	if m.Dialog == NoDialog {
		return m.screenCommands()
	}
	g := m.global()
	return append(m.dialogCommands(), g.lock, step.Wordless(g.suspend))
}

// screenCommands returns the commands of the screen, whatever lies over it.
func (m *Model) screenCommands() []act.Command {
	g := m.global()
	main, minor := m.Top().Commands()
	var early, late []act.Command // where the diagnostics stand
	switch {
	case step.Fails(m.Top()): // no foot is too short for them
		main = slices.Insert(slices.Clone(main), slices.IndexFunc(main, step.Shown)+1, g.diagnostics)
	case m.In == nil && g.quit.Ready:
		early = []act.Command{g.diagnostics}
	default:
		late = []act.Command{g.diagnostics}
	}
	all := slices.Concat(main, []act.Command{g.patient, g.find, g.worklist}, early, []act.Command{g.help, g.lock, g.quit})
	if g.quit.Ready {
		return slices.Concat(all, minor, []act.Command{g.interrupt, g.suspend}, late)
	}
	return slices.Concat(all, []act.Command{g.interrupt}, minor, []act.Command{g.suspend}, late)
}

// suspend hands the terminal back to the shell, locked: whoever brings the program back may be someone else.
func (m *Model) suspend() tea.Cmd {
	m.Wipe()
	return tea.Batch(m.Lock(session.Locked, WordLocked), tea.Suspend)
}
