package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/labtest"
	"wardlight/internal/lab/people"
	"wardlight/internal/nhs"
)

// terminal is an independent terminal emulator. It shows what its users see and sends what their keys send.
type terminal interface {
	// press presses keys by name, such as "enter" or "shift+tab". typed presses the keys of a text.
	press(keys ...string)
	typed(text string)
	// screen returns the text that the terminal shows.
	screen() string
}

// demoCommand returns the command line of a demo in the test's folders. The demo ends a moment after its terminal and
// removes its own files (see TestDemo_RemovesFilesAtEveryEnd). The folders are removed after that.
func demoCommand(t *testing.T, program string) []string {
	t.Helper()
	folder, socket := filepath.Join(t.TempDir(), "demo"), filepath.Join(labtest.Dir(t), "s")
	t.Cleanup(func() {
		deadline := time.After(time.Minute)
		look := time.NewTicker(20 * time.Millisecond)
		defer look.Stop()
		for isThere(folder) || isThere(socket) {
			select {
			case <-look.C:
			case <-deadline:
				t.Error("the demo is still running after its terminal was closed")
				return
			}
		}
	})
	return []string{program, "demo", "--people", "0", "--folder", folder, "--socket", socket}
}

func isThere(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// waitForWords waits until the terminal shows all the words, and returns the screen. If press is not empty, it presses
// that key before each look.
func waitForWords(t *testing.T, x terminal, press string, words ...string) string {
	t.Helper()
	return waits(t, x, press, fmt.Sprintf("show %q", words), func(screen string) bool {
		for _, w := range words {
			if !strings.Contains(screen, w) {
				return false
			}
		}
		return true
	})
}

func waits(t *testing.T, x terminal, press, what string, holds func(screen string) bool) string {
	t.Helper()
	deadline := time.After(time.Minute)
	look := time.NewTicker(lookInterval)
	defer look.Stop()
	for {
		if press != "" {
			x.press(press)
		}
		screen := x.screen()
		if holds(screen) {
			return screen
		}
		select {
		case <-look.C:
		case <-deadline:
			t.Fatalf("timeout waiting for %T to %s:\n%s", x, what, screen)
		}
	}
}

// lookInterval is the interval of looks at a terminal. It is longer than the double-click time of X terminals.
const lookInterval = 500 * time.Millisecond

// fromCardToAlert types the passcode, opens an alert and locks, using every kind of key.
func fromCardToAlert(t *testing.T, x terminal) {
	t.Helper()
	waitForWords(t, x, "", "Passcode", "Tries left", "246813")
	x.typed(cards.Passcode)
	x.press("enter")
	waitForWords(t, x, "", "Find a patient", "► ")

	// F1 opens the help without typing a letter in a field. Esc closes it.
	x.press("f1")
	waitForWords(t, x, "", "field before")
	x.press("esc") // wait after Esc: the terminal would send Esc and Tab as Alt-Tab
	waits(t, x, "", "close the help", func(s string) bool {
		return !strings.Contains(s, "field before") && strings.Contains(s, "Family name")
	})

	x.press("tab")
	x.typed("Exampel")
	x.press("backspace", "backspace")
	x.typed("lx")
	x.press("left", "delete", "home")
	x.typed("Zz")
	x.press("end")
	x.typed("y")
	waitForWords(t, x, "", "ZzExamply ")
	x.press("home", "delete", "delete", "end", "backspace")
	x.typed("e")
	waits(t, x, "", "show what was typed and deleted", func(s string) bool {
		return strings.Contains(s, "Example ") && !strings.Contains(s, "Zz")
	})

	x.press("down")
	born := birthDate(t, people.OnPlan) // depends on the current year
	x.typed(born)
	x.press("up", "shift+tab")
	x.typed("1")
	waitForWords(t, x, "", "NHS number   ► 1 ", born)
	x.press("backspace", "enter")
	waitForWords(t, x, "", "1 patient", "EXAMPLE, Tess")
	x.press("enter")
	waitForWords(t, x, "", "EXAMPLE, Tess", "▲ ALERT", "╚═", "? help")
	waitForWords(t, x, "o", "RING NOW", "01632 960", "┌─", "? help")
}

// fromAlertToSummary shows the Summary Care Record with the patient's permission, and its last page.
func fromAlertToSummary(t *testing.T, x terminal) {
	t.Helper()
	x.press("esc")
	waitForWords(t, x, "", "o show the opened alert", "s summary")
	waitForWords(t, x, "s", "Permission to view")
	waitForWords(t, x, "1", "Allergy to penicillin", "MORE BELOW")
	x.press("end")
	waitForWords(t, x, "", "Preferences", "EXAMPLE, Tess")
}

// birthDate returns the birth date of a synthetic person, day first.
func birthDate(t *testing.T, n nhs.Number) string {
	t.Helper()
	for _, p := range people.Named(time.Now()) {
		if p.Number() != n {
			continue
		}
		born, err := time.Parse(time.DateOnly, p.Patient.BirthDate)
		if err != nil {
			t.Fatal(err)
		}
		return born.Format("02-01-2006")
	}
	t.Fatalf("no synthetic person has the number %s", n)
	return ""
}

// checkLock locks the screens and checks that no patient data is shown.
func checkLock(t *testing.T, x terminal) {
	t.Helper()
	x.press("ctrl+l")
	if screen := waitForWords(t, x, "", "Locked.", "Passcode"); strings.Contains(screen, "Tess") {
		t.Errorf("the locked terminal shows the patient:\n%s", screen)
	}
}

// checkScrollback checks that the scrollback of a locked terminal has nothing of the patient.
func checkScrollback(t *testing.T, saved string) {
	t.Helper()
	for _, of := range []string{"Tess", "penicillin", "Salbutamol", "Summary Care Record"} {
		if strings.Contains(saved, of) {
			t.Errorf("the scrollback of the locked terminal contains %q:\n%s", of, saved)
		}
	}
}

// tmux is a tmux server of the test with one window.
type tmux struct {
	t      *testing.T
	socket string
}

func newTmux(t *testing.T, command ...string) *tmux {
	t.Helper()
	labtest.Need(t, "tmux", "tmux")
	x := &tmux{t: t, socket: filepath.Join(labtest.Dir(t), "tmux")}
	x.run(append([]string{"-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24"}, command...)...)
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", x.socket, "kill-server").Run() })
	return x
}

func (x *tmux) run(args ...string) string {
	x.t.Helper()
	out, err := exec.CommandContext(x.t.Context(), "tmux", append([]string{"-S", x.socket}, args...)...).
		CombinedOutput()
	if err != nil {
		x.t.Fatalf("tmux %v: %v\n%s", args, err, out)
	}
	return string(out)
}

var tmuxKeys = strings.NewReplacer("shift+tab", "BTab", "ctrl+", "C-", "enter", "Enter", "esc", "Escape", "tab", "Tab",
	"backspace", "BSpace", "delete", "DC", "home", "Home", "end", "End", "up", "Up", "down", "Down", "left", "Left",
	"f1", "F1")

func (x *tmux) press(keys ...string) {
	for _, k := range keys {
		x.run("send-keys", tmuxKeys.Replace(k))
	}
}
func (x *tmux) typed(text string) { x.run("send-keys", "-l", text) }
func (x *tmux) screen() string    { return x.run("capture-pane", "-p") }

func inTmux(t *testing.T, program string) {
	x := newTmux(t, demoCommand(t, program)...)
	fromCardToAlert(t, x)
	fromAlertToSummary(t, x)
	checkLock(t, x)
	checkScrollback(t, x.run("capture-pane", "-p", "-S", "-"))
}

// gnuScreen is GNU screen running in tmux. Keys are sent through tmux, and the screen is what GNU screen draws in
// tmux.
type gnuScreen struct {
	*tmux
	dir string
}

func newGNUScreen(t *testing.T, command ...string) *gnuScreen {
	t.Helper()
	labtest.Need(t, "screen", "screen")
	dir := labtest.Dir(t)
	for name, value := range map[string]string{"SCREENDIR": dir, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"} {
		t.Setenv(name, value)
	}
	x := &gnuScreen{
		newTmux(t, append([]string{"screen", "-c", "/dev/null", "-U", "-S", "wardlight"}, command...)...),
		dir,
	}
	t.Cleanup(func() { _ = exec.Command("screen", "-S", "wardlight", "-X", "quit").Run() })
	return x
}

// scrollback returns the contents of GNU screen including its scrollback. It writes only ASCII unchanged.
func (x *gnuScreen) scrollback() string {
	x.t.Helper()
	file := filepath.Join(x.dir, "hardcopy.txt")
	if out, err := exec.CommandContext(x.t.Context(), "screen", "-S", "wardlight", "-X", "hardcopy", "-h", file).
		CombinedOutput(); err != nil {
		x.t.Fatalf("screen: %v\n%s", err, out)
	}
	var saved string
	waits(x.t, x, "", "write what it keeps", func(string) bool { // the file is written asynchronously
		text, _ := os.ReadFile(file)
		saved = string(text)
		return strings.Contains(saved, "Passcode")
	})
	return saved
}

func inScreen(t *testing.T, program string) {
	x := newGNUScreen(t, demoCommand(t, program)...)
	fromCardToAlert(t, x)
	fromAlertToSummary(t, x)
	checkLock(t, x)
	checkScrollback(t, x.scrollback())
}

// TestFromCardToAlertInOtherTerminals opens an alert in independent terminal emulators.
func TestFromCardToAlertInOtherTerminals(t *testing.T) {
	program := labtest.Program(t, "wardlight-lab")
	for name, seat := range map[string]func(*testing.T, string){
		"tmux": inTmux, "screen": inScreen, "xterm": inXterm,
		"pterm": inPterm,
	} {
		t.Run(name, func(t *testing.T) { seat(t, program) })
	}
}
