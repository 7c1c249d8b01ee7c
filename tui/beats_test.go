package tui

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// A new version of Bubble Tea without this field would draw at its own ticks again, and nobody would notice.
func TestBeats_TakeThePlaceOfTheTicker(t *testing.T) {
	if !newBeats(framesPerSecond).take(tea.NewProgram(nil)) {
		t.Error("Bubble Tea has no such ticker any more")
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
			t.Error("the program gets a message that is none of its own")
		}
		<-b.draw
	}
	draw() // the first frame
	for range 3 {
		if filter(nil, tea.FocusMsg{}) == nil {
			t.Error("a message is lost")
		}
	}
	draw() // and one for all of them
	if len(b.came) != 0 {
		t.Error("it draws again without anything new")
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
		t.Errorf("a frame is %v long", b.frame)
	}
}
