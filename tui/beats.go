package tui

import (
	"reflect"
	"time"

	tea "charm.land/bubbletea/v2"
)

// beats says when Bubble Tea draws: the first frame at once, and then only when something has come that may change the
// screen. Bubble Tea itself looks at every tick of a ticker, 45 times a second for as long as the program runs, and
// wakes an idle computer each time. See docs/adr/0007-frames-are-drawn-on-demand.md.
type beats struct {
	frame time.Duration
	came  chan struct{}  // something has come since the last frame
	draw  chan time.Time // Bubble Tea draws when it receives from it
}

func newBeats(framesPerSecond int) *beats {
	return &beats{time.Second / time.Duration(framesPerSecond), make(chan struct{}, 1), make(chan time.Time)}
}

// drawMsg is a message that nobody handles. Once the program has taken it, all that came before is ready to be drawn.
type drawMsg struct{}

// filter notes every message on its way to the program.
func (b *beats) filter(next filter) filter {
	return func(m tea.Model, msg tea.Msg) tea.Msg {
		if _, ok := msg.(drawMsg); ok {
			return nil
		}
		select {
		case b.came <- struct{}{}:
		default:
		}
		return next(m, msg)
	}
}

// take puts the beats in the place of the program's ticker. It must come before the program runs. It reports false
// where the library has no such ticker; the program then draws at its own ticks.
func (b *beats) take(p *tea.Program) bool {
	field := reflect.ValueOf(p).Elem().FieldByName("ticker")
	if !field.IsValid() || field.Type() != reflect.TypeFor[*time.Ticker]() {
		return false
	}
	ticker := time.NewTicker(time.Hour) // its own ticks go to a channel that nobody receives from, so that it never wakes
	ticker.C = b.draw
	*reflect.NewAt(field.Type(), field.Addr().UnsafePointer()).Interface().(**time.Ticker) = ticker
	return true
}

// run beats until done: at once for the first frame, and then a frame after something has come, so that what comes of
// it in that time is in the same picture.
func (b *beats) run(send func(tea.Msg), done <-chan struct{}) {
	frame := time.NewTimer(0)
	defer frame.Stop()
	for receives(frame.C, done) {
		select {
		case <-b.came: // in this picture
		default:
		}
		send(drawMsg{})
		select {
		case b.draw <- time.Time{}:
		case <-done:
			return
		}
		if !receives(b.came, done) {
			return
		}
		frame.Reset(b.frame)
	}
}

// receives waits for something from c, and reports false when done comes first.
func receives[T any](c <-chan T, done <-chan struct{}) bool {
	select {
	case <-c:
		return true
	case <-done:
		return false
	}
}
