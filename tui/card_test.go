package tui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/session"
	"wardlight/rbac"
	"wardlight/tui/card"
	"wardlight/tui/draw"
	"wardlight/tui/shell"
)

// expect reports an error unless the screen contains all the words. Line breaks and frames are ignored.
func (b *modelTest) expect(words ...string) *modelTest {
	b.t.Helper()
	flat := flatten(b.text())
	for _, w := range words {
		if !strings.Contains(flat, flatten(w)) {
			b.t.Errorf("screen does not contain %q:\n%s", w, b.text())
		}
	}
	return b
}

// expectNot reports an error if the screen contains any of the words.
func (b *modelTest) expectNot(words ...string) *modelTest {
	b.t.Helper()
	flat := flatten(b.text())
	for _, w := range words {
		if strings.Contains(flat, flatten(w)) {
			b.t.Errorf("screen contains %q:\n%s", w, b.text())
		}
	}
	return b
}

// flatten returns the text of a screen without frames and line breaks.
func flatten(s string) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune("│║─═┌┐└┘╔╗╚╝", r) {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// expectNoCall reports an error if any session call begins with prefix.
func (b *modelTest) expectNoCall(prefix string) *modelTest {
	b.t.Helper()
	for _, a := range b.sessions.asked {
		if strings.HasPrefix(a, prefix) {
			b.t.Errorf("session call %q, want none that begins with %q", a, prefix)
		}
	}
	return b
}

// expectCalls reports an error unless the session call what was made n times.
func (b *modelTest) expectCalls(what string, n int) *modelTest {
	b.t.Helper()
	if got := b.sessions.count(what); got != n {
		b.t.Errorf("session call %q: got %d times, want %d; all calls: %q", what, got, n, b.sessions.asked)
	}
	return b
}

func TestKeysTypedWhileTheCardIsReadAreKept(t *testing.T) {
	b := newFixture(t).cardIn().Typed(code).Press("enter")
	b.expect("Signing in as soon as the card has been read.").expectNoCall("sign in")
	b.deliver().expect("Find a patient")
	if b.sessions.passcode != code {
		t.Errorf("signed in with passcode %q, want %q", b.sessions.passcode, code)
	}
}

func TestWhatIsWaitedForIsSaidUntilItIsOver(t *testing.T) {
	const held = "Waiting for scdaemon to finish with the card."
	b := newFixture(t).cardIn().cardBlocked().expect(held)
	b.deliver().expectNot(held)
	b.cardBlocked().expectNot(held) // the model sends the card nothing more
	b.Typed(code).Press("enter").cardBlocked().expect(held)
	b.deliver().expectNot(held)
}

func TestThePasscodeIsWipedEverywhereAfterSignIn(t *testing.T) {
	b := newFixture(t).cardIn().deliver().Typed(code)
	window := b.m.Pass.Bytes()
	b.Press("enter")
	if b.m.Pass.Len() != 0 || strings.Trim(string(window), "\x00") != "" {
		t.Error("the passcode is still in the model's memory after it was handed over")
	}
	b.deliver()
	if b.sessions.passcode != code {
		t.Fatalf("signed in with passcode %q, want %q", b.sessions.passcode, code)
	}
	if b.sessions.handed.Len() != 0 {
		t.Errorf("the passcode handed over has %d characters after the sign-in, want 0", b.sessions.handed.Len())
	}
}

func TestAPasscodeOfTheWrongLengthNeverReachesTheCard(t *testing.T) {
	for _, typed := range []string{"", "1", "12345", "123456789", "123456789012345"} {
		b := newFixture(t).cardIn().deliver().Typed(typed).Press("enter").deliver()
		b.expectNoCall("sign in").expect("A passcode has 6 to 8 digits. No try was used.")
		if b.m.Pass.Len() != 0 {
			t.Errorf("%d characters are left in the passcode box, want 0", b.m.Pass.Len())
		}
	}
}

func TestThePasscodeBoxTakesDigitsOnly(t *testing.T) {
	b := newFixture(t).cardIn().deliver().Typed("12a").expect("A passcode has digits only.").Typed("3").
		expectNot("digits only")
	if b.m.Pass.Len() != 3 {
		t.Errorf("the passcode box has %d characters, want 3", b.m.Pass.Len())
	}
	b.Press("backspace")
	if b.m.Pass.Len() != 2 {
		t.Errorf("the passcode box has %d characters after backspace, want 2", b.m.Pass.Len())
	}
	b.Press("esc")
	if b.m.Pass.Len() != 0 {
		t.Errorf("the passcode box has %d characters after Esc, want 0", b.m.Pass.Len())
	}
}

func TestAPasscodeBegunAndLeftIsWiped(t *testing.T) {
	b := newFixture(t).cardIn().deliver().Typed("1357").wait(50 * time.Second).Typed("9").wait(20 * time.Second).tick()
	if b.m.Pass.Len() != 5 {
		t.Errorf("the passcode box has %d characters, want 5", b.m.Pass.Len())
	}
	if b.wait(time.Minute).tick(); b.m.Pass.Len() != 0 {
		t.Error("the passcode is still in the box after a minute without a key")
	}
	b.Typed(code).Press("enter").deliver().expect("Find a patient").wait(time.Minute).tick().expect("Find a patient")
}

func TestWrongPasscodeSaysTriesLeftAndAsksAgain(t *testing.T) {
	b := newFixture(t)
	b.sessions.signInErr = &cardreader.Error{Kind: cardreader.WrongPasscode, Tries: 2}
	b.cardIn().deliver().expect("Tries left 3").Typed(code).Press("enter").deliver()
	b.expect("Passcode not correct. 2 tries left.", "Tries left 2")
	b.sessions.signInErr = &cardreader.Error{Kind: cardreader.WrongPasscode, Tries: 1}
	b.Typed(code).Press("enter").deliver()
	b.expect("1 try left.", "A wrong passcode now locks the card.")
	b.sessions.signInErr = &cardreader.Error{Kind: cardreader.WrongPasscode, Tries: 0}
	b.Typed(code).Press("enter").deliver().expect("This smartcard is locked.")
	b.expectCalls("sign in", 3).Typed(code).Press("enter").deliver().expectCalls("sign in", 3)
}

func TestACardThatCannotSignInSaysWhyAndCanBeReadAgain(t *testing.T) {
	for _, kind := range []cardreader.Kind{
		cardreader.CertificateEnded, cardreader.NoCertificate, cardreader.Locked,
		cardreader.UnknownCard,
	} {
		err := &cardreader.Error{Kind: kind}
		b := newFixture(t)
		b.sessions.cardErr = err
		b.cardIn().Typed(code).deliver().expect(err.Sentence(), err.Advice(), err.Code())
		if b.m.Pass.Len() != 0 {
			t.Error("a passcode typed before the card was read is still in the box, although the card can't be used")
		}
		b.sessions.cardErr = nil
		b.Press("r").deliver().expect("6 to 8 digits").expectCalls("read ahead "+reader, 2)
	}
}

func TestAFailedSignInSaysWhyAndLetsTypeAgain(t *testing.T) {
	b := newFixture(t)
	err := &client.Error{Kind: client.Unreachable}
	b.sessions.signInErr = err
	b.cardIn().deliver().Typed(code).Press("enter").deliver().expect(err.Sentence(), err.Advice(), "H10")
	b.sessions.signInErr = nil
	b.Typed(code).Press("enter").deliver().expect("Find a patient")
}

func TestTheWaitingScreenSaysWhyThereIsNoCard(t *testing.T) {
	mute := &cardreader.Error{Kind: cardreader.Mute}
	down := &cardreader.Error{Kind: cardreader.ServiceDown}
	b := newFixture(t).expect("Shows if a patient has a child protection alert, and whom to ring.",
		"Looking for a smartcard reader.")
	b.event(cardreader.Event{Kind: cardreader.ReadersChanged}).expect("No smartcard reader found.", "C20")
	b.event(cardreader.Event{Kind: cardreader.ReadersChanged, Readers: []cardreader.Reader{{Name: reader}}}).
		expect("No smartcard in the reader.", "Insert your smartcard").expectNot("C21", "Code for support")
	b.event(cardreader.Event{Kind: cardreader.CardUnreadable, Reader: reader, Err: mute}).expect(mute.Sentence(), "C22")
	b.event(cardreader.Event{
		Kind:    cardreader.ReadersChanged,
		Readers: []cardreader.Reader{{Name: "SIM", Present: true, Mute: true}, {Name: reader}},
	})
	b.cardOut().event(cardreader.Event{Kind: cardreader.CardUnreadable, Reader: "SIM", Err: mute})
	b.expect(mute.Sentence(), "If the card in SIM is not yours, insert yours.")
	b.event(cardreader.Event{Kind: cardreader.CardRemoved, Reader: "SIM"}).expect("No smartcard in the reader.")
	b.event(cardreader.Event{Kind: cardreader.ServiceLost, Err: down}).expect(down.Sentence(), down.Advice(), "C10")
}

func TestACardPulledAnywhereBlanksTheScreenAndEndsTheSession(t *testing.T) {
	private := []string{"Tess", "EXAMPLE,", "999 000", "04-Mar-2016", "ALERT", "Made Up Row", "COUNCIL", "SAMPLE, Ada"}
	for _, s := range allStates() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			b := newFixture(t)
			s.get(b)
			if b.m.Reader == "" || b.m.Cols < draw.MinCols {
				return
			}
			signedIn := b.m.In != nil
			b.cardOut() // in the next frame, before any answer arrives
			b.expectNot(private...)
			if signedIn {
				b.expect("Card removed. Session ended.")
			} else if b.m.Dialog == shell.NoDialog {
				b.expect("Card removed.").expectNot("Session ended")
			}
			b.expectCalls("end: "+string(session.CardRemoved), 1)
			b.deliver().expectNot(private...) // late answers change nothing
			if b.m.In != nil || b.m.Role != nil || b.m.Pass.Len() != 0 || len(b.m.Screens) != 1 {
				t.Error("the model still has data of the session that ended")
			}
		})
	}
}

func TestAnotherReadersCardChangesNothing(t *testing.T) {
	b := newFixture(t).toPatient(tess)
	b.event(cardreader.Event{Kind: cardreader.CardInserted, Reader: "Other"}).expect("ALERT")
	b.event(cardreader.Event{Kind: cardreader.CardRemoved, Reader: "Other"}).expect("ALERT").expectNoCall("end:")
	b.event(cardreader.Event{Kind: cardreader.CardInserted, Reader: "Other"})
	b.cardOut().expect("Session ended.", "Reading the card.").expectCalls("read ahead Other", 1)
}

// badge returns the result of reading a card that has no certificate.
func badge(b *modelTest, reader string) session.CardResult {
	s := session.Unread(cardreader.Reader{Name: reader, Present: true})
	s.Err = &cardreader.Error{Kind: cardreader.NotPIV, SW: 0x6A82}
	if b.sessions.others == nil {
		b.sessions.others = make(map[string]session.CardResult)
	}
	b.sessions.others[reader] = s
	return s
}

// colleague puts another usable card in reader.
func colleague(b *modelTest, reader string) {
	s := badge(b, reader)
	s.Card.UUID, s.Card.NotAfter, s.Card.Tries, s.Err = "555000000777", start().AddDate(1, 0, 0), 3, nil
	b.sessions.others[reader] = s
}

// insertedIn sends the events of a card that is put into another reader.
func (b *modelTest) insertedIn(reader string) *modelTest {
	b.t.Helper()
	return b.event(cardreader.Event{Kind: cardreader.CardInserted, Reader: reader})
}

func TestCards_AnotherThatCannotSignInKeepsNobodyBack(t *testing.T) {
	b := newFixture(t)
	badge(b, "Badge Pad")
	b.insertedIn("Badge Pad").deliver().expect("There is no driver for this card.", "C30-6A82")
	b.cardIn().deliver().expect("6 to 8 digits", "Reader "+reader, "UUID 555000000111").expectNot("C30")
	b.expectCalls("read ahead Badge Pad, "+reader, 1).Typed(code).Press("enter").deliver().expect("Find a patient")
	b.event(cardreader.Event{Kind: cardreader.CardRemoved, Reader: "Badge Pad"}).expect("Find a patient")
	b.cardOut().expect("Card removed. Session ended.")

	b = newFixture(t)
	badge(b, "Badge Pad")
	b.cardIn().deliver().Typed("1357").insertedIn("Badge Pad").deliver() // this passcode was typed for the first card
	b.expect("UUID 555000000111", "Reader "+reader).Press("enter").expectNoCall("sign in").
		expect("Type your passcode from the beginning.")
	b.wait(2 * time.Second).Typed(code).Press("enter").deliver().expect("Find a patient")
}

func TestCards_SeveralThatCanSignInAreAskedAbout(t *testing.T) {
	b := newFixture(t)
	colleague(b, "Wall")
	b.insertedIn("Wall").cardIn().Typed(code).Press("enter").deliver()
	b.expect("Which smartcard?", "1 UUID 555000000777", "in Wall", "2 UUID 555000000111", "in "+reader).
		expectNoCall("sign in")
	if b.m.Pass.Len() != 0 {
		t.Error("the passcode typed before the user was asked which card is still in the box")
	}

	b.Press("ctrl+t").expect("Several cards can sign in: 555000000777 in Wall; 555000000111 in " + reader).Press("esc")
	b.Press("2").expectNoCall("read ahead "+reader).wait(time.Second).Press("2").expectCalls("read ahead "+reader, 1).
		deliver()
	b.expect("UUID 555000000111", "Reader "+reader).Typed(code).Press("enter").deliver().expect("Find a patient")
	b.event(cardreader.Event{Kind: cardreader.CardRemoved, Reader: "Wall"}).expect("Find a patient").
		expectNoCall("end:")
	b.cardOut().expect("Card removed. Session ended.")

	b = newFixture(t)
	colleague(b, "Wall")
	b.insertedIn("Wall").cardIn().deliver().expect("Which smartcard?")
	b.event(cardreader.Event{Kind: cardreader.CardRemoved, Reader: "Wall"}).deliver().expect("Card removed.",
		"UUID 555000000111", "6 to 8 digits")
	b.insertedIn("Wall").deliver().expect("Which smartcard?").cardOut().deliver().expect("UUID 555000000777").
		event(cardreader.Event{Kind: cardreader.CardRemoved, Reader: "Wall"}).expect("No smartcard in the reader.")
}

func TestCards_EndOfTheSessionIsStillSaid(t *testing.T) {
	b := newFixture(t)
	badge(b, "Badge Pad")
	badge(b, "Key")
	b.toPatient(tess).insertedIn("Badge Pad").insertedIn("Key").cardOut().expect("Card removed. Session ended.",
		"Reading the card.")
	b.event(cardreader.Event{Kind: cardreader.CardRemoved, Reader: "Badge Pad"}).expect("Card removed. Session ended.").
		deliver()
	b.expect("Card removed. Session ended.", "There is no driver for this card.")
}

func TestPasscode_TypedOnTheReader(t *testing.T) {
	b := newFixture(t)
	b.sessions.card.OnReader = true
	b.cardIn().Typed(code).Press("enter").deliver().expectNoCall("sign in").
		expect("Press Enter, then type the passcode on the reader.", "not here")
	if b.m.Pass.Len() != 0 {
		t.Error("the passcode typed while the card was being read is still in the box")
	}
	b.Typed("1q").expect("Type the passcode on the reader, not here. Nothing was sent.").expectNot("Quit?")
	b.sessions.signInErr = &cardreader.Error{Kind: cardreader.NotTyped}
	b.Press("enter").expect("Type the passcode on the reader.").expectNot("Press Enter", "not here").deliver()
	b.expect("The passcode was not typed on the reader.", "C44", "Press Enter, then type the passcode on the reader.")
	b.sessions.signInErr = &cardreader.Error{Kind: cardreader.WrongPasscode, Tries: 2}
	b.Press("enter").deliver().expect("Passcode not correct. 2 tries left.", "Tries left 2")
	b.sessions.signInErr = nil
	b.Press("enter").deliver().expect("Find a patient").expectCalls("sign in", 3)
	if b.sessions.passcode != "" {
		t.Errorf("signed in with passcode %q, want none", b.sessions.passcode)
	}
}

func TestALostServiceAndAMuteCardEndTheSession(t *testing.T) {
	b := newFixture(t).toPatient(tess)
	b.event(cardreader.Event{Kind: cardreader.ServiceLost, Err: &cardreader.Error{Kind: cardreader.ServiceDown}})
	b.expect("The smartcard service stopped. Session ended.").expectNot("ALERT").expectCalls("end: card removed", 1)

	b = newFixture(t).toPatient(tess)
	b.event(cardreader.Event{
		Kind: cardreader.CardUnreadable, Reader: reader,
		Err: &cardreader.Error{Kind: cardreader.Mute},
	})
	b.expect("Session ended.").expectNot("ALERT").expectCalls("end: card removed", 1)

	b = newFixture(t).toPatient(tess)
	b.event(cardreader.Event{
		Kind: cardreader.CardUnreadable, Reader: reader,
		Err: &cardreader.Error{Kind: cardreader.InUse},
	})
	b.expect("ALERT").expectNoCall("end:")
}

func TestACardThatWasChangedUnseenEndsTheSessionAndSaysSo(t *testing.T) {
	b := newFixture(t).toPatient(tess).cardIn().expect("Card removed. Session ended.", "Passcode").expectNot("Tess",
		"ALERT").expectCalls("end: card removed", 1)
	b.deliver().Typed(code).Press("enter").deliver().expect("Find a patient")
	newFixture(t).cardIn().cardIn().expectNot("Card removed")
}

func TestLockingAndIdlenessAskForThePasscodeAgain(t *testing.T) {
	b := newFixture(t).toPatient(tess).Press("ctrl+l")
	b.expect("Locked.").expectNot("Tess", "ALERT").expectCalls("end: locked by the user", 1).deliver()
	b.Typed(code).Press("enter").deliver().expect("Find a patient").expectNot("Tess")

	b = newFixture(t).toPatient(tess).wait(12 * time.Minute).tick().expect("ALERT").expectNot("locks within")
	b.wait(time.Minute).tick().expect("The screen locks within 2 minutes.", "ALERT")
	b.wait(90 * time.Second).tick().expect("within 30 seconds")
	b.wait(30*time.Second).tick().expect("Locked after 15 minutes without a key.").expectNot("Tess", "ALERT")
	b.expectCalls("end: idle too long", 1)
}

func TestAKeyAfterTheIdleTimeLocksAndDoesNothingElse(t *testing.T) {
	b := newFixture(t).toPatient(tess).wait(16 * time.Minute).Press("o").deliver()
	b.expect("Locked after 15 minutes").expectNoCall("open").expectCalls("end: idle too long", 1)
}

func TestTheKeyThatDismissesTheIdleWarningDoesNothingElse(t *testing.T) {
	b := newFixture(t).toPatient(tess).wait(14 * time.Minute).tick().expect("locks within")
	b.Press("o").deliver().expectNot("locks within").expectNoCall("open")
	b.wait(14 * time.Minute).tick().expect("locks within") // the key press restarted the idle time
	b.Press("x").wait(10 * time.Minute).tick().expectNot("locks within").expectNoCall("end:")
}

func TestQuitAsksWhenSignedIn(t *testing.T) {
	b := newFixture(t).toPatient(tess).Press("q").expect("Quit?", "ALERT").Press("n").expect("Quit?").Press("esc").
		expectNot("Quit?")
	b.expectNoCall("end:").Press("ctrl+c").expect("Quit?").Press("y").expectCalls("end: program ended", 1)
	if !b.quit || b.m.View().Content != "" {
		t.Errorf("quit = %v, last frame %q, want true and an empty frame", b.quit, b.m.View().Content)
	}
	b = newFixture(t).Press("q")
	if !b.quit {
		t.Error("q without a session did not quit at once")
	}
	b = newFixture(t).toPatient(tess).send(shell.StopMsg{})
	if !b.quit || b.sessions.count("end: program ended") != 1 {
		t.Error("StopMsg did not end the session and the program")
	}
}

func TestTheOnlyUsableRoleIsTakenSilently(t *testing.T) {
	b := newFixture(t)
	roles(b, []rbac.RoleProfile{nurse()}, []rbac.RoleProfile{clerk(), nurse()}).signIn()
	b.expect("Find a patient", "Nurse Access Role").expectCalls("choose "+nurse().URID, 1)
}

func TestARoleThatIsRefusedEndsTheSession(t *testing.T) {
	b := newFixture(t)
	b.sessions.chooseErr = session.ErrNoSession
	b.signIn().expect("The session has ended.", "Passcode").expectNot("Find a patient").
		expectCalls("end: locked by the user", 1)
}

func TestSuspendingLocksFirst(t *testing.T) {
	b := newFixture(t).toPatient(tess).Press("ctrl+z").expectNot("Tess", "ALERT").expectCalls("end: locked by the user",
		1)
	takeQueued[tea.SuspendMsg](b)
	b.deliver().expect("Locked.", "Passcode")
	b = newFixture(t).cardIn().deliver().Typed("1357").Press("ctrl+z")
	if b.m.Pass.Len() != 0 {
		t.Error("the typed part of the passcode is still in the box after Ctrl-Z")
	}
}

func TestRolesAreTakenByNumberAndUnusableOnesNever(t *testing.T) {
	both := []rbac.RoleProfile{nurse(), midwife()}
	b := roles(newFixture(t), both, append(both, clerk())).signIn()
	b.expect("1 Example General Hospital – Nurse Access Role", "2 Elsewhere Community Services",
		"Lacks B0107 (View Child Protection Plan).")
	b.Press("3", "9", "0", "2").expectNoCall("choose").wait(time.Second).Press("2").expectCalls("choose "+
		midwife().URID, 1).expect("Find a patient")
	b.Press("esc").Press("esc").expect("Signed in as").Press("down", "down", "up").wait(time.Second).Press("enter").
		expectCalls("choose "+nurse().URID, 1)
}

func TestWithoutAUsableRoleTheScreenSaysWhatIsMissingAndWhoGrantsIt(t *testing.T) {
	b := roles(newFixture(t), nil, []rbac.RoleProfile{clerk()}).signIn()
	b.expect("B0107", "URID 555000000444", "RX1", "R8010", "UUID 555000000111", "Registration Authority (RA)").
		Press("1", "enter").expectNoCall("choose")
	b = roles(newFixture(t), nil, nil).signIn()
	b.expect("your smartcard carries no role", "UUID 555000000111").expectNot("B0107")
}

func TestReadersForget(t *testing.T) {
	var r card.Readers
	for _, name := range []string{"a", "b"} {
		r.Update(cardreader.Event{Kind: cardreader.CardInserted, Reader: name}, start())
	}
	r.Update(cardreader.Event{Kind: cardreader.CardRemoved, Reader: "a"}, start())
	if all := r.All(); len(all) != 1 || all[0].Name != "b" || !all[0].Present {
		t.Errorf("Readers.All() = %+v, want only b, with a card", all)
	}
}
