//go:build unix

package testterm_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"wardlight/internal/testterm"
)

// start runs one of the children of this test binary.
func start(t testing.TB, child string, o testterm.Options) *testterm.Terminal {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o.Env = append(o.Env, "TESTTERM_CHILD="+child)
	return testterm.Start(t, o, exe)
}

func TestAProgramIsDrivenByKeys(t *testing.T) {
	term := start(t, "keys", testterm.Options{})
	term.Expect(testterm.Contains("ready"), testterm.Line(0).Equals("ready"))
	if !term.AltScreen() || term.CursorVisible() {
		t.Errorf("alternate screen %v, cursor visible %v, want true and false", term.AltScreen(), term.CursorVisible())
	}

	for key, sent := range map[string]string{
		"enter": `"\r"`, "esc": `"\x1b"`, "tab": `"\t"`, "shift+tab": `"\x1b[Z"`, "up": `"\x1b[A"`, "down": `"\x1b[B"`,
		"left": `"\x1b[D"`, "right": `"\x1b[C"`, "ctrl+l": `"\f"`, "ctrl+c": `"\x03"`, "backspace": `"\x7f"`,
		"o":         `"o"`,
		"ctrl+left": `"\x1b[1;5D"`, "alt+o": `"\x1bo"`, "f1": `"\x1bOP"`, "space": `" "`, "é": `"é"`,
		"pgdown": `"\x1b[6~"`,
	} {
		term.Press(key).Expect(testterm.Line(1).Equals("key " + sent))
	}

	term.Press("a").Expect(testterm.Line(1).Equals("application"))
	term.Press("up").Expect(testterm.Line(1).Equals(`key "\x1bOA"`))
	term.Paste("x\ny").Expect(testterm.Line(1).Equals(`key "\x1b[200~x\ry\x1b[201~"`))
	term.Press("x").Expect(testterm.Blank()).ExpectGone(testterm.Contains("ready"), testterm.Regexp(`(?m)^key`))
	if left := strings.Join(term.ChangedModes(),
		", "); left != "mode ?1 on, mode ?1049 on, mode ?2004 on, mode ?25 off" {
		t.Errorf("LeftOver while the program runs = %s", left)
	}

	term.Press("q")
	if code := term.Wait(); code != 3 {
		t.Errorf("exit code = %d, want 3", code)
	}

	if term.AltScreen() || !term.CursorVisible() || len(term.ChangedModes()) != 2 {
		t.Errorf("after the end: alternate screen %v, cursor visible %v, left over %v, want false, true and 2 modes",
			term.AltScreen(), term.CursorVisible(), term.ChangedModes())
	}

	if term.Bytes() == 0 || term.Bytes() != len(term.Output()) {
		t.Errorf("Bytes() = %d, but Output() has %d bytes", term.Bytes(), len(term.Output()))
	}
}

func TestStylesAreSeen(t *testing.T) {
	term := start(t, "keys", testterm.Options{}).Expect(
		testterm.Bold("chosen"), testterm.Reverse("chosen"), testterm.Not(testterm.Bold("colours")),
		testterm.Styled("colours", "red on blue", func(c testterm.Cell) bool {
			return c.Fg == ansi.Red && c.Bg == ansi.Blue
		}),
	)
	if _, x, y := term.Grid().Find("colours"); x != 7 || y != 6 {
		t.Errorf("Find(\"colours\") at %d,%d, want 7,6", x, y)
	}
	if cells, _, _ := term.Grid().Find("nowhere"); cells != nil {
		t.Errorf("Find of a text that isn't on the screen = %v, want nil", cells)
	}
}

func TestAProgramLearnsItsSize(t *testing.T) {
	term := start(t, "keys", testterm.Options{Cols: 100, Rows: 30}).Expect(testterm.Contains("ready"))
	term.Resize(40, 12).Expect(testterm.Contains("size 40 x 12"))
	if g := term.Grid(); g.Cols != 40 || g.Rows != 12 || strings.Count(term.Screen(), "\n") != 11 {
		t.Errorf("screen of %dx%d cells, want 40x12", g.Cols, g.Rows)
	}
}

func TestAnAnsweringTerminal(t *testing.T) {
	term := start(t, "query", testterm.Options{Answer: true})
	term.Expect(testterm.Contains(`\x1b[?2026;2$y`), testterm.Contains(`\x1b]11;rgb:0c0c/0e0e/1212`),
		testterm.Contains(`\x1b[1;1R`))
	if code := term.Wait(); code != 0 {
		t.Errorf("exit code = %d, want 0", code)
	}
}

func TestASilentTerminal(t *testing.T) {
	term := start(t, "query", testterm.Options{})
	term.Type("R").Expect(testterm.Contains(`answers "R"`))
}

func TestAProgramThatNeverReadsBlocksNothing(t *testing.T) {
	term := start(t, "deaf", testterm.Options{Answer: true})
	term.Type(strings.Repeat("typed ahead ", 10_000)).Expect(testterm.Contains("done"))
	if code := term.Wait(); code != 0 {
		t.Errorf("exit code = %d, want 0", code)
	}
}

func TestEndsBySignal(t *testing.T) {
	term := testterm.Start(t, testterm.Options{}, "/bin/cat")
	term.Type("hello\n").Expect(testterm.Line(0).Equals("hello"), testterm.Line(1).Equals("hello"))
	if code := term.Signal(syscall.SIGTERM).Wait(); code != 128+15 {
		t.Errorf("exit code = %d, want 128+15", code)
	}
	term = testterm.Start(t, testterm.Options{}, "/bin/cat")
	term.Type("hello\n").Expect(testterm.Line(1).Equals("hello")).Press("ctrl+c") // becomes SIGINT
	if code := term.Wait(); code != 128+2 {
		t.Errorf("exit code = %d, want 128+2", code)
	}
	term = testterm.Start(t, testterm.Options{}, "/bin/cat")
	// cat is ended by the signal, or fails first because it can't read its terminal.
	if code := term.Type("x\n").Expect(testterm.Line(1).Equals("x")).HangUp().Wait(); code != 128+1 && code != 1 {
		t.Errorf("exit code = %d, want 128+1 or 1", code)
	}
}

func TestAShellHasTheTerminal(t *testing.T) {
	term := testterm.Start(t, testterm.Options{Env: []string{"GREETING=good day"}, Dir: "/"}, "/bin/sh", "-c",
		`echo "$GREETING $TERM $(pwd)"; echo to the terminal >/dev/tty; exit 4`)
	if code := term.Wait(); code != 4 {
		t.Errorf("exit code = %d, want 4", code)
	}
	if term.Line(0) != "good day xterm-256color /" || term.Line(1) != "to the terminal" {
		t.Errorf("unexpected screen:\n%s", term.Screen())
	}
}

func TestABubbleTeaProgram(t *testing.T) {
	term := start(t, "tea", testterm.Options{Cols: 60, Rows: 10, Answer: true})
	term.Expect(testterm.Line(0).Equals("size 60x10"), testterm.Line(1).Equals("keys ."), testterm.CursorAt("keys"))
	term.Press("esc").Expect(testterm.Line(1).Equals("keys esc."))
	term.Press("shift+tab", "up", "ctrl+l", "enter", "o").
		Expect(testterm.Line(1).Equals("keys esc shift+tab up ctrl+l enter o."))
	term.Paste("9990000018").Expect(testterm.Line(1).Contains("paste:9990000018."))
	term.Resize(50, 5).Expect(testterm.Line(0).Equals("size 50x5"))
	if !term.AltScreen() || len(term.ChangedModes()) == 0 {
		t.Errorf("alternate screen %v, left over %v, want true and some modes", term.AltScreen(), term.ChangedModes())
	}
	term.Press("q")
	if code := term.Wait(); code != 0 {
		t.Errorf("exit code = %d, want 0", code)
	}
	if term.ExpectModesRestored().AltScreen() || !term.CursorVisible() {
		t.Error("after the end, the alternate screen is active or the cursor is hidden")
	}
}

// recorder is a testing.TB whose failures do not fail the test.
type recorder struct {
	testing.TB
	failure chan string
}

func (r *recorder) Helper() {}

func (r *recorder) Fatalf(format string, args ...any) {
	r.failure <- fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// failure returns the failure message of test.
func failure(t *testing.T, test func(t testing.TB)) string {
	t.Helper()
	r := &recorder{TB: t, failure: make(chan string, 1)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(r)
	}()
	<-done
	select {
	case f := <-r.failure:
		return f
	default:
		t.Error("the inner test passed, want failure")
		return ""
	}
}

func TestAFailureNamesWhatIsMissingAndShowsTheScreen(t *testing.T) {
	soon := testterm.Options{Cols: 20, Rows: 2, Timeout: 50 * time.Millisecond}
	for name, c := range map[string]struct {
		test func(t testing.TB)
		want []string
	}{
		"never comes": {
			func(t testing.TB) {
				start(t, "stuck", soon).Expect(testterm.Not(testterm.Line(0).Contains("never")),
					testterm.Contains("never"))
			},
			[]string{
				"after 50ms", "\n  the screen contains \"never\"\n",
				"|                    |\n+--------------------+\n20x2",
			},
		},
		"has ended": {
			func(t testing.TB) {
				testterm.Start(t, testterm.Options{}, "/bin/sh", "-c", "echo gone").
					Expect(testterm.Line(5).Equals("here"))
			},
			[]string{"the program has ended", "line 5 is \"here\"", "|gone "},
		},
		"does not go": {
			func(t testing.TB) {
				still := testterm.Contains("still")
				testterm.Start(t, testterm.Options{}, "/bin/echo", "still").Expect(still).ExpectGone(still)
			},
			[]string{"not: the screen contains \"still\""},
		},
		"does not end": {
			func(t testing.TB) {
				start(t, "stuck", soon).Wait()
			},
			[]string{"has not ended, after 50ms"},
		},
		"no such key": {
			func(t testing.TB) { start(t, "stuck", soon).Press("any") },
			[]string{`there is no key "any"`},
		},
		"no such program": {
			func(t testing.TB) { testterm.Start(t, soon, "/nonexistent") },
			[]string{"/nonexistent does not start"},
		},
		"leaves the terminal changed": {
			func(t testing.TB) {
				term := testterm.Start(t, testterm.Options{}, "/bin/sh", "-c",
					`printf '\033[?1049h\033[>1u\033[>4;2m\033[?25l'`)
				term.Wait()
				term.ExpectModesRestored()
			},
			[]string{"kitty keyboard, mode ?1049 on, mode ?25 off, modifyOtherKeys"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := failure(t, c.test)
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("failure message:\n%s\ndoes not contain %q", got, want)
				}
			}
		})
	}
}
