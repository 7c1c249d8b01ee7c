package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"wardlight/client"
	"wardlight/internal/recordsystem"
	"wardlight/internal/sealed"
	"wardlight/tui/draw"
	"wardlight/tui/patient"
	"wardlight/tui/step"
)

// tallName returns a patient whose name has five rows in a banner of 60 cells. The hub's limits allow no longer one.
func tallName() client.Patient {
	p := tessRecord()
	p.Family = strings.Repeat("Featherstonehaugh-Cholmondeley ", 3)
	p.Given = []string{strings.Repeat("Maximiliana ", 6), strings.Repeat("Theodora ", 6)}
	return p
}

// fullest returns states that show as much text as possible, in addition to those of the golden files.
func fullest() []state {
	openFails := func(b *modelTest) *modelTest {
		b.sessions.openErr = &client.Error{Kind: client.TimedOut, OutcomeUnknown: true}
		return b
	}

	flagFails := func(b *modelTest) *modelTest {
		answer := failed(recordsystem.InMemory)
		answer.StoreErr = &sealed.Error{Kind: sealed.NoKeyring}
		b.flags().answer = answer
		return b
	}

	tall := func(b *modelTest) *modelTest {
		b.sessions.records[tess] = tallName()
		b.sessions.found.Rows = append(b.sessions.found.Rows, tallName())
		return b
	}

	return []state{
		{"open-failed-flags", func(b *modelTest) { b.flags(); openFails(b).toOpened() }},
		{"open-failed-flag-failed", func(b *modelTest) {
			openFails(flagFails(b)).toOpened().wait(time.Second).Press("f").deliver()
		}},
		{"tall-open-failed", func(b *modelTest) {
			tall(openFails(flagFails(b))).toOpened().wait(time.Second).Press("f").deliver()
		}},
		{"tall-opened", func(b *modelTest) { tall(b).toOpened() }},
	}
}

// Every state can be drawn in every window size, and always shows an alert. The fullest states are drawn in every
// second size, in a chessboard pattern. The others are drawn in one size of 41 each, which together are all sizes.
func TestEveryStateIsDrawnInEverySize(t *testing.T) {
	sweep := func(s state, first, step int) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			b := newFixture(t)
			s.get(b)
			const widths, heights = 200 - draw.MinCols + 1, 60 - draw.MinRows + 1
			for i := first; i < widths*heights; i += step {
				b.m.Cols, b.m.Rows = draw.MinCols+i%widths, draw.MinRows+i/widths
				if wrong := b.drawnWrong(); wrong != "" {
					t.Fatalf("%dx%d: %s", b.m.Cols, b.m.Rows, wrong)
				}
			}
		})
	}

	for _, s := range fullest() {
		sweep(s, 0, 2) // widths is odd, so the next height has the other widths
	}

	const step = 41 // the first size differs by state, so each state is drawn in all heights and many widths
	for i, s := range allStates() {
		sweep(s, i%step, step)
	}
}

// drawnWrong returns what is wrong with the screen, or "".
func (b *modelTest) drawnWrong() (wrong string) {
	defer func() {
		if r := recover(); r != nil {
			wrong = fmt.Sprintf("it panics: %v", r)
		}
	}()
	drawn := b.m.Draw()
	if len(drawn.Lines) != b.m.Rows {
		return fmt.Sprintf("%d lines", len(drawn.Lines))
	}
	p, ok := step.ScreenOf[*patient.Screen](b.m.Screens)
	if ok && p.State() == client.Alert && !b.m.FullDialog() {
		for _, l := range drawn.Lines {
			if strings.Contains(ansi.Strip(l), client.Alert.String()) {
				return ""
			}
		}
		return "the alert is out of sight:\n" + ansi.Strip(strings.Join(drawn.Lines, "\n"))
	}
	return ""
}

// The bench checks its invariants after every message; here it does so for every state at other sizes.
func TestEveryStateFitsEverySize(t *testing.T) {
	for _, size := range []struct{ cols, rows int }{{60, 20}, {100, 30}, {132, 24}, {240, 70}, {59, 20}, {1, 1}} {
		for _, s := range allStates() {
			t.Run(fmt.Sprintf("%s-%dx%d", s.name, size.cols, size.rows), func(t *testing.T) {
				t.Parallel()
				// smaller ones ignore keys
				b := newFixtureSize(t, max(size.cols, draw.MinCols), max(size.rows, draw.MinRows))
				s.get(b)
				b.resize(size.cols, size.rows)
			})
		}
	}
}

// A window that is made very small and restored shows the same screen.
func TestResizeKeepsTheState(t *testing.T) {
	b := newFixture(t).toPatient(tess)
	before := b.text()
	b.resize(10, 3).expect("too small").expectNot("Tess").resize(200, 60).expect("ALERT").resize(80, 24)
	if b.text() != before {
		t.Errorf("screen after resizing and back:\n%s\nwant\n%s", b.text(), before)
	}
}

func TestInAWindowThatIsTooSmallKeysDoNothingThatIsNotSeen(t *testing.T) {
	b := newFixture(t)
	f := b.flags()
	b.toPatient(tess).wait(time.Second).resize(50, 15).Press("o", "f", "enter", "n", "w", "q", "y").
		send(tea.PasteMsg{Content: "o"}).deliver()
	if len(f.set) != 0 {
		t.Errorf("%d flags set in a window that is too small, want 0", len(f.set))
	}
	b.expectNoCall("open").resize(80, 24).expect("ALERT", "EXAMPLE, Tess").expectNot("Quit?")

	b.resize(50, 15).Press("ctrl+l").resize(80, 24).expect("Locked.").expectNot("Tess")
	b = newFixture(t).toPatient(tess).resize(50, 15).hold("ctrl+c", 2*time.Second)
	if b.quit {
		t.Error("a key that was held down both showed the question and confirmed it")
	}
	b.expect("Quit?", "Ctrl-C again quits")
	b.wait(time.Second).Press("ctrl+c")
	if !b.quit {
		t.Error("the program can't be quit in a window that is too small")
	}
}
