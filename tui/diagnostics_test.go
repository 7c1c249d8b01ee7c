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
	b := newBench(t).Press("d").says("Diagnostics", "D08")
	b.cardIn().says("1 reader: Lab Reader 00 00", "3B DF 18", "The card is being read")
	b.answer().says("PIV, key RSA 2048", "UUID 555000000111", "3 tries left", "https://hub.example answers", "TLS 1.3, trusted")
	b.cardOut().says("FAIL C21", "Code C21 say: Charlie 2 1", "Insert your smartcard").silent("555000000111", "PIV")
	b.event(cardreader.Event{Kind: cardreader.CardUnreadable, Reader: reader, Err: &cardreader.Error{Kind: cardreader.Mute}}).says("FAIL C22")
	b.event(cardreader.Event{Kind: cardreader.CardUnreadable, Reader: reader, Err: &cardreader.Error{Kind: cardreader.InUse}}).says("FAIL C24")
	b.event(cardreader.Event{Kind: cardreader.ReadersChanged}).says("FAIL C20")
	b.event(cardreader.Event{Kind: cardreader.ServiceLost, Err: &cardreader.Error{Kind: cardreader.ServiceDown, PCSC: 0x8010001D}})
	b.says("FAIL C10", "C10-8010001D say: Charlie 1 0, dash, 8 0 1 0 0 0 1 Delta")
	b.Press("esc").silent("Diagnostics")
}

func TestDiagnosticsTellTheLineThatMattersAndAnyOther(t *testing.T) {
	b := newBench(t).cardIn().answer().Press("esc", "d").answer().says("Card: A card answers in Lab Reader 00 00: ATR 3B DF 18.", "Nothing to do.", "say: Delta 2 0")
	b.Press("up", "up", "up", "up").says("Smartcard service: The smartcard service is running.")
	for range 20 {
		b.Press("down")
	}
	b.says("Roles and codes: The roles were not checked", "Close this and type the passcode.", "say: Delta 9 9")
}

func TestDiagnosticsAskTheHubAndGoOnAsking(t *testing.T) {
	b := newBench(t).cardIn().answer().Press("esc", "d").says("The hub is being asked.")
	b.answer().says("https://hub.example answers")
	b.hub = client.Probed{Address: "https://hub.example", Err: &client.Error{Kind: client.TimedOut}}
	b.tick().says("https://hub.example answers").answer().says("FAIL H12", "The hub did not answer in time: https://hub.example.")
	b.hub = goodHub()
	b.hub.Skew = -10 * time.Minute
	b.Press("r").answer().says("FAIL H34", "This computer's clock is 10 min slow.")
	late := b.timers
	b.Press("esc")
	for _, l := range late {
		b.send(l)
	}
	if len(b.answers) != 0 {
		t.Errorf("commands without a key press: %v, want none", b.answers)
	}
	b.Press("d")
	msg := take[ask.Answer[client.Probed]](b)
	b.Press("esc").send(msg)
	if b.m.Report.Hub.Probed.Skew != -10*time.Minute {
		t.Errorf("a late answer set the clock skew to %v, want -10m", b.m.Report.Hub.Probed.Skew)
	}
}

func TestDiagnosticsWithoutAHubSayThatItWasNotAsked(t *testing.T) {
	b := newBench(t)
	b.m.Cfg.Probe = nil
	b.cardIn().answer().Press("esc", "d").says("The hub was not asked.").silent("ask the hub again")
}

func TestDiagnosticsKeepARefusedSignInUntilTheCardGoes(t *testing.T) {
	b := newBench(t)
	b.desk.signInErr = &client.Error{Kind: client.CertificateRevoked, Status: 400, SpineCode: "certificate_revoked"}
	b.cardIn().answer().Typed(code).Press("enter").answer().Press("esc", "d").answer()
	b.says("FAIL H42", "This smartcard was revoked.", "Hotel 4 2, dash, 4 0 0, dash, certificate revoked")
	b.cardOut().cardIn().answer().silent("FAIL")
}

func TestDiagnosticsFitTheSmallestScreen(t *testing.T) {
	b := newBenchSize(t, draw.LeastCols, draw.LeastRows)
	b.hub = client.Probed{Address: "https://" + strings.Repeat("long.", 20) + "example", Err: &client.Error{Kind: client.Unreachable}}
	b.cardIn().answer().Press("esc", "d").answer().says("say: Hotel 1 0", "Hub address")
	for range 11 {
		b.Press("up").says("say:")
	}
}

func TestDiagnosticsWhileSignedInShowNothingOfAPatientAndEndNothing(t *testing.T) {
	b := newBench(t).toPatient(tess).Press("d").answer()
	b.says("Diagnostics", "UUID 555000000111 is signed in.", "1 of 1 role can find a patient")
	b.silent("EXAMPLE", "Tess", "999 000 0018", "ALERT", "FAIL", "warning", "not reached")
	asked := len(b.desk.asked)
	b.Press("r").answer().tick().answer()
	if now := b.desk.asked[asked:]; len(now) != 0 {
		t.Errorf("session calls %q, want none", now)
	}
	b.Press("esc").silent("Diagnostics").says("EXAMPLE, Tess", "ALERT")
}

func TestDiagnosticsOpenFromAFieldByAKeyThatIsNoLetter(t *testing.T) {
	b := newBench(t).signIn().Typed("99").Press("ctrl+t").answer().says("Diagnostics", "is signed in")
	b.Press("esc").says("Find a patient", "Enter search").Typed("9").says("999")
	b = newBench(t).cardIn().answer().Typed("13").Press("ctrl+t").answer().says("Diagnostics").Press("ctrl+t").silent("Diagnostics")
	b.Typed("5790").Press("enter").answer().says("Find a patient")
	b = newBench(t).signIn().Press("esc", "w").answer().Press("ctrl+t").answer().says("Diagnostics", "is signed in").Press("esc").says("Worklist")
	b.cardOut()
}

func TestDiagnosticsDoNotKeepASessionOpenNorHideItsEnd(t *testing.T) {
	b := newBench(t).toPatient(tess).Press("d").answer()
	ticks := func() *bench {
		for _, tick := range slices.Clone(b.timers) {
			b.send(tick)
		}
		return b.answer()
	}
	b.wait(10 * time.Second)
	for range 77 { // the hub is asked again and again, which does not count as a key press
		b.tick().answer().says("Diagnostics").wait(10 * time.Second)
	}
	ticks().says("The screen locks within 2 minutes.").silent("Diagnostics")
	b.wait(2 * time.Minute)
	ticks().says("Locked after 15 minutes without a key.").silent("Diagnostics", "Tess")

	b = newBench(t).toPatient(tess).Press("d").answer().cardOut().says("Card removed. Session ended.").silent("Diagnostics", "Tess")
	b = newBench(t).toPatient(tess).Press("d").answer().Press("ctrl+l").says("Locked.").silent("Diagnostics", "Tess")
	b.answer().Press("esc", "d").cardOut().says("Diagnostics") // no session ends
}

func TestDiagnosticsAfterAWrongPasscodeAndASignIn(t *testing.T) {
	b := newBench(t)
	b.desk.signInErr = &cardreader.Error{Kind: cardreader.WrongPasscode, Tries: 1, SW: 0x63C1}
	b.cardIn().answer().Typed("111111").Press("enter").answer()
	b.desk.signInErr = nil
	b.Typed(code).Press("enter").answer().Press("esc", "d").answer()
	b.says("is signed in", "The passcode was right").silent("1 try left", "FAIL", "warning")
}

// Where the screen shows a support code, the last row shows the key for the diagnostics, in the smallest window too.
// In linear mode the last sentence does.
func TestEveryFailureOffersDiagnostics(t *testing.T) {
	coded := regexp.MustCompile(`Code for support: |\([A-Z][0-9]{2}[)-]`)
	failures := 0
	for _, size := range [][2]int{{80, 24}, {draw.LeastCols, draw.LeastRows}} {
		for _, s := range allStates() {
			b := newBenchSize(t, size[0], size[1])
			s.get(b)
			if b.m.Cols < draw.LeastCols || b.m.Dialog != shell.NoDialog || !coded.MatchString(b.text()) {
				continue
			}
			failures++
			lines := strings.Split(strings.TrimRight(b.text(), "\n"), "\n")
			if foot := lines[len(lines)-1]; !strings.Contains(foot, "d diagnostics") && !strings.Contains(foot, "Ctrl-T diagnostics") {
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
	h.desk.signInErr = &client.Error{Kind: client.Unreachable}
	h.card().types(code).hears("Code for support: H10.", "For diagnostics press Ctrl-T.", "Passcode, ")
	h.run(h.l.Input([]byte{0x14}))
	h.Answered().hears("Diagnostics, version", "Sign-in: FAIL", "Code H10")
	h.types("close").hears("For diagnostics press Ctrl-T.", "Passcode, ")
	h.desk.signInErr, h.desk.findErr = nil, &client.Error{Kind: client.TimedOut}
	h.types(code, "Example", "4-3-2016").hears("Code for support: H12.", "For diagnostics type /diagnostics.", "family name: ")
	h.types("/diagnostics").hears("Diagnostics, version", "Sign-in: pass. UUID 555000000111 is signed in. Code D80.", "Command: ")
	h.types("close").hears("Find a patient.")
	h.desk.lamps[tess] = client.Lamp{Number: tess, State: client.CouldNotCheck, Err: &client.Error{Kind: client.TimedOut}}
	h.types(tess.Digits()).hears("could not check", "Code for support: H12.", "For diagnostics type diagnostics.", "Command: ")
	h.types("diagnostics").hears("Diagnostics, version")
	h.types("close").hears("EXAMPLE, Tess").pulled().hears("Card removed. Session ended.")
}

func TestWhoActsForAnotherOrganisationIsTold(t *testing.T) {
	elsewhere := midwife()
	elsewhere.OrgName = "MADE UP INFIRMARY"
	for _, size := range [][2]int{{80, 24}, {draw.LeastCols, draw.LeastRows}, {120, 40}} {
		b := newBenchSize(t, size[0], size[1])
		roles(b, []rbac.RoleProfile{nurse(), elsewhere}, []rbac.RoleProfile{nurse(), elsewhere}).signIn()
		b.wait(time.Second).Press("2").answer().says("You act for MADE UP INFIRMARY.", "NHS number", "Family name")
		b.Press("esc", "esc").wait(time.Second).Press("1").answer().says("Find a patient").silent("You act for")
	}
	h := hear(t)
	roles(h.bench, []rbac.RoleProfile{nurse(), elsewhere}, []rbac.RoleProfile{nurse(), elsewhere})
	h.card().types(code)
	h.wait(time.Second)
	h.Heard()
	h.types("2").hears("Health Professional Access Role, MADE UP INFIRMARY.\nYou act for MADE UP INFIRMARY.\n", "Find a patient.")
	h.types("/change role")
	h.wait(time.Second)
	h.types("1")
	if said := h.Heard(); strings.Contains(said, "You act for") {
		t.Errorf("output %q contains %q", said, "You act for")
	}

	b := newBench(t) // the only usable role is chosen without a question
	roles(b, []rbac.RoleProfile{elsewhere}, []rbac.RoleProfile{clerk(), elsewhere}).signIn().says("Find a patient", "You act for MADE UP INFIRMARY.")
	b = newBench(t)
	roles(b, []rbac.RoleProfile{elsewhere}, []rbac.RoleProfile{elsewhere}).signIn().says("Find a patient").silent("You act for")
}

func TestWhoActsForAnotherOrganisationLosesNothingOfASmallForm(t *testing.T) {
	b := newBenchSize(t, draw.LeastCols, draw.LeastRows)
	elsewhere := midwife()
	elsewhere.OrgName = "MADE UP INFIRMARY"
	roles(b, []rbac.RoleProfile{nurse(), elsewhere}, []rbac.RoleProfile{nurse(), elsewhere}).signIn().wait(time.Second).Press("2").answer()
	b.desk.found = client.Found{}
	b.Press("tab").Typed("Example").Press("tab").Typed("1-3-2016").Press("ctrl+e").Typed("Tess").Press("enter").answer()
	b.says("No patient was found.", "Searched as typed:", "Postcode") // as the invariants require
}
