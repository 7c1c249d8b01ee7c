package tui

import (
	"fmt"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

func TestLayout(t *testing.T) {
	for _, c := range []struct {
		cols, rows, top int
		at              place
		want            layout
	}{
		{80, 24, 2, atFind, layout{cols: 80, rows: 24, top: rect{0, 0, 80, 2}, body: rect{1, 2, 78, 20}, foot: rect{0, 22, 80, 2}}},
		{80, 25, 3, atAlert, layout{cols: 80, rows: 25, top: rect{0, 0, 80, 3}, body: rect{1, 3, 78, 20}, foot: rect{0, 23, 80, 2}}},
		{60, 20, 2, atResults, layout{cols: 60, rows: 20, top: rect{0, 0, 60, 2}, body: rect{1, 2, 58, 16}, foot: rect{0, 18, 60, 2}}},
		{120, 40, 2, nowhere, layout{cols: 120, rows: 40, wide: true, top: rect{0, 0, 120, 2}, body: rect{1, 2, 118, 36}, foot: rect{0, 38, 120, 2}}},
		{300, 40, 2, nowhere, layout{cols: 300, rows: 40, wide: true, top: rect{0, 0, 300, 2}, body: rect{1, 2, 158, 36}, foot: rect{0, 38, 300, 2}}},
		{120, 40, 2, atFind, layout{
			cols: 120, rows: 40, wide: true, top: rect{0, 0, 120, 2},
			body: rect{1, 2, 75, 36}, after: rect{77, 2, 42, 36}, foot: rect{0, 38, 120, 2},
		}},
		{120, 40, 2, atResults, layout{
			cols: 120, rows: 40, wide: true, top: rect{0, 0, 120, 2},
			before: rect{1, 2, 22, 36}, body: rect{24, 2, 74, 36}, after: rect{99, 2, 20, 36}, foot: rect{0, 38, 120, 2},
		}},
		{120, 40, 3, atPatient, layout{
			cols: 120, rows: 40, wide: true, top: rect{0, 0, 120, 3},
			before: rect{1, 3, 28, 35}, body: rect{30, 3, 89, 35}, foot: rect{0, 38, 120, 2},
		}},
		{59, 24, 2, atFind, layout{cols: 59, rows: 24, small: true, body: rect{w: 59, h: 24}}},
		{80, 19, 2, atFind, layout{cols: 80, rows: 19, small: true, body: rect{w: 80, h: 19}}},
		{1, 1, 2, atFind, layout{cols: 1, rows: 1, small: true, body: rect{w: 1, h: 1}}},
		{0, 0, 2, atFind, layout{small: true}},
	} {
		if got := layoutOf(c.cols, c.rows, c.top, c.at); got != c.want {
			t.Errorf("layoutOf(%d, %d, %d, %d) = %+v, want %+v", c.cols, c.rows, c.top, c.at, got, c.want)
		}
	}
}

func TestWindowHoldsTheChosenRow(t *testing.T) {
	for _, c := range []struct{ count, chosen, from, h, first, last int }{
		{10, 0, 0, 4, 0, 4}, {10, 4, 0, 4, 1, 5}, {10, 9, 0, 4, 6, 10}, {10, 2, 6, 4, 2, 6}, {3, 2, 5, 4, 0, 3}, {0, 0, 0, 4, 0, 0}, {5, 0, 0, 0, 0, 0},
	} {
		if first, last := window(c.count, c.chosen, c.from, c.h); first != c.first || last != c.last {
			t.Errorf("window(%d, %d, %d, %d) = %d, %d, want %d, %d", c.count, c.chosen, c.from, c.h, first, last, c.first, c.last)
		}
	}
}

// The bench checks its invariants after every message; here it does so for every state at unusual sizes.
func TestEveryStateFitsEverySize(t *testing.T) {
	for _, size := range []struct{ cols, rows int }{{60, 20}, {100, 30}, {132, 24}, {240, 70}, {59, 20}, {1, 1}} {
		for _, s := range allStates() {
			t.Run(fmt.Sprintf("%s-%dx%d", s.name, size.cols, size.rows), func(t *testing.T) {
				t.Parallel()
				b := newBenchSize(t, max(size.cols, leastCols), max(size.rows, leastRows)) // smaller ones take no keys
				s.get(b)
				b.resize(size.cols, size.rows)
			})
		}
	}
}

// TestResizeKeepsTheState resizes to nothing and back.
func TestResizeKeepsTheState(t *testing.T) {
	b := newBench(t).toPatient(tess)
	before := b.text()
	b.resize(10, 3).says("too small").silent("Tess").resize(200, 60).says("ALERT").resize(80, 24)
	if b.text() != before {
		t.Errorf("after resizing there and back:\n%s", b.text())
	}
}

func TestInAWindowThatIsTooSmallKeysDoNothingThatIsNotSeen(t *testing.T) {
	b := newBench(t)
	f := b.flags()
	b.toPatient(tess).wait(time.Second).resize(50, 15).press("o", "f", "enter", "n", "w", "q", "y").send(tea.PasteMsg{Content: "o"}).answer()
	if len(f.set) != 0 {
		t.Error("it flagged")
	}
	b.never("open").resize(80, 24).says("ALERT", "EXAMPLE, Tess").silent("Quit?")

	b.resize(50, 15).press("ctrl+l").resize(80, 24).says("Locked.").silent("Tess")
	b = newBench(t).toPatient(tess).resize(50, 15).held("ctrl+c", 2*time.Second)
	if b.quit {
		t.Error("a key that was held down asked and answered")
	}
	b.wait(time.Second).press("ctrl+c")
	if !b.quit {
		t.Error("it cannot be left")
	}
}
