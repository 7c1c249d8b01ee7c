//go:build unix

package tui

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/testterm"
)

// clockEnv names the socket of the test that sets the program's clock. Without it the clock advances by itself.
const clockEnv = "WARDLIGHT_TUI_STILL"

// manualClock is a clock for the program that only the test advances. Each timer runs, and the program handles its
// message, before the clock advances further.
type manualClock struct {
	mu     sync.Mutex
	came   sync.Cond
	now    time.Time
	keys   int // input handled so far: messages in the panes, bytes in linear mode
	timers []stillTimer
	send   func(tea.Msg) // nil until the program runs
}

type stillTimer struct {
	at time.Time
	do func()
}

func newStillClock() *manualClock {
	c := &manualClock{now: start()}
	c.came.L = &c.mu
	return c
}

func (c *manualClock) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// hooks returns hooks that use c as the program's clock.
func (c *manualClock) hooks() testHooks {
	return testHooks{
		after: func(d time.Duration, do func()) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.timers = append(c.timers, stillTimer{c.now.Add(d), do})
		},
		started: func(send func(tea.Msg)) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.send = send
			c.came.Broadcast()
		},
		filter: func(next filter) filter {
			return func(m tea.Model, msg tea.Msg) tea.Msg {
				if isKey(msg) {
					c.typed(1)
				}
				return next(m, msg)
			}
		},
		inputHandled: c.typed,
	}
}

// isKey reports whether a message is input: a key, a paste, or a sequence that Bubble Tea does not know.
func isKey(msg tea.Msg) bool {
	switch msg := msg.(type) {
	case tea.KeyPressMsg, tea.PasteMsg:
		return true
	case fmt.Stringer:
		s, err := strconv.Unquote(msg.String())
		return err == nil && strings.HasPrefix(s, "\x1b")
	default:
		return false
	}
}

func (c *manualClock) typed(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keys += n
	c.came.Broadcast()
}

// nothingMsg is a message without a handler. Sending it returns after all earlier messages have been handled.
type nothingMsg struct{}

// move waits until keys items of input have been handled, and advances the clock by d.
func (c *manualClock) move(keys int, d time.Duration) {
	c.mu.Lock()
	for c.send == nil || c.keys < keys {
		c.came.Wait()
	}
	c.mu.Unlock()
	c.send(nothingMsg{})
	for end := c.time().Add(d); ; {
		do := c.next(end)
		if do == nil {
			return
		}
		do()
		c.send(nothingMsg{})
	}
}

// next advances the clock to the next timer that is due before end, and returns its function. Without one it advances
// to end and returns nil.
func (c *manualClock) next(end time.Time) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	slices.SortStableFunc(c.timers, func(a, b stillTimer) int { return a.at.Compare(b.at) })
	if len(c.timers) == 0 || c.timers[0].at.After(end) {
		c.now = end
		return nil
	}
	due := c.timers[0]
	c.timers = c.timers[1:]
	c.now = due.at
	return due.do
}

// serve advances the clock for the test, which sends lines with the number of items of input and a duration in
// nanoseconds.
func (c *manualClock) serve(socket string) error {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return err
	}
	go func() {
		for {
			var keys int
			var d time.Duration
			if _, err := fmt.Fscanln(conn, &keys, &d); err != nil {
				return
			}
			c.move(keys, d)
			if _, err := fmt.Fprintln(conn, "moved"); err != nil {
				return
			}
		}
	}()
	return nil
}

// clockOfChild is the test's side of a manualClock.
type clockOfChild struct {
	listener net.Listener
	conn     net.Conn // nil before the first Move
	lines    bool     // the program is in linear mode
	keys     int      // items of input sent so far
}

// Move implements testterm.Clock.
func (c *clockOfChild) Move(typed []string, d time.Duration) error {
	for _, s := range typed {
		switch {
		case c.lines:
			c.keys += len(s)
		case strings.HasPrefix(s, "\x1b"): // an escape sequence, or part of one
			c.keys++
		default:
			c.keys += utf8.RuneCountInString(s)
		}
	}

	if c.conn == nil {
		conn, err := c.listener.Accept()
		if err != nil {
			return err
		}
		c.conn = conn
	}

	if err := c.conn.SetDeadline(time.Now().Add(testterm.DefaultTimeout)); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(c.conn, c.keys, int64(d)); err != nil {
		return err
	}
	if _, err := bufio.NewReader(c.conn).ReadString('\n'); err != nil {
		return fmt.Errorf("the program has not handled %d keys, of which the last were %q: %w", c.keys, typed, err)
	}

	return nil
}

// withManualClock sets a clock of the program that only Hold and Pause advance, so that the result does not depend on
// the machine's speed.
func withManualClock(t *testing.T, o testterm.Options) testterm.Options {
	t.Helper()
	folder, err := os.MkdirTemp("", "still") // the path of t.TempDir would be too long for a socket
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	socket := filepath.Join(folder, "clock")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}

	c := &clockOfChild{listener: listener, lines: slices.Contains(o.Env, dumb)}
	t.Cleanup(func() {
		_ = listener.Close()
		if c.conn != nil {
			_ = c.conn.Close()
		}
	})

	o.Env = append(o.Env, clockEnv+"="+socket)
	o.Clock = c
	return o
}
