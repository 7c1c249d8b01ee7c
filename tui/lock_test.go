package tui

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

func TestNoDialogKeepsTheLockBack(t *testing.T) {
	for name, open := range map[string]func(b *bench){
		"help":         func(b *bench) { b.press("?").says("Keys") },
		"quit":         func(b *bench) { b.press("q").says("Quit?") },
		"idle warning": func(b *bench) { b.wait(14 * time.Minute).tick().says("locks within") },
	} {
		for _, key := range []string{"ctrl+l", "ctrl+z"} {
			b := newBench(t).toPatient(tess)
			open(b)
			b.says("Ctrl-L lock").press(key).says("Locked.", "Passcode").silent("Tess", "ALERT", "Quit?", "locks within")
			if n := b.desk.count("end: locked by the user"); n != 1 {
				t.Errorf("%s, %s: the session was ended %d times", name, key, n)
			}
		}
	}
}

// Whoever brings the program back may be someone else than whose passcode it was.
func TestASignInUnderWayIsCalledOffByTheLockAndTheWayToTheShell(t *testing.T) {
	for _, key := range []string{"ctrl+l", "ctrl+z"} {
		b := newBench(t).cardIn().answer().typed(code).press("enter", key)
		b.asks("end: locked by the user", 1).says("Locked.", "Passcode").answer().says("Locked.", "Passcode").silent("Find a patient")
		if b.m.in != nil {
			t.Errorf("%s: the sign-in that was under way signed somebody in", key)
		}
	}
}

func TestWithoutAShellToGoToThereIsNoKeyForIt(t *testing.T) {
	b := newBenchWith(t, func(c *Config) { c.shell = false }).toPatient(tess).press("ctrl+z").says("ALERT").never("end:")
	b.press("?").silent("to the shell")
	for _, a := range b.answers {
		if _, stops := a.(tea.SuspendMsg); stops {
			t.Error("it stopped, with nobody to let it go on")
		}
	}
}
