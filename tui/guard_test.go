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

// unknown imitates the unknown event of the library below Bubble Tea.
type unknown string

func (u unknown) String() string { return fmt.Sprintf("%q", string(u)) }

func TestTheLinuxConsolesFunctionKeysTypeNoLetters(t *testing.T) {
	filter := consoleKeys()
	letter := func(s string) tea.Msg { return tea.KeyPressMsg{Code: rune(s[0]), Text: s} }
	if filter(nil, unknown("\x1b[[")) != nil {
		t.Error("the filter passed on the unknown event, want it dropped")
	}
	if got := filter(nil, letter("A")).(tea.KeyPressMsg); got.Code != tea.KeyF1 || got.Text != "" {
		t.Errorf("A after the console prefix: got %v, want F1", got)
	}
	if got := filter(nil, letter("A")).(tea.KeyPressMsg); got.Text != "A" {
		t.Errorf("A alone: got %v, want the letter A", got)
	}
	filter(nil, unknown("\x1b[["))
	if got := filter(nil, letter("x")).(tea.KeyPressMsg); got.Text != "x" {
		t.Errorf("x after the console prefix: got %v, want the letter x", got)
	}
	if filter(nil, unknown("\x1b[?")) == nil || filter(nil, tea.WindowSizeMsg{}) == nil {
		t.Error("the filter dropped an event that isn't the console prefix")
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
			t.Errorf("reported %v: got %v, want %v", c.reported, got, c.taken)
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
			t.Errorf("%s = %q, want it unset", name, v)
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
			t.Errorf("profile(%q) = %v, want %v", c.env, got, c.want)
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
			t.Errorf("utf8Locale(%q) = %v, want %v", c.env, got, c.want)
		}
	}
}

// Without UTF-8, each screen is drawn in ASCII only, with the same width in each line.
func TestEveryScreenHasAnASCIIForm(t *testing.T) {
	for _, s := range allStates() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			b := newFixture(t)
			p := b.sessions.records[tess]
			p.Given = []string{"Siân", "日本"}
			b.sessions.records[tess] = p
			s.get(b)
			unicode := strings.Split(b.text(), "\n")
			b.m.Cfg.ASCII = true
			for i, l := range strings.Split(b.text(), "\n") {
				if strings.IndexFunc(l, func(r rune) bool { return r > 0x7e || r < ' ' }) >= 0 {
					t.Errorf("line %d has characters that are not ASCII: %q", i, l)
				}
				if got, want := ansi.StringWidth(l), ansi.StringWidth(unicode[i]); got != want {
					t.Errorf("line %d has %d cells, want %d: %q", i, got, want, l)
				}
			}
		})
	}
}

// The words on the screen don't depend on colours or attributes.
func TestNothingIsSaidByColourAlone(t *testing.T) {
	b := newFixture(t)
	b.m.Styles = draw.NewStyles(draw.Mono)
	b.toPatient(tess)
	for _, seq := range []string{"\x1b[3", "\x1b[4", "\x1b[9", "\x1b[10"} {
		if strings.Contains(b.m.View().Content, seq) {
			t.Errorf("the mono theme sends a colour sequence that begins with %q", seq)
		}
	}
	b.expect("▲ ALERT", "Child protection alert")
	b = newFixture(t)
	byName(b).deliver().expect("► EXAMPLE, Tess").Press("down").expect("► SAMPLE, Sam")
}

// The screen does not change while no message arrives.
func TestNothingMovesByItself(t *testing.T) {
	for _, s := range states() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			b := newFixture(t)
			s.get(b)
			was := b.wait(time.Second).m.View().Content
			for range 9 {
				if b.wait(time.Second); b.m.View().Content != was {
					t.Fatalf("the screen changed as time passed:\n%s", b.text())
				}
			}
		})
	}
}

func TestTheFootShowsOnlyKeysThatWorkAndTheHelpShowsAll(t *testing.T) {
	for _, s := range allStates() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			b := newFixtureSize(t, 120, 40)
			s.get(b)
			if b.m.Cols < draw.MinCols || b.m.Dialog != shell.NoDialog {
				return
			}

			known := map[string]bool{}
			for _, c := range b.m.Commands() {
				if step.Shown(c) {
					if c.Key == "" {
						t.Errorf("command %v has no name for its key", c)
					}
					known[c.Key+" "+c.Does] = true
				}
			}

			rows := strings.Split(b.text(), "\n")
			for _, shown := range strings.Split(strings.TrimSpace(rows[len(rows)-1]), "   ") {
				if !known[shown] {
					t.Errorf("the last row shows %q, which is no command of this screen", shown)
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
