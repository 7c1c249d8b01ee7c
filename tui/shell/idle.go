package shell

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// LongestTick is how seldom the program looks at the clock while somebody is signed in: often enough for the number to
// ring at the end of office hours.
const LongestTick = 30 * time.Second

// Wall returns the time of the wall clock. Without its monotonic part, which stands still while a computer sleeps,
// the sleep counts as idle.
func (m *Model) Wall() time.Time { return m.Clock().Round(0) }

// NoteClock notes the time. Where the clock was set back, the key was pressed as long ago as before.
func (m *Model) NoteClock() {
	now := m.Wall()
	if back := m.lookedAt.Sub(now); back > 0 {
		m.LastKey = m.LastKey.Add(-back)
	}
	m.lookedAt = now
}

// IdleLeft returns how long until the session is locked.
func (m *Model) IdleLeft() time.Duration { return m.Cfg.IdleLock - m.Wall().Sub(m.LastKey) }

// Idle reports whether the session has been idle for too long. No key does anything then but lock it.
func (m *Model) Idle() bool { return m.In != nil && m.IdleLeft() <= 0 }

// startTicks begins the session's chain of ticks.
func (m *Model) startTicks() tea.Cmd {
	m.ticking = m.number()
	return m.After(m.nextLook(), TickMsg{m.ticking})
}

// passcodeKept is how long a passcode that was begun and not sent is kept.
const passcodeKept = time.Minute

// watchPasscode begins a chain of ticks for a passcode that has been begun.
func (m *Model) watchPasscode() tea.Cmd {
	if m.In != nil || m.ticking != 0 || m.Pass.Len() == 0 {
		return nil
	}
	m.ticking = m.number()
	return m.After(passcodeKept, TickMsg{m.ticking})
}

// dropPasscode wipes a passcode that was begun and left, or looks again later.
func (m *Model) dropPasscode(msg TickMsg) tea.Cmd {
	if m.Pass.Len() > 0 && m.Wall().Sub(m.LastKey) < passcodeKept {
		return m.After(passcodeKept, msg)
	}
	m.ticking = 0
	m.Wipe()
	return nil
}

// handleTick warns or locks when it is time, and looks again later.
func (m *Model) handleTick(msg TickMsg) tea.Cmd {
	if msg.n == m.Report.Again && msg.n != 0 {
		return m.probeAgain()
	}
	if msg.n == m.Worklist.Tick && msg.n != 0 {
		return m.workOn()
	}
	if msg.n != m.ticking || m.ticking == 0 {
		return nil
	}
	if m.In == nil {
		return m.dropPasscode(msg)
	}
	if m.Idle() {
		return m.LockIdle()
	}
	left := m.IdleLeft()
	if left <= m.Cfg.IdleWarn {
		m.closeDialog()
		m.Dialog = IdleDialog
	}
	return m.After(m.nextLook(), msg)
}

// nextLook returns how long until something about idleness changes: the warning, its words, or the lock.
func (m *Model) nextLook() time.Duration {
	left := m.IdleLeft()
	wait := min(LongestTick, left)
	for _, at := range []time.Duration{m.Cfg.IdleWarn, time.Minute, 30 * time.Second, 10 * time.Second} {
		if at < left {
			wait = min(wait, left-at)
		}
	}
	return max(wait, time.Millisecond)
}
