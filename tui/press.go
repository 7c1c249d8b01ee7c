package tui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"wardlight/internal/session"
)

// press decides who gets a key: the idle lock first, then the lock and the way to the shell, which nothing keeps back. A window that is
// too small to show anything takes no other but the one that quits. Then come a dialog, the keys that work everywhere, the letters that
// work on every screen unless a field has the focus, and at last the screen.
func (m *model) press(k tea.KeyPressMsg) tea.Cmd {
	if m.in != nil && m.idleLeft() <= 0 {
		return m.lock(session.Idle, wordsLockedIdle(m.cfg.IdleLock))
	}
	m.lastKey = m.wall()
	g := m.global()
	switch {
	case key.Matches(k, g.lock, g.suspend):
	case m.small() && !key.Matches(k, g.interrupt): // nobody opens what they cannot see
		return nil
	case m.dialog != noDialog:
		return m.pressDialog(k)
	}
	switch {
	case key.Matches(k, g.interrupt, g.quit):
		return m.quit()
	case key.Matches(k, g.lock):
		return m.lock(session.Locked, wordLocked)
	case key.Matches(k, g.suspend):
		return m.suspend()
	case key.Matches(k, g.help):
		m.dialog = helpDialog
		return nil
	case key.Matches(k, g.diagnostics):
		return m.diagnose()
	case key.Matches(k, g.patient):
		return m.carryOut(actNextPatient{})
	case key.Matches(k, g.find):
		return m.carryOut(actToFind{})
	case key.Matches(k, g.worklist):
		return m.carryOut(actWorklist{})
	}
	cmd := m.carryOut(m.top().press(k))
	return tea.Batch(cmd, m.watchPasscode())
}

// paste gives pasted text to the field that has the focus. It is never taken for commands.
func (m *model) paste(s string) tea.Cmd {
	if m.in != nil && m.idleLeft() <= 0 {
		return m.lock(session.Idle, wordsLockedIdle(m.cfg.IdleLock))
	}
	m.lastKey = m.wall()
	if m.dialog == noDialog && m.top().typing() && !m.small() {
		m.top().paste(s)
	}
	return nil
}

// globals are the keys of all screens, each disabled where it does nothing.
type globals struct{ interrupt, quit, lock, suspend, help, diagnostics, patient, find, worklist key.Binding }

func (m *model) global() globals {
	letters := !m.top().typing()
	atWork := m.role != nil && m.asked.open == 0 && m.asked.print == 0
	g := globals{
		interrupt:   m.keys.Interrupt,
		quit:        when(m.keys.Quit, letters),
		lock:        when(m.keys.Lock, m.canLock()),
		suspend:     when(m.keys.Suspend, m.cfg.shell),
		help:        m.keys.Help,
		diagnostics: when(m.keys.Diagnostics, letters && m.in == nil),
		patient:     when(m.keys.Patient, letters && atWork),
		find:        when(m.keys.Find, letters && atWork),
		worklist:    when(m.keys.Worklist, letters && atWork && m.cfg.Worklist.Shelf != nil && !m.onWorklist()),
	}
	if !letters {
		g.help = bind("F1", m.keys.Help.Help().Desc, "f1")
	}
	return g
}

// bindings are the keys that do something now, in the order in which the foot shows them.
func (m *model) bindings() []key.Binding {
	g := m.global()
	main, minor := m.top().bindings()
	all := append([]key.Binding(nil), main...)
	all = append(all, g.patient, g.find, g.worklist, g.diagnostics, g.help, g.lock, g.quit)
	if g.quit.Enabled() {
		return append(append(all, minor...), g.interrupt, g.suspend)
	}
	return append(append(all, g.interrupt), append(minor, g.suspend)...)
}

// suspend hands the terminal back to the shell, locked: whoever brings the program back may be someone else.
func (m *model) suspend() tea.Cmd {
	m.top().wipe()
	return tea.Batch(m.lock(session.Locked, wordLocked), tea.Suspend)
}
