package tui

import (
	"strings"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/tui/ask"
	"wardlight/tui/draw"
)

func TestDiagnosticsFollowReadersAndCardAndAreForBeforeSignIn(t *testing.T) {
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
	newBench(t).signIn().Press("esc", "d").silent("Diagnostics")
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
		t.Errorf("the hub is asked behind the user's back: %v", b.answers)
	}
	b.Press("d")
	msg := take[ask.Answer[client.Probed]](b)
	b.Press("esc").send(msg)
	if b.m.Report.Hub.Probed.Skew != -10*time.Minute {
		t.Error("a late answer was taken in")
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
