package shell

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// MaxTick is the maximum time between two checks of the clock during a session. It is short enough to switch the
// telephone number at the end of office hours.
const MaxTick = 30 * time.Second

// WallTime returns the wall clock time. It has no monotonic part, which stops while a computer sleeps, so that sleep
// counts as idle time.
func (m *Model) WallTime() time.Time { return m.Clock().Round(0) }

// NoteClock records the current time. If the clock was set back, the time of the last key press is moved back by the
// same amount, so that the idle time stays the same.
func (m *Model) NoteClock() {
	now := m.WallTime()
	if back := m.lastMessageAt.Sub(now); back > 0 {
		m.LastKey = m.LastKey.Add(-back)
	}
	m.lastMessageAt = now
}

// IdleLeft returns the time until the session is locked.
func (m *Model) IdleLeft() time.Duration { return m.Cfg.IdleLock - m.WallTime().Sub(m.LastKey) }

// Idle reports whether the session has been idle for too long. Any key then only locks it.
func (m *Model) Idle() bool { return m.In != nil && m.IdleLeft() <= 0 }

// startTicks starts the session's timer.
func (m *Model) startTicks() tea.Cmd {
	m.ticking = m.number()
	return m.After(m.nextTickDelay(), TickMsg{m.ticking})
}

// passcodeTimeout is how long a partly typed passcode stays in memory after the last key press.
const passcodeTimeout = time.Minute

// watchPasscode starts a timer for a partly typed passcode.
func (m *Model) watchPasscode() tea.Cmd {
	if m.In != nil || m.ticking != 0 || m.Pass.Len() == 0 {
		return nil
	}
	m.ticking = m.number()
	return m.After(passcodeTimeout, TickMsg{m.ticking})
}

// dropPasscode wipes a partly typed passcode that has timed out, or sets the timer again.
func (m *Model) dropPasscode(msg TickMsg) tea.Cmd {
	if m.Pass.Len() > 0 && m.WallTime().Sub(m.LastKey) < passcodeTimeout {
		return m.After(passcodeTimeout, msg)
	}
	m.ticking = 0
	m.Wipe()
	return nil
}

// handleTick handles a timer: it shows the idle warning or locks the session when it is time.
func (m *Model) handleTick(msg TickMsg) tea.Cmd {
	if msg.n == m.Report.Again && msg.n != 0 {
		return m.probeAgain()
	}
	if msg.n == m.Worklist.Tick && msg.n != 0 {
		return m.requestNext()
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

	return m.After(m.nextTickDelay(), msg)
}

// nextTickDelay returns the time until the idle state changes: the warning, its words, or the lock.
func (m *Model) nextTickDelay() time.Duration {
	left := m.IdleLeft()
	wait := min(MaxTick, left)
	for _, at := range []time.Duration{m.Cfg.IdleWarn, time.Minute, 30 * time.Second, 10 * time.Second} {
		if at < left {
			wait = min(wait, left-at)
		}
	}
	return max(wait, time.Millisecond)
}
