package tui

import (
	"reflect"
	"time"

	tea "charm.land/bubbletea/v2"
)

// frameTicker decides when Bubble Tea draws: the first frame at once, and later frames only after a message has
// arrived that may change the screen. Bubble Tea itself checks at every tick of a ticker, 45 times a second for as
// long as the program runs, and wakes an idle computer each time. See docs/adr/0007-frames-are-drawn-on-demand.md.
type frameTicker struct {
	frame   time.Duration
	arrived chan struct{}  // a message has arrived since the last frame
	draw    chan time.Time // Bubble Tea draws when it receives from this channel
}

func newBeats(framesPerSecond int) *frameTicker {
	return &frameTicker{time.Second / time.Duration(framesPerSecond), make(chan struct{}, 1), make(chan time.Time)}
}

// drawMsg is a message without a handler. Once the program has received it, all earlier messages have been handled and
// the screen can be drawn.
type drawMsg struct{}

// filter returns a filter that records that a message has arrived, and passes the message to next.
func (b *frameTicker) filter(next filter) filter {
	return func(m tea.Model, msg tea.Msg) tea.Msg {
		if _, ok := msg.(drawMsg); ok {
			return nil
		}
		select {
		case b.arrived <- struct{}{}:
		default:
		}
		return next(m, msg)
	}
}

// replaceTicker replaces the ticker of p with b. It must be called before p runs. It reports false if this version of
// Bubble Tea has no such ticker; p then draws at its own ticks.
func (b *frameTicker) replaceTicker(p *tea.Program) bool {
	field := reflect.ValueOf(p).Elem().FieldByName("ticker")
	if !field.IsValid() || field.Type() != reflect.TypeFor[*time.Ticker]() {
		return false
	}
	ticker := time.NewTicker(time.Hour) // replaced: nothing receives its own ticks, so it never wakes the program
	ticker.C = b.draw
	*reflect.NewAt(field.Type(), field.Addr().UnsafePointer()).Interface().(**time.Ticker) = ticker
	return true
}

// run draws frames until done is closed: the first at once, and then one after each message. It waits at least one
// frame length between two frames, so that messages that arrive meanwhile share the next frame.
func (b *frameTicker) run(send func(tea.Msg), done <-chan struct{}) {
	frame := time.NewTimer(0)
	defer frame.Stop()
	for receives(frame.C, done) {
		select {
		case <-b.arrived: // drawn in this frame
		default:
		}
		send(drawMsg{})
		select {
		case b.draw <- time.Time{}:
		case <-done:
			return
		}
		if !receives(b.arrived, done) {
			return
		}
		frame.Reset(b.frame)
	}
}

// receives waits for a value from c. It reports false if done is closed first.
func receives[T any](c <-chan T, done <-chan struct{}) bool {
	select {
	case <-c:
		return true
	case <-done:
		return false
	}
}
