package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// longestTick is how seldom the program looks at the clock while somebody is signed in: often enough for the number to
// ring at the end of office hours.
const longestTick = 30 * time.Second

// wall is the time of the wall clock. Without its monotonic part, which stands still while a computer sleeps, the sleep
// counts as idle.
func (m *model) wall() time.Time { return m.Clock().Round(0) }

// lookAtClock notes the time. Where the clock was set back, the key was pressed as long ago as before.
func (m *model) lookAtClock() {
	now := m.wall()
	if back := m.lookedAt.Sub(now); back > 0 {
		m.lastKey = m.lastKey.Add(-back)
	}
	m.lookedAt = now
}

// idleLeft is how long until the session is locked.
func (m *model) idleLeft() time.Duration { return m.cfg.IdleLock - m.wall().Sub(m.lastKey) }

// idle reports whether the session has been idle for too long. No key does anything then but lock it.
func (m *model) idle() bool { return m.in != nil && m.idleLeft() <= 0 }

// startTicks begins the session's chain of ticks.
func (m *model) startTicks() tea.Cmd {
	m.ticking = m.number()
	return m.after(m.nextLook(), tickMsg{m.ticking})
}

// passcodeKept is how long a passcode that was begun and not sent is kept.
const passcodeKept = time.Minute

// watchPasscode begins a chain of ticks for a passcode that has been begun.
func (m *model) watchPasscode() tea.Cmd {
	if m.in != nil || m.ticking != 0 || m.pass.Len() == 0 {
		return nil
	}
	m.ticking = m.number()
	return m.after(passcodeKept, tickMsg{m.ticking})
}

// dropPasscode wipes a passcode that was begun and left, or looks again later.
func (m *model) dropPasscode(msg tickMsg) tea.Cmd {
	if m.pass.Len() > 0 && m.wall().Sub(m.lastKey) < passcodeKept {
		return m.after(passcodeKept, msg)
	}
	m.ticking = 0
	m.wipe()
	return nil
}

// ticked warns or locks when it is time, and looks again later.
func (m *model) ticked(msg tickMsg) tea.Cmd {
	if msg.n == m.diag.again && msg.n != 0 {
		return m.probeAgain()
	}
	if msg.n == m.room.Tick && msg.n != 0 {
		return m.workOn()
	}
	if msg.n != m.ticking || m.ticking == 0 {
		return nil
	}
	if m.in == nil {
		return m.dropPasscode(msg)
	}
	if m.idle() {
		return m.lockIdle()
	}
	left := m.idleLeft()
	if left <= m.cfg.IdleWarn {
		m.dialog = idleDialog
	}
	return m.after(m.nextLook(), msg)
}

// nextLook is how long until something about idleness changes: the warning, its words, or the lock.
func (m *model) nextLook() time.Duration {
	left := m.idleLeft()
	wait := min(longestTick, left)
	for _, at := range []time.Duration{m.cfg.IdleWarn, time.Minute, 30 * time.Second, 10 * time.Second} {
		if at < left {
			wait = min(wait, left-at)
		}
	}
	return max(wait, time.Millisecond)
}
