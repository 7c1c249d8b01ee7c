package tui

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// This fails if a new version of Bubble Tea has no such field: the program would draw at its own ticks again, without
// any error.
func TestBeats_TakeThePlaceOfTheTicker(t *testing.T) {
	if !newBeats(framesPerSecond).replaceTicker(tea.NewProgram(nil)) {
		t.Error("take found no ticker in tea.Program; has Bubble Tea changed?")
	}
}

func TestBeats_DrawOnlyWhatHasCome(t *testing.T) {
	b := newBeats(1000)
	sent := make(chan tea.Msg)
	done := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b.run(func(msg tea.Msg) { sent <- msg }, done)
	}()

	filter := b.filter(func(_ tea.Model, msg tea.Msg) tea.Msg { return msg })
	draw := func() {
		t.Helper()
		if filter(nil, <-sent) != nil {
			t.Error("filter passed on a drawMsg, want it dropped")
		}
		<-b.draw
	}

	draw() // the first frame
	for range 3 {
		if filter(nil, tea.FocusMsg{}) == nil {
			t.Error("filter dropped a message of the program")
		}
	}

	draw() // one frame for all three messages
	if len(b.arrived) != 0 {
		t.Error("another frame is due, although no message has arrived since the last one")
	}

	close(done)
	<-ended
}

func TestBeats_EndWithTheProgram(t *testing.T) {
	b := newBeats(1)
	done := make(chan struct{})
	close(done)
	b.run(func(tea.Msg) {}, done)
	if b.frame != time.Second {
		t.Errorf("frame length = %v, want 1s", b.frame)
	}
}
