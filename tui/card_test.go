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

// says reports an error unless the screen contains all the words. Line breaks and frames are ignored.
func (b *bench) says(words ...string) *bench {
	b.t.Helper()
	flat := flatten(b.text())
	for _, w := range words {
		if !strings.Contains(flat, flatten(w)) {
			b.t.Errorf("screen does not contain %q:\n%s", w, b.text())
		}
	}
	return b
}

// silent reports an error if the screen contains any of the words.
func (b *bench) silent(words ...string) *bench {
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

// never reports an error if any session call begins with prefix.
func (b *bench) never(prefix string) *bench {
	b.t.Helper()
	for _, a := range b.desk.asked {
		if strings.HasPrefix(a, prefix) {
			b.t.Errorf("session call %q, want none that begins with %q", a, prefix)
		}
	}
	return b
}

// asks reports an error unless the session call what was made n times.
func (b *bench) asks(what string, n int) *bench {
	b.t.Helper()
	if got := b.desk.count(what); got != n {
		b.t.Errorf("session call %q: got %d times, want %d; all calls: %q", what, got, n, b.desk.asked)
	}
	return b
}

func TestKeysTypedWhileTheCardIsReadAreKept(t *testing.T) {
	b := newBench(t).cardIn().Typed(code).Press("enter")
	b.says("Signing in as soon as the card has been read.").never("sign in")
	b.answer().says("Find a patient")
	if b.desk.passcode != code {
		t.Errorf("signed in with passcode %q, want %q", b.desk.passcode, code)
	}
}

func TestWhatIsWaitedForIsSaidUntilItIsOver(t *testing.T) {
	const held = "Waiting for scdaemon to finish with the card."
	b := newBench(t).cardIn().HeldUp().says(held)
	b.answer().silent(held)
	b.HeldUp().silent(held) // the model sends the card nothing more
	b.Typed(code).Press("enter").HeldUp().says(held)
	b.answer().silent(held)
}

func TestThePasscodeIsWipedEverywhereAfterSignIn(t *testing.T) {
	b := newBench(t).cardIn().answer().Typed(code)
	window := b.m.Pass.Bytes()
	b.Press("enter")
	if b.m.Pass.Len() != 0 || strings.Trim(string(window), "\x00") != "" {
		t.Error("the passcode is still in the model's memory after it was handed over")
	}
	b.answer()
	if b.desk.passcode != code {
		t.Fatalf("signed in with passcode %q, want %q", b.desk.passcode, code)
	}
	if b.desk.handed.Len() != 0 {
		t.Errorf("the passcode handed over has %d characters after the sign-in, want 0", b.desk.handed.Len())
	}
}

func TestAPasscodeOfTheWrongLengthNeverReachesTheCard(t *testing.T) {
	for _, typed := range []string{"", "1", "12345", "123456789", "123456789012345"} {
		b := newBench(t).cardIn().answer().Typed(typed).Press("enter").answer()
		b.never("sign in").says("A passcode has 6 to 8 digits. No try was used.")
		if b.m.Pass.Len() != 0 {
			t.Errorf("%d characters are left in the passcode box, want 0", b.m.Pass.Len())
		}
	}
}

func TestThePasscodeBoxTakesDigitsOnly(t *testing.T) {
	b := newBench(t).cardIn().answer().Typed("12a").says("A passcode has digits only.").Typed("3").silent("digits only")
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
	b := newBench(t).cardIn().answer().Typed("1357").wait(50 * time.Second).Typed("9").wait(20 * time.Second).tick()
	if b.m.Pass.Len() != 5 {
		t.Errorf("the passcode box has %d characters, want 5", b.m.Pass.Len())
	}
	if b.wait(time.Minute).tick(); b.m.Pass.Len() != 0 {
		t.Error("the passcode is still in the box after a minute without a key")
	}
	b.Typed(code).Press("enter").answer().says("Find a patient").wait(time.Minute).tick().says("Find a patient")
}

func TestWrongPasscodeSaysTriesLeftAndAsksAgain(t *testing.T) {
	b := newBench(t)
	b.desk.signInErr = &cardreader.Error{Kind: cardreader.WrongPasscode, Tries: 2}
	b.cardIn().answer().says("Tries left 3").Typed(code).Press("enter").answer()
	b.says("Passcode not correct. 2 tries left.", "Tries left 2")
	b.desk.signInErr = &cardreader.Error{Kind: cardreader.WrongPasscode, Tries: 1}
	b.Typed(code).Press("enter").answer()
	b.says("1 try left.", "A wrong passcode now locks the card.")
	b.desk.signInErr = &cardreader.Error{Kind: cardreader.WrongPasscode, Tries: 0}
	b.Typed(code).Press("enter").answer().says("This smartcard is locked.")
	b.asks("sign in", 3).Typed(code).Press("enter").answer().asks("sign in", 3)
}

func TestACardThatCannotSignInSaysWhyAndCanBeReadAgain(t *testing.T) {
	for _, kind := range []cardreader.Kind{cardreader.CertificateEnded, cardreader.NoCertificate, cardreader.Locked, cardreader.UnknownCard} {
		err := &cardreader.Error{Kind: kind}
		b := newBench(t)
		b.desk.cardErr = err
		b.cardIn().Typed(code).answer().says(err.Sentence(), err.Advice(), err.Code())
		if b.m.Pass.Len() != 0 {
			t.Error("a passcode typed before the card was read is still in the box, although the card can't be used")
		}
		b.desk.cardErr = nil
		b.Press("r").answer().says("6 to 8 digits").asks("read ahead "+reader, 2)
	}
}

func TestAFailedSignInSaysWhyAndLetsTypeAgain(t *testing.T) {
	b := newBench(t)
	err := &client.Error{Kind: client.Unreachable}
	b.desk.signInErr = err
	b.cardIn().answer().Typed(code).Press("enter").answer().says(err.Sentence(), err.Advice(), "H10")
	b.desk.signInErr = nil
	b.Typed(code).Press("enter").answer().says("Find a patient")
}

func TestTheWaitingScreenSaysWhyThereIsNoCard(t *testing.T) {
	mute := &cardreader.Error{Kind: cardreader.Mute}
	down := &cardreader.Error{Kind: cardreader.ServiceDown}
	b := newBench(t).says("Shows if a patient has a child protection alert, and whom to ring.", "Looking for a smartcard reader.")
	b.event(cardreader.Event{Kind: cardreader.ReadersChanged}).says("No smartcard reader found.", "C20")
	b.event(cardreader.Event{Kind: cardreader.ReadersChanged, Readers: []cardreader.Reader{{Name: reader}}}).says("No smartcard in the reader.", "Insert your smartcard").silent("C21", "Code for support")
	b.event(cardreader.Event{Kind: cardreader.CardUnreadable, Reader: reader, Err: mute}).says(mute.Sentence(), "C22")
	b.event(cardreader.Event{Kind: cardreader.ReadersChanged, Readers: []cardreader.Reader{{Name: "SIM", Present: true, Mute: true}, {Name: reader}}})
	b.cardOut().event(cardreader.Event{Kind: cardreader.CardUnreadable, Reader: "SIM", Err: mute})
	b.says(mute.Sentence(), "If the card in SIM is not yours, insert yours.")
	b.event(cardreader.Event{Kind: cardreader.CardRemoved, Reader: "SIM"}).says("No smartcard in the reader.")
	b.event(cardreader.Event{Kind: cardreader.ServiceLost, Err: down}).says(down.Sentence(), down.Advice(), "C10")
}

func TestACardPulledAnywhereBlanksTheScreenAndEndsTheSession(t *testing.T) {
	private := []string{"Tess", "EXAMPLE,", "999 000", "04-Mar-2016", "ALERT", "Made Up Row", "COUNCIL", "SAMPLE, Ada"}
	for _, s := range allStates() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			s.get(b)
			if b.m.Reader == "" || b.m.Cols < draw.LeastCols {
				return
			}
			signedIn := b.m.In != nil
			b.cardOut() // in the next frame, before any answer arrives
			b.silent(private...)
			if signedIn {
				b.says("Card removed. Session ended.")
			} else if b.m.Dialog == shell.NoDialog {
				b.says("Card removed.").silent("Session ended")
			}
			b.asks("end: "+string(session.CardRemoved), 1)
			b.answer().silent(private...) // late answers change nothing
			if b.m.In != nil || b.m.Role != nil || b.m.Pass.Len() != 0 || len(b.m.Screens) != 1 {
				t.Error("the model still has data of the session that ended")
			}
		})
	}
}

func TestAnotherReadersCardChangesNothing(t *testing.T) {
	b := newBench(t).toPatient(tess)
	b.event(cardreader.Event{Kind: cardreader.CardInserted, Reader: "Other"}).says("ALERT")
	b.event(cardreader.Event{Kind: cardreader.CardRemoved, Reader: "Other"}).says("ALERT").never("end:")
	b.event(cardreader.Event{Kind: cardreader.CardInserted, Reader: "Other"})
	b.cardOut().says("Session ended.", "Reading the card.").asks("read ahead Other", 1)
}

// badge returns the result of reading a card that has no certificate.
func badge(b *bench, reader string) session.Seen {
	s := session.Unread(cardreader.Reader{Name: reader, Present: true})
	s.Err = &cardreader.Error{Kind: cardreader.NotPIV, SW: 0x6A82}
	if b.desk.others == nil {
		b.desk.others = make(map[string]session.Seen)
	}
	b.desk.others[reader] = s
	return s
}

// colleague puts another usable card in reader.
func colleague(b *bench, reader string) {
	s := badge(b, reader)
	s.Card.UUID, s.Card.Ends, s.Card.Tries, s.Err = "555000000777", start().AddDate(1, 0, 0), 3, nil
	b.desk.others[reader] = s
}

// insertedIn sends the events of a card that is put into another reader.
func (b *bench) insertedIn(reader string) *bench {
	b.t.Helper()
	return b.event(cardreader.Event{Kind: cardreader.CardInserted, Reader: reader})
}

func TestCards_AnotherThatCannotSignInKeepsNobodyBack(t *testing.T) {
	b := newBench(t)
	badge(b, "Badge Pad")
	b.insertedIn("Badge Pad").answer().says("There is no driver for this card.", "C30-6A82")
	b.cardIn().answer().says("6 to 8 digits", "Reader "+reader, "UUID 555000000111").silent("C30")
	b.asks("read ahead Badge Pad, "+reader, 1).Typed(code).Press("enter").answer().says("Find a patient")
	b.event(cardreader.Event{Kind: cardreader.CardRemoved, Reader: "Badge Pad"}).says("Find a patient")
	b.cardOut().says("Card removed. Session ended.")

	b = newBench(t)
	badge(b, "Badge Pad")
	b.cardIn().answer().Typed("1357").insertedIn("Badge Pad").answer() // this passcode was typed for the first card
	b.says("UUID 555000000111", "Reader "+reader).Press("enter").never("sign in").says("Type your passcode from the beginning.")
	b.wait(2 * time.Second).Typed(code).Press("enter").answer().says("Find a patient")
}

func TestCards_SeveralThatCanSignInAreAskedAbout(t *testing.T) {
	b := newBench(t)
	colleague(b, "Wall")
	b.insertedIn("Wall").cardIn().Typed(code).Press("enter").answer()
	b.says("Which smartcard?", "1 UUID 555000000777", "in Wall", "2 UUID 555000000111", "in "+reader).never("sign in")
	if b.m.Pass.Len() != 0 {
		t.Error("the passcode typed before the user was asked which card is still in the box")
	}
	b.Press("ctrl+t").says("Several cards can sign in: 555000000777 in Wall; 555000000111 in " + reader).Press("esc")
	b.Press("2").never("read ahead "+reader).wait(time.Second).Press("2").asks("read ahead "+reader, 1).answer()
	b.says("UUID 555000000111", "Reader "+reader).Typed(code).Press("enter").answer().says("Find a patient")
	b.event(cardreader.Event{Kind: cardreader.CardRemoved, Reader: "Wall"}).says("Find a patient").never("end:")
	b.cardOut().says("Card removed. Session ended.")

	b = newBench(t)
	colleague(b, "Wall")
	b.insertedIn("Wall").cardIn().answer().says("Which smartcard?")
	b.event(cardreader.Event{Kind: cardreader.CardRemoved, Reader: "Wall"}).answer().says("Card removed.", "UUID 555000000111", "6 to 8 digits")
	b.insertedIn("Wall").answer().says("Which smartcard?").cardOut().answer().says("UUID 555000000777").
		event(cardreader.Event{Kind: cardreader.CardRemoved, Reader: "Wall"}).says("No smartcard in the reader.")
}

func TestCards_EndOfTheSessionIsStillSaid(t *testing.T) {
	b := newBench(t)
	badge(b, "Badge Pad")
	badge(b, "Key")
	b.toPatient(tess).insertedIn("Badge Pad").insertedIn("Key").cardOut().says("Card removed. Session ended.", "Reading the card.")
	b.event(cardreader.Event{Kind: cardreader.CardRemoved, Reader: "Badge Pad"}).says("Card removed. Session ended.").answer()
	b.says("Card removed. Session ended.", "There is no driver for this card.")
}

func TestPasscode_TypedOnTheReader(t *testing.T) {
	b := newBench(t)
	b.desk.card.OnReader = true
	b.cardIn().Typed(code).Press("enter").answer().never("sign in").says("Press Enter, then type the passcode on the reader.", "not here")
	if b.m.Pass.Len() != 0 {
		t.Error("the passcode typed while the card was being read is still in the box")
	}
	b.Typed("1q").says("Type the passcode on the reader, not here. Nothing was sent.").silent("Quit?")
	b.desk.signInErr = &cardreader.Error{Kind: cardreader.NotTyped}
	b.Press("enter").says("Type the passcode on the reader.").silent("Press Enter", "not here").answer()
	b.says("The passcode was not typed on the reader.", "C44", "Press Enter, then type the passcode on the reader.")
	b.desk.signInErr = &cardreader.Error{Kind: cardreader.WrongPasscode, Tries: 2}
	b.Press("enter").answer().says("Passcode not correct. 2 tries left.", "Tries left 2")
	b.desk.signInErr = nil
	b.Press("enter").answer().says("Find a patient").asks("sign in", 3)
	if b.desk.passcode != "" {
		t.Errorf("signed in with passcode %q, want none", b.desk.passcode)
	}
}

func TestALostServiceAndAMuteCardEndTheSession(t *testing.T) {
	b := newBench(t).toPatient(tess)
	b.event(cardreader.Event{Kind: cardreader.ServiceLost, Err: &cardreader.Error{Kind: cardreader.ServiceDown}})
	b.says("The smartcard service stopped. Session ended.").silent("ALERT").asks("end: card removed", 1)

	b = newBench(t).toPatient(tess)
	b.event(cardreader.Event{Kind: cardreader.CardUnreadable, Reader: reader, Err: &cardreader.Error{Kind: cardreader.Mute}})
	b.says("Session ended.").silent("ALERT").asks("end: card removed", 1)

	b = newBench(t).toPatient(tess)
	b.event(cardreader.Event{Kind: cardreader.CardUnreadable, Reader: reader, Err: &cardreader.Error{Kind: cardreader.InUse}})
	b.says("ALERT").never("end:")
}

func TestACardThatWasChangedUnseenEndsTheSessionAndSaysSo(t *testing.T) {
	b := newBench(t).toPatient(tess).cardIn().says("Card removed. Session ended.", "Passcode").silent("Tess", "ALERT").asks("end: card removed", 1)
	b.answer().Typed(code).Press("enter").answer().says("Find a patient")
	newBench(t).cardIn().cardIn().silent("Card removed")
}

func TestLockingAndIdlenessAskForThePasscodeAgain(t *testing.T) {
	b := newBench(t).toPatient(tess).Press("ctrl+l")
	b.says("Locked.").silent("Tess", "ALERT").asks("end: locked by the user", 1).answer()
	b.Typed(code).Press("enter").answer().says("Find a patient").silent("Tess")

	b = newBench(t).toPatient(tess).wait(12 * time.Minute).tick().says("ALERT").silent("locks within")
	b.wait(time.Minute).tick().says("The screen locks within 2 minutes.", "ALERT")
	b.wait(90 * time.Second).tick().says("within 30 seconds")
	b.wait(30*time.Second).tick().says("Locked after 15 minutes without a key.").silent("Tess", "ALERT")
	b.asks("end: idle too long", 1)
}

func TestAKeyAfterTheIdleTimeLocksAndDoesNothingElse(t *testing.T) {
	b := newBench(t).toPatient(tess).wait(16 * time.Minute).Press("o").answer()
	b.says("Locked after 15 minutes").never("open").asks("end: idle too long", 1)
}

func TestTheKeyThatDismissesTheIdleWarningDoesNothingElse(t *testing.T) {
	b := newBench(t).toPatient(tess).wait(14 * time.Minute).tick().says("locks within")
	b.Press("o").answer().silent("locks within").never("open")
	b.wait(14 * time.Minute).tick().says("locks within") // the key press restarted the idle time
	b.Press("x").wait(10 * time.Minute).tick().silent("locks within").never("end:")
}

func TestQuitAsksWhenSignedIn(t *testing.T) {
	b := newBench(t).toPatient(tess).Press("q").says("Quit?", "ALERT").Press("n").says("Quit?").Press("esc").silent("Quit?")
	b.never("end:").Press("ctrl+c").says("Quit?").Press("y").asks("end: program ended", 1)
	if !b.quit || b.m.View().Content != "" {
		t.Errorf("quit = %v, last frame %q, want true and an empty frame", b.quit, b.m.View().Content)
	}
	b = newBench(t).Press("q")
	if !b.quit {
		t.Error("q without a session did not quit at once")
	}
	b = newBench(t).toPatient(tess).send(shell.StopMsg{})
	if !b.quit || b.desk.count("end: program ended") != 1 {
		t.Error("StopMsg did not end the session and the program")
	}
}

func TestTheOnlyUsableRoleIsTakenSilently(t *testing.T) {
	b := newBench(t)
	roles(b, []rbac.RoleProfile{nurse()}, []rbac.RoleProfile{clerk(), nurse()}).signIn()
	b.says("Find a patient", "Nurse Access Role").asks("choose "+nurse().URID, 1)
}

func TestARoleThatIsRefusedEndsTheSession(t *testing.T) {
	b := newBench(t)
	b.desk.chooseErr = session.ErrNoSession
	b.signIn().says("The session has ended.", "Passcode").silent("Find a patient").asks("end: locked by the user", 1)
}

func TestSuspendingLocksFirst(t *testing.T) {
	b := newBench(t).toPatient(tess).Press("ctrl+z").silent("Tess", "ALERT").asks("end: locked by the user", 1)
	take[tea.SuspendMsg](b)
	b.answer().says("Locked.", "Passcode")
	b = newBench(t).cardIn().answer().Typed("1357").Press("ctrl+z")
	if b.m.Pass.Len() != 0 {
		t.Error("the typed part of the passcode is still in the box after Ctrl-Z")
	}
}

func TestRolesAreTakenByNumberAndUnusableOnesNever(t *testing.T) {
	both := []rbac.RoleProfile{nurse(), midwife()}
	b := roles(newBench(t), both, append(both, clerk())).signIn()
	b.says("1 Example General Hospital – Nurse Access Role", "2 Elsewhere Community Services", "Lacks B0107 (View Child Protection Plan).")
	b.Press("3", "9", "0", "2").never("choose").wait(time.Second).Press("2").asks("choose "+midwife().URID, 1).says("Find a patient")
	b.Press("esc").Press("esc").says("Signed in as").Press("down", "down", "up").wait(time.Second).Press("enter").asks("choose "+nurse().URID, 1)
}

func TestWithoutAUsableRoleTheScreenSaysWhatIsMissingAndWhoGrantsIt(t *testing.T) {
	b := roles(newBench(t), nil, []rbac.RoleProfile{clerk()}).signIn()
	b.says("B0107", "URID 555000000444", "RX1", "R8010", "UUID 555000000111", "Registration Authority (RA)").Press("1", "enter").never("choose")
	b = roles(newBench(t), nil, nil).signIn()
	b.says("your smartcard carries no role", "UUID 555000000111").silent("B0107")
}

func TestReadersForget(t *testing.T) {
	var r card.Readers
	for _, name := range []string{"a", "b"} {
		r.See(cardreader.Event{Kind: cardreader.CardInserted, Reader: name}, start())
	}
	r.See(cardreader.Event{Kind: cardreader.CardRemoved, Reader: "a"}, start())
	if all := r.All(); len(all) != 1 || all[0].Name != "b" || !all[0].Present {
		t.Errorf("Readers.All() = %+v, want only b, with a card", all)
	}
}
