package tui

import (
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/internal/browser"
	"wardlight/rbac"
	"wardlight/tui/shell"
)

// TestBrowser signs in in the browser from each card screen, and goes on to a patient.
func TestBrowser(t *testing.T) {
	for name, to := range map[string]func(*modelTest){
		"without a card":       func(*modelTest) {},
		"at the passcode":      func(b *modelTest) { b.cardIn().deliver().Typed("135") },
		"while a card is read": func(b *modelTest) { b.cardIn() },
	} {
		t.Run(name, func(t *testing.T) {
			b := newFixture(t)
			to(b)
			b.Press("ctrl+o").expect("Sign in in the browser that has opened.").expectNot("Tries left")
			if b.m.Pass.Len() != 0 {
				t.Errorf("%d characters of the passcode are in memory, want 0", b.m.Pass.Len())
			}
			b.deliver().expect("Find a patient").expectCalls("sign in by browser", 1).expectNoCall("sign in by card")
			b.Typed(tess.Digits()).Press("enter").deliver().expect("ALERT")
		})
	}
}

// TestBrowser_CardEvents ignores cards while the browser signs in, because it may be using one. Afterwards a removed
// card ends the session, and an inserted one does nothing.
func TestBrowser_CardEvents(t *testing.T) {
	b := newFixture(t).Press("ctrl+o").cardIn().expect("Sign in in the browser").expectNoCall("read ahead")
	b.deliver().expect("Find a patient")
	b.event(cardreader.Event{
		Kind: cardreader.CardInserted, Reader: "Another",
		ATR: []byte{0x3B},
	}).expect("Find a patient").
		expectNoCall("read ahead")
	b.event(cardreader.Event{Kind: cardreader.ServiceLost}).expect("Find a patient")
	b.inserted().cardOut().expect("Card removed. Session ended.").expectCalls("end: card removed", 1)
}

// TestBrowser_Ends ends the session by the lock key and when it is idle.
func TestBrowser_Ends(t *testing.T) {
	b := newFixture(t).Press("ctrl+o").deliver().expect("Find a patient").Press("ctrl+l")
	b.expectNot("Find a patient").expectCalls("end: locked by the user", 1)
	if b.m.In != nil {
		t.Error("after Ctrl-L: somebody is signed in, want nobody")
	}
	b.Press("ctrl+o").deliver().expect("Find a patient").wait(16*time.Minute).Press("a").expectNot("Find a patient").
		expectCalls("end: idle too long", 1)
}

// TestBrowser_Fails shows why there is no sign-in, and offers the card.
func TestBrowser_Fails(t *testing.T) {
	b := newFixture(t)
	b.sessions.browserErr = browser.System{Environ: []string{"SSH_CONNECTION=a"}}.Available()
	b.Press("ctrl+o").deliver().expect("You work on another computer (SSH), which cannot open your browser.",
		"sign in with your smartcard", "T10", "Esc use the smartcard")
	b.Press("esc").expect("Looking for a smartcard reader.").expectNot("T10")
	b.Press("ctrl+o").deliver().expect("T10").cardIn().deliver().expect("Passcode").expectNot("T10")

	b = newFixture(t)
	b.sessions.browserErr = &browser.Error{Kind: browser.TimedOut}
	b.Press("ctrl+o").deliver().expect("Nobody signed in in the browser in time.", "T13")
	b.sessions.browserErr = nil
	b.Press("r").deliver().expect("Find a patient").expectCalls("sign in by browser", 2)
}

// TestBrowser_Cancelled returns to the card and ignores a late answer.
func TestBrowser_Cancelled(t *testing.T) {
	b := newFixture(t).Press("ctrl+o").Press("esc").expect("Looking for a smartcard reader.")
	b.deliver().expect("Looking for a smartcard reader.").expectNot("Find a patient")
	if b.m.In != nil {
		t.Error("a sign-in that was left signed somebody in")
	}
	b.expectCalls("end: locked by the user", 1)
}

// TestBrowser_NoRole does not mention a smartcard.
func TestBrowser_NoRole(t *testing.T) {
	b := newFixture(t)
	roles(b, nil, nil).Press("ctrl+o").deliver()
	b.expect("names no role that may be used here").expectNot("smartcard carries")
	b = newFixture(t)
	roles(b, nil, []rbac.RoleProfile{clerk()}).Press("ctrl+o").deliver()
	b.expect("None of your roles can look for child protection alerts.").expectNot("smartcard")
}

// TestBrowser_Option begins with the browser.
func TestBrowser_Option(t *testing.T) {
	b := newFixtureWith(t, func(c *shell.Config) { c.Browser = true })
	b.run(b.m.Init())
	b.expect("Sign in in the browser").deliver().expect("Find a patient")
}
