package tui

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"wardlight/internal/testterm"
)

// picturesTo names a folder to draw the goldens' screens into, as SVG, for looking at them.
const picturesTo = "WARDLIGHT_PICTURES"

// TestScreens compares each state's screen with its golden. go test ./tui -run TestScreens -update writes them anew.
func TestScreens(t *testing.T) {
	for _, size := range []struct{ cols, rows int }{{80, 24}, {120, 40}} {
		for _, s := range allStates() {
			t.Run(fmt.Sprintf("%s-%dx%d", s.name, size.cols, size.rows), func(t *testing.T) {
				b := newBenchSize(t, size.cols, size.rows)
				s.get(b)
				g := b.grid()
				golden.RequireEqual(t, []byte(g.Text()+"\n"))
				draw(t, g)
			})
		}
	}
}

// grid is what the terminal shows.
func (b *bench) grid() *testterm.Grid {
	v := b.m.View()
	out := []byte(v.Content)
	if v.Cursor != nil {
		out = append(out, fmt.Sprintf("\x1b[%d;%dH", v.Cursor.Y+1, v.Cursor.X+1)...)
	} else {
		out = append(out, "\x1b[?25l"...)
	}
	return testterm.Emulate(b.m.cols, b.m.rows, out)
}

func draw(t *testing.T, g *testterm.Grid) {
	t.Helper()
	dir := os.Getenv(picturesTo)
	if dir == "" {
		return
	}
	var svg bytes.Buffer
	if err := g.SVG(&svg, t.Name()); err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(t.Name(), "TestScreens/") + ".svg"
	if err := os.WriteFile(filepath.Join(dir, name), svg.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}
