package tui

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/golden"

	"wardlight/internal/testterm"
	"wardlight/tui/draw"
	"wardlight/tui/lines"
	"wardlight/tui/shell"
)

// screenshotsEnv is the environment variable that names a folder. The tests write the golden screens there as SVG, for
// people to look at.
const screenshotsEnv = "WARDLIGHT_PICTURES"

// TestScreens compares the screen of each state with its golden file. Update the files with go test ./tui -run
// TestScreens -update.
func TestScreens(t *testing.T) {
	for _, size := range []struct{ cols, rows int }{{80, 24}, {120, 40}} {
		for _, s := range allStates() {
			t.Run(fmt.Sprintf("%s-%dx%d", s.name, size.cols, size.rows), func(t *testing.T) {
				t.Parallel()
				b := newFixtureSize(t, size.cols, size.rows)
				s.get(b)
				g := b.grid()
				golden.RequireEqual(t, []byte(g.Text()+"\n"))
				picture(t, g)
			})
		}
	}
}

// TestScreensInVariants compares the screens of all states in one golden file for each other form: in ASCII, the
// styles of the themes without colours, and linear mode.
func TestScreensInVariants(t *testing.T) {
	for _, v := range []struct {
		name string
		of   func() []state
		set  func(*shell.Config)
		show func(*modelTest) string
	}{
		{"ascii", states, func(c *shell.Config) {
			c.ASCII = true
		}, func(b *modelTest) string { return b.grid().Text() }},
		{"mono", states, func(c *shell.Config) { c.Theme = draw.Mono }, styles},
		{"high-contrast", states, func(c *shell.Config) { c.Theme = draw.HighContrast }, styles},
		{"plain", allStates, func(c *shell.Config) { c.Width, c.Height = 80, 24 }, inLines},
	} {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			var all strings.Builder
			for _, s := range v.of() {
				b := newFixtureWith(t, v.set)
				s.get(b)
				fmt.Fprintf(&all, "==== %s\n%s\n", s.name, v.show(b))
			}
			golden.RequireEqual(t, []byte(all.String()))
		})
	}
}

// styles returns the parts of the screen that have a style, with the style's name. It fails the test if a part has a
// colour.
func styles(b *modelTest) string {
	b.t.Helper()
	g := b.grid()
	var out strings.Builder
	for y := range g.Rows {
		was, words := "", ""
		for x := range g.Cols + 1 {
			c, is := g.Cell(x, y), ""
			if c.Fg != nil || c.Bg != nil {
				b.t.Fatalf("cell %d,%d has a colour", x, y)
			}

			for name, has := range map[string]bool{
				"bold": c.Bold, "reverse": c.Reverse, "faint": c.Faint,
				"underline": c.Underline != 0,
			} {
				if has {
					is = strings.Join(slices.Sorted(slices.Values(append(strings.Fields(is), name))), " ")
				}
			}

			if is != was || x == g.Cols {
				if was != "" && strings.Trim(words, lines.Frames) != "" {
					fmt.Fprintf(&out, "%2d %s: %s\n", y, was, strings.TrimSpace(words))
				}
				was, words = is, ""
			}

			words += c.Text
		}
	}

	return out.String()
}

// inLines returns what linear mode says to a user who reaches the state. Window sizes don't apply there, and the help
// is text and not a screen of its own.
func inLines(b *modelTest) string {
	if b.m.Cols < draw.MinCols || b.m.Dialog == shell.HelpDialog {
		return ""
	}
	if _, ok := b.m.Top().(lines.Lined); !ok {
		b.t.Errorf("%T does not implement lines.Lined", b.m.Top())
	}
	var out strings.Builder
	l := lines.New(b.m, &out)
	l.NewDigits = func() string { return digits }
	l.PrintNew()
	return out.String()
}

// grid returns the cells that the terminal shows.
func (b *modelTest) grid() *testterm.Grid {
	return gridOf(b.m.View(), b.m.Cols, b.m.Rows)
}

// gridOf returns the screen of cols x rows cells that shows v.
func gridOf(v tea.View, cols, rows int) *testterm.Grid {
	out := []byte(v.Content)
	if v.Cursor != nil {
		out = append(out, fmt.Sprintf("\x1b[%d;%dH", v.Cursor.Y+1, v.Cursor.X+1)...)
	} else {
		out = append(out, "\x1b[?25l"...)
	}
	return testterm.Emulate(cols, rows, out)
}

func picture(t *testing.T, g *testterm.Grid) {
	t.Helper()
	dir := os.Getenv(screenshotsEnv)
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
