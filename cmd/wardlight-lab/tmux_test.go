package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/labtest"
	"wardlight/internal/lab/people"
)

// tmux is a terminal that nobody here wrote: what it shows is what its users see.
type tmux struct {
	t      *testing.T
	socket string
}

func newTmux(t *testing.T, command ...string) *tmux {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("tmux is missing")
		}
		t.Skip("tmux is missing: apt install tmux")
	}
	dir, err := os.MkdirTemp("", "wl")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	x := &tmux{t: t, socket: filepath.Join(dir, "tmux")}
	x.run(append([]string{"-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24"}, command...)...)
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", x.socket, "kill-server").Run() })
	return x
}

func (x *tmux) run(args ...string) string {
	x.t.Helper()
	out, err := exec.CommandContext(x.t.Context(), "tmux", append([]string{"-S", x.socket}, args...)...).CombinedOutput()
	if err != nil {
		x.t.Fatalf("tmux %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func (x *tmux) keys(keys ...string) { x.run(append([]string{"send-keys"}, keys...)...) }

// shows looks at the pane until all the words stand in it, and presses the key, when there is one, before each look.
func (x *tmux) shows(press string, words ...string) {
	x.t.Helper()
	deadline := time.After(time.Minute)
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for {
		if press != "" {
			x.keys(press)
		}
		screen := x.run("capture-pane", "-p")
		missing := false
		for _, w := range words {
			missing = missing || !strings.Contains(screen, w)
		}
		if !missing {
			return
		}
		select {
		case <-look.C:
		case <-deadline:
			x.t.Fatalf("tmux does not show %q:\n%s", words, screen)
		}
	}
}

func TestFromCardToAlertInTmux(t *testing.T) {
	dir := t.TempDir()
	x := newTmux(t, labtest.Program(t, "wardlight-lab"), "demo", "--people", "0",
		"--folder", filepath.Join(dir, "demo"), "--socket", filepath.Join(dir, "s"))
	x.shows("", "Passcode", "Tries left", "246813")
	x.keys(cards.Passcode, "Enter")
	x.shows("", "Find a patient")
	x.keys(people.OnPlan.Digits(), "Enter")
	x.shows("", "EXAMPLE, Tess", "ALERT")
	x.shows("o", "RING NOW", "01632 960")
	x.keys("C-l")
	x.shows("", "Passcode")
	if screen := x.run("capture-pane", "-p", "-S", "-"); strings.Contains(screen, "Tess") {
		t.Errorf("a locked terminal, or its scrollback, holds the patient:\n%s", screen)
	}
}
