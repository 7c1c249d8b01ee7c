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
	for name, open := range map[string]func(b *modelTest){
		"help":         func(b *modelTest) { b.Press("?").expect("Keys") },
		"quit":         func(b *modelTest) { b.Press("q").expect("Quit?") },
		"idle warning": func(b *modelTest) { b.wait(14 * time.Minute).tick().expect("locks within") },
	} {
		for _, key := range []string{"ctrl+l", "ctrl+z"} {
			b := newFixture(t).toPatient(tess)
			open(b)
			b.expect("Ctrl-L lock").Press(key).expect("Locked.", "Passcode").expectNot("Tess", "ALERT", "Quit?",
				"locks within")
			if n := b.sessions.count("end: locked by the user"); n != 1 {
				t.Errorf("%s, %s: session ended %d times, want 1", name, key, n)
			}
		}
	}
}

// The sign-in is cancelled because the person who resumes the program may not be the one who typed the passcode.
func TestASignInUnderWayIsCalledOffByTheLockAndTheWayToTheShell(t *testing.T) {
	for _, key := range []string{"ctrl+l", "ctrl+z"} {
		b := newFixture(t).cardIn().deliver().Typed(code).Press("enter", key)
		b.expectCalls("end: locked by the user", 1).expect("Locked.", "Passcode").deliver().expect("Locked.",
			"Passcode").expectNot("Find a patient")
		if b.m.In != nil {
			t.Errorf("%s: the cancelled sign-in succeeded", key)
		}
	}
}

func TestWithoutAShellToGoToThereIsNoKeyForIt(t *testing.T) {
	b := newFixtureWith(t, func(c *shell.Config) {
		c.Shell = false
	}).toPatient(tess).Press("ctrl+z").expect("ALERT").expectNoCall("end:")
	b.Press("?").expectNot("to the shell")
	for _, a := range b.queued {
		if _, stops := a.(tea.SuspendMsg); stops {
			t.Error("the program was suspended, although no shell could resume it")
		}
	}
}

func TestASessionThatEndsInAnOpeningSaysThatItMayCount(t *testing.T) {
	ends := map[string]func(*modelTest){
		"lock":         func(b *modelTest) { b.Press("ctrl+l").expect("Locked.") },
		"idle":         func(b *modelTest) { b.wait(16 * time.Minute).tick().expect("Locked") },
		"card out":     func(b *modelTest) { b.cardOut().expect("Card removed.") },
		"card swapped": func(b *modelTest) { b.cardIn().expect("Card removed.") },
		"service lost": func(b *modelTest) {
			b.event(cardreader.Event{Kind: cardreader.ServiceLost}).expect("The smartcard service stopped.")
		},
	}

	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			for _, size := range [][2]int{{80, 24}, {60, 20}, {132, 40}} {
				b := newFixture(t).toPatient(tess).wait(time.Second).Press("o").expect("Opening.").resize(size[0],
					size[1])
				end(b)
				b.expect("An alert was being opened.", "may have been recorded", "that notifies nobody a second time").
					expectNot("Tess", "999 000")
			}
			late := newFixture(t).toPatient(tess).wait(time.Second).Press("o")
			opened := takeQueued[ask.Answer[client.Opened]](late)
			end(late)
			late.send(opened).expect("being opened").expectNot("Tess", "RING NOW").expectCalls("unseen r-1", 1)
			silent := roles(newFixture(t), []rbac.RoleProfile{midwife()}, []rbac.RoleProfile{midwife()}).
				toPatient(tess).wait(time.Second).Press("o")
			end(silent)
			silent.expectNot("being opened")
			answered := newFixture(t).toOpened()
			end(answered)
			answered.expectNot("being opened")
		})
	}
}

func TestAPasteTakesTheIdleWarningAwayAndDoesNothingElse(t *testing.T) {
	b := newFixture(t).signIn().wait(14 * time.Minute).tick().expect("locks within")
	b.send(tea.PasteMsg{Content: "9990000018"}).expectNot("locks within", "999 000 0018").wait(2 * time.Minute).tick().
		expectNot("Locked.")
	b.send(tea.PasteMsg{Content: "9990000018"}).expect("999 000 0018")
}
