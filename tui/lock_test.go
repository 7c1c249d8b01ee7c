package tui

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/rbac"
	"wardlight/tui/ask"
	"wardlight/tui/shell"
)

func TestNoDialogKeepsTheLockBack(t *testing.T) {
	for name, open := range map[string]func(b *bench){
		"help":         func(b *bench) { b.Press("?").says("Keys") },
		"quit":         func(b *bench) { b.Press("q").says("Quit?") },
		"idle warning": func(b *bench) { b.wait(14 * time.Minute).tick().says("locks within") },
	} {
		for _, key := range []string{"ctrl+l", "ctrl+z"} {
			b := newBench(t).toPatient(tess)
			open(b)
			b.says("Ctrl-L lock").Press(key).says("Locked.", "Passcode").silent("Tess", "ALERT", "Quit?", "locks within")
			if n := b.desk.count("end: locked by the user"); n != 1 {
				t.Errorf("%s, %s: session ended %d times, want 1", name, key, n)
			}
		}
	}
}

// The sign-in is cancelled because the person who resumes the program may not be the one who typed the passcode.
func TestASignInUnderWayIsCalledOffByTheLockAndTheWayToTheShell(t *testing.T) {
	for _, key := range []string{"ctrl+l", "ctrl+z"} {
		b := newBench(t).cardIn().answer().Typed(code).Press("enter", key)
		b.asks("end: locked by the user", 1).says("Locked.", "Passcode").answer().says("Locked.", "Passcode").silent("Find a patient")
		if b.m.In != nil {
			t.Errorf("%s: the cancelled sign-in succeeded", key)
		}
	}
}

func TestWithoutAShellToGoToThereIsNoKeyForIt(t *testing.T) {
	b := newBenchWith(t, func(c *shell.Config) { c.Shell = false }).toPatient(tess).Press("ctrl+z").says("ALERT").never("end:")
	b.Press("?").silent("to the shell")
	for _, a := range b.answers {
		if _, stops := a.(tea.SuspendMsg); stops {
			t.Error("the program was suspended, although no shell could resume it")
		}
	}
}

func TestASessionThatEndsInAnOpeningSaysThatItMayCount(t *testing.T) {
	ends := map[string]func(*bench){
		"lock":         func(b *bench) { b.Press("ctrl+l").says("Locked.") },
		"idle":         func(b *bench) { b.wait(16 * time.Minute).tick().says("Locked") },
		"card out":     func(b *bench) { b.cardOut().says("Card removed.") },
		"card swapped": func(b *bench) { b.cardIn().says("Card removed.") },
		"service lost": func(b *bench) {
			b.event(cardreader.Event{Kind: cardreader.ServiceLost}).says("The smartcard service stopped.")
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			for _, size := range [][2]int{{80, 24}, {60, 20}, {132, 40}} {
				b := newBench(t).toPatient(tess).wait(time.Second).Press("o").says("Opening.").resize(size[0], size[1])
				end(b)
				b.says("An alert was being opened.", "may have been recorded", "that notifies nobody a second time").silent("Tess", "999 000")
			}
			late := newBench(t).toPatient(tess).wait(time.Second).Press("o")
			opened := take[ask.Answer[client.Opened]](late)
			end(late)
			late.send(opened).says("being opened").silent("Tess", "RING NOW").asks("unseen r-1", 1)
			silent := roles(newBench(t), []rbac.RoleProfile{midwife()}, []rbac.RoleProfile{midwife()}).toPatient(tess).wait(time.Second).Press("o")
			end(silent)
			silent.silent("being opened")
			answered := newBench(t).toOpened()
			end(answered)
			answered.silent("being opened")
		})
	}
}

func TestAPasteTakesTheIdleWarningAwayAndDoesNothingElse(t *testing.T) {
	b := newBench(t).signIn().wait(14 * time.Minute).tick().says("locks within")
	b.send(tea.PasteMsg{Content: "9990000018"}).silent("locks within", "999 000 0018").wait(2 * time.Minute).tick().silent("Locked.")
	b.send(tea.PasteMsg{Content: "9990000018"}).says("999 000 0018")
}
