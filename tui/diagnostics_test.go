package tui

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/rbac"
	"wardlight/tui/ask"
	"wardlight/tui/draw"
	"wardlight/tui/shell"
)

func TestDiagnosticsFollowReadersAndCard(t *testing.T) {
	b := newFixture(t).Press("d").expect("Diagnostics", "D08")
	b.cardIn().expect("1 reader: Lab Reader 00 00", "3B DF 18", "The card is being read")
	b.deliver().expect("PIV, key RSA 2048", "UUID 555000000111", "3 tries left", "https://hub.example answers",
		"TLS 1.3, trusted")
	b.cardOut().expect("FAIL C21", "Code C21 say: Charlie 2 1", "Insert your smartcard").expectNot("555000000111",
		"PIV")
	b.event(cardreader.Event{
		Kind: cardreader.CardUnreadable, Reader: reader,
		Err: &cardreader.Error{Kind: cardreader.Mute},
	}).expect("FAIL C22")

	b.event(cardreader.Event{
		Kind: cardreader.CardUnreadable, Reader: reader,
		Err: &cardreader.Error{Kind: cardreader.InUse},
	}).expect("FAIL C24")

	b.event(cardreader.Event{Kind: cardreader.ReadersChanged}).expect("FAIL C20")
	b.event(cardreader.Event{Kind: cardreader.ServiceLost, Err: &cardreader.Error{
		Kind: cardreader.ServiceDown,
		PCSC: 0x8010001D,
	}})

	b.expect("FAIL C10", "C10-8010001D say: Charlie 1 0, dash, 8 0 1 0 0 0 1 Delta")
	b.Press("esc").expectNot("Diagnostics")
}

func TestDiagnosticsTellTheLineThatMattersAndAnyOther(t *testing.T) {
	b := newFixture(t).cardIn().deliver().Press("esc", "d").deliver().
		expect("Card: A card answers in Lab Reader 00 00: ATR 3B DF 18.", "Nothing to do.", "say: Delta 2 0")
	b.Press("up", "up", "up", "up").expect("Smartcard service: The smartcard service is running.")
	for range 20 {
		b.Press("down")
	}
	b.expect("Roles and codes: The roles were not checked", "Close this and type the passcode.", "say: Delta 9 9")
}

func TestDiagnosticsAskTheHubAndGoOnAsking(t *testing.T) {
	b := newFixture(t).cardIn().deliver().Press("esc", "d").expect("The hub is being asked.")
	b.deliver().expect("https://hub.example answers")
	b.hub = client.ProbeResult{Address: "https://hub.example", Err: &client.Error{Kind: client.TimedOut}}
	b.tick().expect("https://hub.example answers").deliver().expect("FAIL H12",
		"The hub did not answer in time: https://hub.example.")
	b.hub = goodHub()
	b.hub.Skew = -10 * time.Minute
	b.Press("r").deliver().expect("FAIL H34", "This computer's clock is 10 min slow.")
	late := b.timers
	b.Press("esc")
	for _, l := range late {
		b.send(l)
	}

	if len(b.queued) != 0 {
		t.Errorf("commands without a key press: %v, want none", b.queued)
	}

	b.Press("d")
	msg := takeQueued[ask.Answer[client.ProbeResult]](b)
	b.Press("esc").send(msg)
	if b.m.Report.Hub.Probed.Skew != -10*time.Minute {
		t.Errorf("a late answer set the clock skew to %v, want -10m", b.m.Report.Hub.Probed.Skew)
	}
}

func TestDiagnosticsWithoutAHubSayThatItWasNotAsked(t *testing.T) {
	b := newFixture(t)
	b.m.Cfg.Probe = nil
	b.cardIn().deliver().Press("esc", "d").expect("The hub was not asked.").expectNot("ask the hub again")
}

func TestDiagnosticsKeepARefusedSignInUntilTheCardGoes(t *testing.T) {
	b := newFixture(t)
	b.sessions.signInErr = &client.Error{Kind: client.CertificateRevoked, Status: 400, SpineCode: "certificate_revoked"}
	b.cardIn().deliver().Typed(code).Press("enter").deliver().Press("esc", "d").deliver()
	b.expect("FAIL H42", "This smartcard was revoked.", "Hotel 4 2, dash, 4 0 0, dash, certificate revoked")
	b.cardOut().cardIn().deliver().expectNot("FAIL")
}

func TestDiagnosticsFitTheSmallestScreen(t *testing.T) {
	b := newFixtureSize(t, draw.MinCols, draw.MinRows)
	b.hub = client.ProbeResult{
		Address: "https://" + strings.Repeat("long.", 20) + "example",
		Err:     &client.Error{Kind: client.Unreachable},
	}
	b.cardIn().deliver().Press("esc", "d").deliver().expect("say: Hotel 1 0", "Hub address")
	for range 11 {
		b.Press("up").expect("say:")
	}
}

func TestDiagnosticsWhileSignedInShowNothingOfAPatientAndEndNothing(t *testing.T) {
	b := newFixture(t).toPatient(tess).Press("d").deliver()
	b.expect("Diagnostics", "UUID 555000000111 is signed in.", "1 of 1 role can find a patient")
	b.expectNot("EXAMPLE", "Tess", "999 000 0018", "ALERT", "FAIL", "warning", "not reached")
	asked := len(b.sessions.asked)
	b.Press("r").deliver().tick().deliver()
	if now := b.sessions.asked[asked:]; len(now) != 0 {
		t.Errorf("session calls %q, want none", now)
	}
	b.Press("esc").expectNot("Diagnostics").expect("EXAMPLE, Tess", "ALERT")
}

func TestDiagnosticsOpenFromAFieldByAKeyThatIsNoLetter(t *testing.T) {
	b := newFixture(t).signIn().Typed("99").Press("ctrl+t").deliver().expect("Diagnostics", "is signed in")
	b.Press("esc").expect("Find a patient", "Enter search").Typed("9").expect("999")
	b = newFixture(t).cardIn().deliver().Typed("13").Press("ctrl+t").deliver().expect("Diagnostics").Press("ctrl+t").
		expectNot("Diagnostics")
	b.Typed("5790").Press("enter").deliver().expect("Find a patient")
	b = newFixture(t).signIn().Press("esc", "w").deliver().Press("ctrl+t").deliver().expect("Diagnostics",
		"is signed in").Press("esc").expect("Worklist")
	b.cardOut()
}

func TestDiagnosticsDoNotKeepASessionOpenNorHideItsEnd(t *testing.T) {
	b := newFixture(t).toPatient(tess).Press("d").deliver()
	ticks := func() *modelTest {
		for _, tick := range slices.Clone(b.timers) {
			b.send(tick)
		}
		return b.deliver()
	}

	b.wait(10 * time.Second)
	for range 77 { // the hub is asked again and again, which does not count as a key press
		b.tick().deliver().expect("Diagnostics").wait(10 * time.Second)
	}

	ticks().expect("The screen locks within 2 minutes.").expectNot("Diagnostics")
	b.wait(2 * time.Minute)
	ticks().expect("Locked after 15 minutes without a key.").expectNot("Diagnostics", "Tess")

	b = newFixture(t).toPatient(tess).Press("d").deliver().cardOut().expect("Card removed. Session ended.").
		expectNot("Diagnostics", "Tess")
	b = newFixture(t).toPatient(tess).Press("d").deliver().Press("ctrl+l").expect("Locked.").expectNot("Diagnostics",
		"Tess")
	b.deliver().Press("esc", "d").cardOut().expect("Diagnostics") // no session ends
}

func TestDiagnosticsAfterAWrongPasscodeAndASignIn(t *testing.T) {
	b := newFixture(t)
	b.sessions.signInErr = &cardreader.Error{Kind: cardreader.WrongPasscode, Tries: 1, SW: 0x63C1}
	b.cardIn().deliver().Typed("111111").Press("enter").deliver()
	b.sessions.signInErr = nil
	b.Typed(code).Press("enter").deliver().Press("esc", "d").deliver()
	b.expect("is signed in", "The passcode was right").expectNot("1 try left", "FAIL", "warning")
}

// Where the screen shows a support code, the last row shows the key for the diagnostics, in the smallest window too.
// In linear mode the last sentence does.
func TestEveryFailureOffersDiagnostics(t *testing.T) {
	coded := regexp.MustCompile(`Code for support: |\([A-Z][0-9]{2}[)-]`)
	failures := 0
	for _, size := range [][2]int{{80, 24}, {draw.MinCols, draw.MinRows}} {
		for _, s := range allStates() {
			b := newFixtureSize(t, size[0], size[1])
			s.get(b)
			if b.m.Cols < draw.MinCols || b.m.Dialog != shell.NoDialog || !coded.MatchString(b.text()) {
				continue
			}
			failures++
			lines := strings.Split(strings.TrimRight(b.text(), "\n"), "\n")
			if foot := lines[len(lines)-1]; !strings.Contains(foot, "d diagnostics") &&
				!strings.Contains(foot, "Ctrl-T diagnostics") {
				t.Errorf("%s, %dx%d: last row %q has no key for the diagnostics", s.name, size[0], size[1], foot)
			}
			if said := inLines(b); !strings.Contains(said, "For diagnostics ") {
				t.Errorf("%s: linear mode does not offer the diagnostics:\n%s", s.name, said)
			}
		}
	}

	if failures < 20 {
		t.Errorf("got %d screens with a failure, want at least 20", failures)
	}
}

func TestInLinesAFailureSaysHowToGetToDiagnostics(t *testing.T) {
	h := hear(t)
	h.sessions.signInErr = &client.Error{Kind: client.Unreachable}
	h.card().types(code).expectSaid("Code for support: H10.", "For diagnostics press Ctrl-T.", "Passcode, ")
	h.run(h.l.Input([]byte{0x14}))
	h.Answered().expectSaid("Diagnostics, version", "Sign-in: FAIL", "Code H10")
	h.types("close").expectSaid("For diagnostics press Ctrl-T.", "Passcode, ")
	h.sessions.signInErr, h.sessions.findErr = nil, &client.Error{Kind: client.TimedOut}
	h.types(code, "Example", "4-3-2016").expectSaid("Code for support: H12.", "For diagnostics type /diagnostics.",
		"family name: ")
	h.types("/diagnostics").expectSaid("Diagnostics, version",
		"Sign-in: pass. UUID 555000000111 is signed in. Code D80.", "Command: ")
	h.types("close").expectSaid("Find a patient.")
	h.sessions.lamps[tess] = client.Lamp{
		Number: tess, State: client.CouldNotCheck,
		Err: &client.Error{Kind: client.TimedOut},
	}

	h.types(tess.Digits()).expectSaid("could not check", "Code for support: H12.", "For diagnostics type diagnostics.",
		"Command: ")
	h.types("diagnostics").expectSaid("Diagnostics, version")
	h.types("close").expectSaid("EXAMPLE, Tess").pulled().expectSaid("Card removed. Session ended.")
}

func TestWhoActsForAnotherOrganisationIsTold(t *testing.T) {
	elsewhere := midwife()
	elsewhere.OrgName = "MADE UP INFIRMARY"
	for _, size := range [][2]int{{80, 24}, {draw.MinCols, draw.MinRows}, {120, 40}} {
		b := newFixtureSize(t, size[0], size[1])
		roles(b, []rbac.RoleProfile{nurse(), elsewhere}, []rbac.RoleProfile{nurse(), elsewhere}).signIn()
		b.wait(time.Second).Press("2").deliver().expect("You act for MADE UP INFIRMARY.", "NHS number", "Family name")
		b.Press("esc", "esc").wait(time.Second).Press("1").deliver().expect("Find a patient").expectNot("You act for")
	}

	h := hear(t)
	roles(h.modelTest, []rbac.RoleProfile{nurse(), elsewhere}, []rbac.RoleProfile{nurse(), elsewhere})
	h.card().types(code)
	h.wait(time.Second)
	h.Heard()
	h.types("2").expectSaid("Health Professional Access Role, MADE UP INFIRMARY.\nYou act for MADE UP INFIRMARY.\n",
		"Find a patient.")
	h.types("/change role")
	h.wait(time.Second)
	h.types("1")
	if said := h.Heard(); strings.Contains(said, "You act for") {
		t.Errorf("output %q contains %q", said, "You act for")
	}

	b := newFixture(t) // the only usable role is chosen without a question
	roles(b, []rbac.RoleProfile{elsewhere}, []rbac.RoleProfile{clerk(), elsewhere}).signIn().expect("Find a patient",
		"You act for MADE UP INFIRMARY.")
	b = newFixture(t)
	roles(b, []rbac.RoleProfile{elsewhere}, []rbac.RoleProfile{elsewhere}).signIn().expect("Find a patient").
		expectNot("You act for")
}

func TestWhoActsForAnotherOrganisationLosesNothingOfASmallForm(t *testing.T) {
	b := newFixtureSize(t, draw.MinCols, draw.MinRows)
	elsewhere := midwife()
	elsewhere.OrgName = "MADE UP INFIRMARY"
	roles(b, []rbac.RoleProfile{nurse(), elsewhere}, []rbac.RoleProfile{nurse(), elsewhere}).signIn().wait(time.Second).
		Press("2").deliver()
	b.sessions.found = client.Found{}
	b.Press("tab").Typed("Example").Press("tab").Typed("1-3-2016").Press("ctrl+e").Typed("Tess").Press("enter").
		deliver()
	b.expect("No patient was found.", "Searched as typed:", "Postcode") // as the invariants require
}
