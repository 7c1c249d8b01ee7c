package tui

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"wardlight/tui/draw"
	"wardlight/tui/shell"
	"wardlight/tui/step"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// unknown stands for the event of the library below Bubble Tea.
type unknown string

func (u unknown) String() string { return fmt.Sprintf("%q", string(u)) }

func TestTheLinuxConsolesFunctionKeysTypeNoLetters(t *testing.T) {
	filter := consoleKeys()
	letter := func(s string) tea.Msg { return tea.KeyPressMsg{Code: rune(s[0]), Text: s} }
	if filter(nil, unknown("\x1b[[")) != nil {
		t.Error("the unknown event was let through")
	}
	if got := filter(nil, letter("A")).(tea.KeyPressMsg); got.Code != tea.KeyF1 || got.Text != "" {
		t.Errorf("F1 came as %v", got)
	}
	if got := filter(nil, letter("A")).(tea.KeyPressMsg); got.Text != "A" {
		t.Errorf("A came as %v", got)
	}
	filter(nil, unknown("\x1b[["))
	if got := filter(nil, letter("x")).(tea.KeyPressMsg); got.Text != "x" {
		t.Errorf("x came as %v", got)
	}
	if filter(nil, unknown("\x1b[?")) == nil || filter(nil, tea.WindowSizeMsg{}) == nil {
		t.Error("another event was swallowed")
	}
}

func TestATerminalThatReportsNoSizeGetsOne(t *testing.T) {
	filter := knownSize(func(_ tea.Model, msg tea.Msg) tea.Msg { return msg })
	for _, c := range []struct{ reported, taken tea.WindowSizeMsg }{
		{tea.WindowSizeMsg{}, tea.WindowSizeMsg{Width: 80, Height: 24}},
		{tea.WindowSizeMsg{Width: 100}, tea.WindowSizeMsg{Width: 80, Height: 24}},
		{tea.WindowSizeMsg{Width: 40, Height: 12}, tea.WindowSizeMsg{Width: 40, Height: 12}},
	} {
		if got := filter(nil, c.reported); got != tea.Msg(c.taken) {
			t.Errorf("%v was taken for %v", c.reported, got)
		}
	}
}

func TestTracingIsForgotten(t *testing.T) {
	t.Setenv("TEA_TRACE", "/tmp/trace")
	t.Setenv("TEA_DEBUG", "true")
	if err := forgetTracing(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"TEA_TRACE", "TEA_DEBUG"} {
		if v, set := os.LookupEnv(name); set {
			t.Errorf("%s is still %q", name, v)
		}
	}
}

func TestColoursByEnvironment(t *testing.T) {
	for _, c := range []struct {
		env  []string
		want colorprofile.Profile
	}{
		{[]string{"TERM=xterm-256color"}, colorprofile.ANSI},
		{[]string{"TERM=xterm-256color", "NO_COLOR=yes"}, colorprofile.ASCII},
		{[]string{"TERM=xterm-256color", "NO_COLOR="}, colorprofile.ANSI},
		{[]string{"NO_COLOR=1", "TERM=linux", "NO_COLOR=0"}, colorprofile.ASCII},
		{[]string{"TERM=vt100"}, colorprofile.ASCII},
		{[]string{"TERM=linux-m"}, colorprofile.ASCII},
		{nil, colorprofile.ANSI},
	} {
		if got := profile(c.env, noColor(c.env)); got != c.want {
			t.Errorf("%q gives %v, want %v", c.env, got, c.want)
		}
	}
}

func TestUTF8ByLocale(t *testing.T) {
	for _, c := range []struct {
		env  []string
		want bool
	}{
		{[]string{"LANG=en_GB.UTF-8"}, true},
		{[]string{"LANG=en_GB.utf8"}, true},
		{[]string{"LANG=en_GB.UTF-8", "LC_ALL=C"}, false},
		{[]string{"LANG=C", "LC_CTYPE=C.UTF-8"}, true},
		{[]string{"LANG=en_GB.ISO-8859-1"}, false},
	} {
		if got := utf8Locale(c.env); got != c.want {
			t.Errorf("%q gives %v", c.env, got)
		}
	}
}

// Without UTF-8 the same screens are drawn with ASCII alone, cell for cell.
func TestEveryScreenHasAnASCIIForm(t *testing.T) {
	for _, s := range allStates() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			p := b.desk.records[tess]
			p.Given = []string{"Siân", "日本"}
			b.desk.records[tess] = p
			s.get(b)
			unicode := strings.Split(b.text(), "\n")
			b.m.Cfg.ASCII = true
			for i, l := range strings.Split(b.text(), "\n") {
				if strings.IndexFunc(l, func(r rune) bool { return r > 0x7e || r < ' ' }) >= 0 {
					t.Errorf("line %d is not ASCII: %q", i, l)
				}
				if got, want := ansi.StringWidth(l), ansi.StringWidth(unicode[i]); got != want {
					t.Errorf("line %d is %d cells wide and not %d: %q", i, got, want, l)
				}
			}
		})
	}
}

// Without colours, and without any attribute at all, the screen still says everything.
func TestNothingIsSaidByColourAlone(t *testing.T) {
	b := newBench(t)
	b.m.Styles = draw.NewStyles(draw.Mono)
	b.toPatient(tess)
	for _, seq := range []string{"\x1b[3", "\x1b[4", "\x1b[9", "\x1b[10"} {
		if strings.Contains(b.m.View().Content, seq) {
			t.Errorf("the mono theme sends %q", seq)
		}
	}
	b.says("▲ ALERT", "Child protection alert")
	b = newBench(t)
	byName(b).answer().says("► EXAMPLE, Tess").Press("down").says("► SAMPLE, Sam")
}

// Nothing moves by itself: as long as nothing happens, the same is drawn.
func TestNothingMovesByItself(t *testing.T) {
	for _, s := range states() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			s.get(b)
			was := b.wait(time.Second).m.View().Content
			for range 9 {
				if b.wait(time.Second); b.m.View().Content != was {
					t.Fatalf("it changes as time passes:\n%s", b.text())
				}
			}
		})
	}
}

func TestTheFootShowsOnlyKeysThatWorkAndTheHelpShowsAll(t *testing.T) {
	for _, s := range allStates() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			b := newBenchSize(t, 120, 40)
			s.get(b)
			if b.m.Cols < draw.LeastCols || b.m.Dialog != shell.NoDialog {
				return
			}
			known := map[string]bool{}
			for _, c := range b.m.Commands() {
				if step.Shown(c) {
					if c.Key == "" {
						t.Errorf("a key has no words: %v", c)
					}
					known[c.Key+" "+c.Does] = true
				}
			}
			rows := strings.Split(b.text(), "\n")
			for _, shown := range strings.Split(strings.TrimSpace(rows[len(rows)-1]), "   ") {
				if !known[shown] {
					t.Errorf("the foot shows %q, which does nothing", shown)
				}
			}
			b.m.Dialog = shell.HelpDialog
			for k := range known {
				if !strings.Contains(flatten(b.text()), k) {
					t.Errorf("the help does not list %q:\n%s", k, b.text())
				}
			}
		})
	}
}
