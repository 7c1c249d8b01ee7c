package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/session"
)

// longestTick is how seldom the program looks at the clock while somebody is signed in: often enough for the number to
// ring at the end of office hours.
const longestTick = 30 * time.Second

// wall is the time of the wall clock. Without its monotonic part, which stands still while a computer sleeps, the sleep
// counts as idle.
func (m *model) wall() time.Time { return m.clock().Round(0) }

// idleLeft is how long until the session is locked.
func (m *model) idleLeft() time.Duration { return m.cfg.IdleLock - m.wall().Sub(m.lastKey) }

// startTicks begins the session's chain of ticks.
func (m *model) startTicks() tea.Cmd {
	m.ticking = m.number()
	return m.after(m.nextLook(), tickMsg{m.ticking})
}

// ticked warns or locks when it is time, and looks again later.
func (m *model) ticked(msg tickMsg) tea.Cmd {
	if m.in == nil || msg.n != m.ticking {
		return nil
	}
	left := m.idleLeft()
	if left <= 0 {
		return m.lock(session.Idle, wordsLockedIdle(m.cfg.IdleLock))
	}
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
