package tui

import (
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"wardlight/internal/session"
	"wardlight/tui/act"
	"wardlight/tui/card"
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
	actToFind      struct{}
	actWorklist    struct{}
)

// Press gives a key to the command that it is for, or to the field that has the focus.
func (m *model) Press(k tea.KeyPressMsg) tea.Cmd {
	if k.Code == 'h' && k.Mod == tea.ModCtrl { // ^H, which is Backspace on many terminals
		k = tea.KeyPressMsg{Code: tea.KeyBackspace}
	}
	if m.idle() {
		return m.lockIdle()
	}
	m.lastKey = m.wall()
	if c, found := m.keyboard().Find(m.commands(), k.String()); found {
		cmd, _ := m.try(c)
		return tea.Batch(cmd, m.watchPasscode())
	}
	if k.Text != "" {
		m.typed()
	}
	switch s, field := m.top().(editor); {
	case m.small():
	case m.dialog == idleDialog: // the key that dismisses the warning does nothing else
		m.dialog = noDialog
	case m.dialog == noDialog && field:
		s.Edit(k)
	}
	if !m.top().Typing() { // what is typed into a field leaves no trace here
		m.presses.Note(k.String(), m.Now())
	}
	return m.watchPasscode()
}

// try carries a command out, where the press of its key counts.
func (m *model) try(c act.Command) (tea.Cmd, act.Verdict) {
	id := c.Word
	if len(c.Keys) > 0 {
		id = c.Keys[0]
	}
	now := m.Now()
	verdict := act.Press(c, act.Moment{Now: now, Last: m.presses.Last(id), Idle: m.idle(), Small: m.small()})
	m.presses.Note(id, now)
	switch verdict {
	case act.Counts:
		m.typedAt = time.Time{} // what was typed has come to its end
		return m.carryOut(c.Do()), verdict
	case act.Idle:
		return m.lockIdle(), verdict
	default:
		return nil, verdict
	}
}

// keyboard is what is known of the keys besides the commands of one screen.
func (m *model) keyboard() act.Keyboard {
	return act.Keyboard{Console: m.cfg.console, Bound: func(name string) bool {
		return slices.ContainsFunc(m.Keys.All(), func(a step.Keyed) bool { return slices.Contains(a.Binding.Keys(), name) })
	}}
}

// typed notes that something was typed that no command has ended yet.
func (m *model) typed() { m.typedAt = m.Now() }

// lockIdle locks a session that was idle for too long.
func (m *model) lockIdle() tea.Cmd { return m.lock(session.Idle, wordsLockedIdle(m.cfg.IdleLock)) }

// paste gives pasted text to the field that has the focus. It is never taken for commands.
func (m *model) paste(s string) tea.Cmd {
	if m.idle() {
		return m.lockIdle()
	}
	m.lastKey = m.wall()
	if m.dialog == noDialog && m.top().Typing() && !m.small() {
		m.top().Paste(s)
	}
	return nil
}

// surface is what has the keys: a screen, or a dialog over it, in a window that is large enough to show it.
type surface struct {
	screen screen
	dialog dialog
	small  bool
}

// look notes when what is on the terminal has come into sight. It is to be called after every message.
func (m *model) look() {
	if now := (surface{m.top(), m.dialog, m.small()}); now != m.surface {
		m.surface, m.ShownAt = now, m.Now()
	}
}

// globals are the commands of all screens.
type globals struct{ interrupt, quit, lock, suspend, help, diagnostics, patient, find, worklist act.Command }

func (m *model) global() globals {
	letters := !m.top().Typing() && !m.signingIn()
	list := m.cfg.Worklist.Shelf != nil && !m.onWorklist()
	atWork := m.role != nil && m.asked.open == 0 && m.asked.print == 0
	of := func(b key.Binding, works bool, a step.Action) act.Command {
		return step.Command(step.When(b, works), step.Effect(a))
	}
	g := globals{
		interrupt:   of(m.Keys.Interrupt, true, actQuit{}),
		quit:        of(m.Keys.Quit, letters, actQuit{}),
		lock:        of(m.Keys.Lock, m.canLock(), actLock{}),
		suspend:     of(m.Keys.Suspend, m.cfg.shell, actSuspend{}),
		help:        of(m.Keys.Help, true, actHelp{}),
		diagnostics: of(m.Keys.Diagnostics, letters && m.in == nil, actDiagnose{}),
		patient:     of(m.Keys.Patient, letters && atWork, actNextPatient{}),
		find:        of(m.Keys.Find, letters && atWork, actToFind{}),
		worklist:    of(m.Keys.Worklist, letters && atWork && list, actWorklist{}),
	}
	if !letters {
		g.help = of(step.Bind("F1", m.Keys.Help.Help().Desc, "f1"), true, actHelp{})
	}
	// Nothing keeps the lock and the way to the shell back, and the program can always be ended.
	g.lock.Unseen, g.suspend.Unseen, g.interrupt.Unseen = true, true, true
	return g
}

// signingIn reports whether a sign-in is under way. What is typed meanwhile was meant for the passcode, or for the next
// screen.
func (m *model) signingIn() bool {
	s, ok := m.top().(*card.Passcode)
	return ok && s.Signing
}

// commands returns what can be done now, in the order in which the foot shows it.
func (m *model) commands() []act.Command {
	if m.dialog == noDialog {
		return m.screenCommands()
	}
	g := m.global()
	return append(m.dialogCommands(), g.lock, step.Wordless(g.suspend))
}

// screenCommands returns the commands of the screen, whatever lies over it.
func (m *model) screenCommands() []act.Command {
	g := m.global()
	main, minor := m.top().Commands()
	all := slices.Concat(main, []act.Command{g.patient, g.find, g.worklist, g.diagnostics, g.help, g.lock, g.quit})
	if g.quit.Ready {
		return append(append(all, minor...), g.interrupt, g.suspend)
	}
	return append(append(all, g.interrupt), append(minor, g.suspend)...)
}

// suspend hands the terminal back to the shell, locked: whoever brings the program back may be someone else.
func (m *model) suspend() tea.Cmd {
	m.top().Wipe()
	return tea.Batch(m.lock(session.Locked, wordLocked), tea.Suspend)
}
