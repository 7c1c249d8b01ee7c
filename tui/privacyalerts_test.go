package tui

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/rbac"
	"wardlight/tui/act"
	"wardlight/tui/ask"
)

// alertOfficer returns the role of a privacy officer who may also see privacy alerts.
func alertOfficer(codes ...rbac.ActivityCode) rbac.RoleProfile {
	r := officer()
	r.Activities = append(r.Activities, codes...)
	return r
}

// privacyAlert returns the alert number i, about a view in an emergency.
func privacyAlert(i int) client.PrivacyAlert {
	return client.PrivacyAlert{
		ID: fmt.Sprintf("4f3c1de0-6d0d-4e0a-9f61-%012d", i), At: start().Add(-time.Duration(i) * time.Hour),
		Kind: "access", Reason: "Access made in an emergency", Words: "unconscious, nobody with the patient",
		Number: tess, Person: client.Person{UUID: "555000000112", Name: "EXAMPLE, Ben (Mr)"}, URID: "555000000222",
		Role: "Nurse Access Role", Session: "5f4b6c1a",
		RequestID: fmt.Sprintf("6d3a4bd5-7a3c-4c6c-9a77-%012d", i),
		National:  client.AlertSending{State: client.AlertNotSent},
	}
}

// closedAlert returns the alert number i, closed.
func closedAlert(i int, note string) client.PrivacyAlert {
	al := privacyAlert(i)
	al.Closed = &client.AlertClosing{
		At: start().Add(-time.Minute), Note: note,
		By: client.Person{UUID: "555000000113", Name: "PLACEHOLDER, Cai (Dr)"},
	}
	return al
}

// alertOfficer makes the user a privacy officer who may see all alerts, which are n open ones and a closed one.
func (b *modelTest) alertOfficer(n int) *modelTest {
	list := client.PrivacyAlerts{Organisation: "RX1", Made: start()}
	for i := range n {
		al := privacyAlert(i)
		switch i {
		case 1:
			al.Kind, al.Reason, al.Number = "claim", "Self-Claim Emergency Access", sam
			al.National = client.AlertSending{State: client.AlertWaiting, Error: "no answer in time"}
		case 2:
			al.Reason, al.Words = "Access required by Court Order", "order 17/2026"
			al.National = client.AlertSending{State: client.AlertAbandoned, At: start(), Error: "refused"}
		}
		list.Alerts = append(list.Alerts, al)
	}
	list.Alerts = append(list.Alerts, closedAlert(n, "Emergency confirmed by the ward"))
	b.sessions.alerts = list
	r := alertOfficer(rbac.ReceiveViewAlerts, rbac.ReceiveClaimAlerts)
	return roles(b, []rbac.RoleProfile{r}, []rbac.RoleProfile{r})
}

// toAlerts signs in as a privacy officer and lists the alerts.
func (b *modelTest) toAlerts(n int) *modelTest {
	return b.alertOfficer(n).signIn().Press("esc", "v", "4").deliver()
}

// toNote shows the first of n alerts and asks for the note to close it.
func (b *modelTest) toNote(n int) *modelTest {
	return b.toAlerts(n).Press("enter", "x").wait(2 * time.Second)
}

// closes types a note and presses Enter, once the key counts.
func (b *modelTest) closes(note string) *modelTest {
	return b.Typed(note).wait(2 * time.Second).Press("enter")
}

func privacyAlertStates() []state {
	return []state{
		{"privacy-menu-alerts", func(b *modelTest) { b.alertOfficer(1).signIn().Press("esc", "v", "end", "down") }},
		{"privacy-alerts-listing", func(b *modelTest) { b.alertOfficer(1).signIn().Press("esc", "v", "4") }},
		{"privacy-alerts", func(b *modelTest) { b.toAlerts(3) }},
		{"privacy-alerts-none", func(b *modelTest) { b.toAlerts(0) }},
		{"privacy-alerts-with-closed", func(b *modelTest) { b.toAlerts(2).Press("l").deliver().Press("end") }},
		{"privacy-alerts-many", func(b *modelTest) { b.toAlerts(60).Press("pgdown", "pgdown") }},
		{"privacy-alerts-views-only", func(b *modelTest) {
			b.alertOfficer(0).sessions.alerts.NotShown = []string{"claim"}
			b.signIn().Press("esc", "v", "4").deliver()
		}},
		{"privacy-alerts-failed", func(b *modelTest) {
			b.alertOfficer(3).sessions.alertsErr = &client.Error{Kind: client.TimedOut}
			b.signIn().Press("esc", "v", "4").deliver()
		}},
		{"privacy-alerts-days", func(b *modelTest) { b.toAlerts(3).Press("esc").Typed("1-11-2026") }},
		{"privacy-alert", func(b *modelTest) { b.toAlerts(3).Press("enter") }},
		{"privacy-alert-abandoned", func(b *modelTest) { b.toAlerts(3).Press("end", "enter") }},
		{"privacy-alert-long", func(b *modelTest) {
			b.alertOfficer(0)
			b.sessions.alerts.Alerts[0].Words = strings.Repeat("found collapsed in the street ", 6)
			b.sessions.alerts.Alerts[0].Closed.Note = strings.Repeat("the ward sister confirms the emergency, ", 12)
			b.signIn().Press("esc", "v", "4").deliver().Press("l").deliver().Press("enter")
		}},
		{"privacy-close", func(b *modelTest) { b.toNote(3).Typed("Emergency confirmed") }},
		{"privacy-close-no-note", func(b *modelTest) { b.toNote(3).closes("12") }},
		{"privacy-closing", func(b *modelTest) { b.toNote(3).closes("Emergency confirmed") }},
		{"privacy-close-failed", func(b *modelTest) {
			b.toNote(3).sessions.closeErr = &client.Error{Kind: client.TimedOut}
			b.closes("Emergency confirmed").deliver()
		}},
		{"privacy-closed", func(b *modelTest) { b.toNote(3).closes("Emergency confirmed").deliver() }},
		{"privacy-closed-in-list", func(b *modelTest) {
			b.toNote(3).closes("Emergency confirmed").deliver().Press("esc")
		}},
		{"privacy-closed-by-another", func(b *modelTest) {
			b.toNote(3).sessions.closeErr = &client.Error{Kind: client.AlertClosed, Status: 409}
			b.closes("Emergency confirmed").deliver()
		}},
	}
}

// Without B0015 and B0016 the menu says which code the role lacks, and the entry does nothing.
func TestPrivacyAlerts_RoleWithoutTheCode(t *testing.T) {
	b := newFixture(t).officer(1).signIn().Press("esc", "v").expect("4 Privacy alerts", "lacks B0015")
	b.Press("4").deliver().expect("To see privacy alerts this role lacks B0015").expectNoCall("alerts")
	b.Press("down", "down", "down", "down", "enter").deliver().expectNoCall("alerts")

	newFixture(t).alertOfficer(1).signIn().Press("esc", "v").expect("4 Privacy alerts").expectNot("lacks")
	for _, c := range []rbac.ActivityCode{rbac.ReceiveViewAlerts, rbac.ReceiveClaimAlerts} {
		r := alertOfficer(c)
		b = newFixture(t).alertOfficer(1)
		roles(b, []rbac.RoleProfile{r}, []rbac.RoleProfile{r}).signIn().Press("esc", "v", "4").deliver().
			expect("Open alerts: 1")
	}
}

// At sign-in nothing asks for alerts.
func TestPrivacyAlerts_NoRequestAtSignIn(t *testing.T) {
	newFixture(t).alertOfficer(3).signIn().Press("esc", "v").deliver().expectNoCall("alerts")
}

// The list has the open alerts first, and closed ones only with a key.
func TestPrivacyAlerts_List(t *testing.T) {
	b := newFixture(t).toAlerts(3)
	b.expect("Open alerts: 3, the newest first, up to 22-Nov-2026 14:05, RX1", "22-Nov-2026 14:05", "EXAMPLE, Ben (Mr)",
		"999 000 0018", "emergency", "court order", "emergency claim", "1 alert was NOT sent to the national service.")
	b.expectNot("closed 22", "PLACEHOLDER")
	b.Press("l").deliver().expect("Alerts: 4, the newest first", "closed").Press("end").
		expect("by PLACEHOLDER, Cai (Dr) (555000000113)")
	b.Press("l").deliver().expect("Open alerts: 3").Press("r").deliver()
	b.expectCalls(`alerts, closed false, from "" to ""`, 3)
	b.expectCalls(`alerts, closed true, from "" to ""`, 1)
}

// An alert in full has the reason in the person's words, the role, the request, the session and the state of sending.
func TestPrivacyAlerts_InFull(t *testing.T) {
	b := newFixtureSize(t, 120, 40).toAlerts(3).Press("enter").
		expect("unconscious, nobody with the patient", "Nurse Access Role (555000000222)",
			"6d3a4bd5-7a3c-4c6c-9a77-000000000000, session 5f4b6c1a",
			"view without the patient's permission: Access made in an emergency", "4f3c1de0", "open").
		expectNot("national", "National")
	b.Press("esc", "down", "enter").expect("self-claimed legitimate relationship: Self-Claim Emergency Access",
		"not yet sent to the national service (no answer in time)").expectNot("National sent")
	b.Press("esc", "down", "enter").expect("NOT sent to the national service: the hub gave up (refused).")
	b.Press("esc", "l").deliver().Press("end", "enter").expect("Emergency confirmed by the ward",
		"closed 22-Nov-2026 14:04 by PLACEHOLDER, Cai (Dr) (555000000113)").expectNot("x close the alert")
	b.Press("x").expectNot("Say what came of it").expectNoCall("close ")
}

// A failure never reads as none, and a list that can't have all kinds says so.
func TestPrivacyAlerts_NoneIsHonest(t *testing.T) {
	b := newFixture(t).toAlerts(0).expect("No open alerts up to 22-Nov-2026 14:05")
	b.Press("esc").Typed("1-11-2026").Press("tab").Typed("20-11-2026").Press("enter").deliver().
		expect("No open alerts from 01-Nov-2026 to 20-Nov-2026").
		expectCalls(`alerts, closed false, from "2026-11-01" to "2026-11-20"`, 1)

	b = newFixture(t).alertOfficer(0)
	b.sessions.alerts.NotShown = []string{"claim"}
	b.signIn().Press("esc", "v", "4").deliver().expect("No open alerts that your role may see",
		"Alerts about self-claimed legitimate relationships are not shown: your role lacks B0016.")

	for _, err := range []error{
		&client.Error{Kind: client.TimedOut}, &client.Error{Kind: client.NotAllowed, Status: 403},
		&client.Error{Kind: client.BadRequest, Detail: "The list has too many alerts, so none was made."},
		errors.New("other"),
	} {
		b = newFixture(t).alertOfficer(3)
		b.sessions.alertsErr = err
		b.signIn().Press("esc", "v", "4").deliver().expect("Code for support").
			expectNot("No open alerts", "Open alerts")
		b.sessions.alertsErr = nil
		b.Press("enter").deliver().expect("Open alerts: 3").expectNot("Code for support")
	}
}

// A wrong day sends nothing, and a request that was stopped shows no list.
func TestPrivacyAlerts_WrongDaysAndStopped(t *testing.T) {
	b := newFixture(t).toAlerts(1).Press("esc").Typed("2-11-2026").Press("tab").Typed("1-11-2026").Press("enter").
		deliver().expect("The last day is before the first.").expectCalls(`alerts, closed false, from "" to ""`, 1)
	b.Press("ctrl+u", "enter").expect("Getting the privacy alerts.")
	late := takeQueued[ask.Answer[client.PrivacyAlerts]](b)
	b.Press("esc").expect("[ List the alerts ]").send(late).expectNot("Open alerts", "Getting")
}

// An alert is shown as closed only after the hub's answer.
func TestPrivacyAlerts_Close(t *testing.T) {
	b := newFixture(t).toNote(3).expect("Say what came of it", "EXAMPLE, Ben (Mr)", "999 000 0018")
	b.closes("Emergency confirmed").expect("Closing the alert.").expectNot("closed 22")
	b.Press("esc", "enter", "n", "/", "v").expect("Closing the alert.").deliver().
		expect("closed 22-Nov-2026 14:05 by SAMPLE, Ada (Ms) (555000000111)", "Emergency confirmed")
	b.Press("x").expectNot("Say what came of it").Press("esc").expect("closed", "Open alerts: 2")
	b.expectCalls("close "+privacyAlert(0).ID+": Emergency confirmed", 1)
	b.Press("r").deliver().expect("Open alerts: 2")
}

// A note is required, and one that is too long is refused and not cut.
func TestPrivacyAlerts_Note(t *testing.T) {
	b := newFixture(t).toNote(1)
	b.Press("enter").deliver().expect("Type a note in words.").closes("12 34").deliver().expect("Type a note in words.")
	b.Press("ctrl+u").closes(strings.Repeat("a", client.MaxAlertNote+1)).deliver().
		expect("The note has more than 500 characters.").expectNoCall("close ")
	b.Press("backspace").wait(2*time.Second).Press("enter").deliver().
		expectCalls("close "+privacyAlert(0).ID+": "+strings.Repeat("a", client.MaxAlertNote), 1)
}

// Enter that is held down, or typed ahead of the dialog, closes nothing.
func TestPrivacyAlerts_KeyHeldOrTypedAhead(t *testing.T) {
	b := newFixture(t).toAlerts(1)
	b.Press("enter", "x").Typed("confirmed").Press("enter").deliver().expect("Say what came of it").
		expectNoCall("close ")
	b.hold("enter", 3*time.Second).deliver().expect("Say what came of it").expectNoCall("close ")
	b.wait(2 * time.Second).Press("enter").deliver().expect("closed 22-Nov-2026")

	b = newFixture(t).toNote(1)
	b.sessions.closeErr = &client.Error{Kind: client.TimedOut}
	b.closes("confirmed").deliver().expect("Code for support").wait(act.KeyDelay / 2).Press("enter").deliver()
	b.expectCalls("close "+privacyAlert(0).ID+": confirmed", 1)
}

// A failure leaves the alert open and says why. The same note can be sent again.
func TestPrivacyAlerts_CloseFailed(t *testing.T) {
	b := newFixture(t).toNote(1)
	b.sessions.closeErr = &client.Error{Kind: client.TimedOut}
	b.closes("Emergency confirmed").deliver().expect("The hub did not answer in time.", "Code for support: H12",
		"It is still open here.", "Emergency confirmed").expectNot("closed 22")
	b.Press("esc").expect("x close the alert").expectNot("closed 22").Press("x").expectNot("Emergency confirmed")
	b.sessions.closeErr = nil
	b.wait(2 * time.Second).closes("Emergency confirmed").deliver().expect("closed 22-Nov-2026")
	b.expectCalls("close "+privacyAlert(0).ID+": Emergency confirmed", 2)
}

// If somebody else has closed the alert, the screen says so and lists the alerts again.
func TestPrivacyAlerts_ClosedByAnother(t *testing.T) {
	b := newFixture(t).toNote(1)
	b.sessions.closeErr = &client.Error{Kind: client.AlertClosed, Status: 409}
	b.sessions.alerts.Alerts[0] = closedAlert(0, "done")
	b.closes("Emergency confirmed").deliver().expect("This privacy alert was closed before.", "No open alerts")
	b.Press("l").deliver().expect("Alerts: 2", "closed", "by PLACEHOLDER").expectNot("was closed before")
}

// Nothing of an alert or a note is left when a session ends, and a late answer is not shown.
func TestPrivacyAlerts_NothingStaysAfterASession(t *testing.T) {
	gone := []string{"999 000", "EXAMPLE, Ben", "unconscious", "ruled out"}
	for name, end := range map[string]func(*modelTest){
		"lock":     func(b *modelTest) { b.Press("ctrl+l").expect("Locked.") },
		"idle":     func(b *modelTest) { b.wait(16 * time.Minute).tick().expect("Locked") },
		"card out": func(b *modelTest) { b.cardOut().expect("Card removed.") },
	} {
		t.Run(name, func(t *testing.T) {
			for _, to := range []func(*modelTest){
				func(b *modelTest) { b.toAlerts(2) },
				func(b *modelTest) { b.toAlerts(2).Press("enter") },
				func(b *modelTest) { b.toNote(2).Typed("ruled out") },
				func(b *modelTest) { b.toNote(2).closes("ruled out") },
				func(b *modelTest) { b.alertOfficer(2).signIn().Press("esc", "v", "4") },
			} {
				b := newFixture(t)
				to(b)
				screens := b.m.Screens
				late := b.queued
				b.queued = nil
				end(b)
				b.queued = append(b.queued, late...)
				b.deliver().expectNot(gone...)
				for _, s := range screens {
					if shown := fmt.Sprintf("%+v", s); strings.Contains(shown, "unconscious") ||
						strings.Contains(shown, "ruled out") {
						t.Errorf("the screen still has an alert or its note: %.300s", shown)
					}
				}
			}
		})
	}
}

// Every alert is reached with the keys for pages.
func TestPrivacyAlerts_EveryAlertIsReachable(t *testing.T) {
	b := newFixtureSize(t, 60, 20).toAlerts(60)
	seen := ""
	for range 60 {
		seen += b.text()
		b.Press("pgdown")
	}
	for i := range 60 {
		if when := nhs.Instant(privacyAlert(i).At, time.UTC); !strings.Contains(seen, when) {
			t.Errorf("the alert of %s was not shown", when)
		}
	}
}

// In the smallest window, every word of a long reason and a long note can be scrolled to.
func TestPrivacyAlerts_LongNote(t *testing.T) {
	b := newFixtureSize(t, 60, 20)
	b.alertOfficer(0)
	var words []string
	for i := range 60 {
		words = append(words, fmt.Sprintf("word%02d", i))
	}
	b.sessions.alerts.Alerts[0] = closedAlert(0, strings.Join(words, " "))
	b.signIn().Press("esc", "v", "4").deliver().Press("l").deliver().expect("MORE: Enter").Press("enter").
		expect("MORE BELOW: PgDn")
	seen := ""
	for range 10 {
		seen += b.text()
		b.Press("pgdown")
	}
	for _, word := range append(words, "unconscious", "session") {
		if !strings.Contains(seen, word) {
			t.Errorf("%q was not shown", word)
		}
	}
}

// TestPrivacyAlerts_SmallestScreen compares the screens in the smallest window with golden files.
func TestPrivacyAlerts_SmallestScreen(t *testing.T) {
	for _, s := range privacyAlertStates() {
		t.Run(s.name, func(t *testing.T) {
			b := newFixtureSize(t, 60, 20)
			s.get(b)
			golden.RequireEqual(t, []byte(b.grid().Text()+"\n"))
		})
	}
}

func TestPrivacyAlerts_InLines(t *testing.T) {
	h := hear(t)
	h.alertOfficer(25)
	h.card().Answered().types(code).Answered()
	h.types("/privacy").expectSaid("4. Privacy alerts: views without the patient's permission.")
	h.types("4").Answered()
	h.expectSaid("Open alerts: 25, the newest first, up to 22-Nov-2026",
		"1. When 22-Nov-2026 14:05, Person EXAMPLE, Ben",
		"NHS No. 999 000 0018, Cause emergency, State open.", "20. When", "More rows follow", "the number of an alert")
	h.types("page down").expectSaid("25. When")
	h.types("26").expectSaid("That is no number of the list.")
	h.types("2").expectSaid("Privacy alert.", "Reason unconscious, nobody with the patient.",
		"National not yet sent to the national service (no answer in time).", "session 5f4b6c1a.")
	h.types("close").expectSaid("Close the privacy alert: ", "Note about what came of it")
	h.wait(2 * time.Second)
	h.types("12").expectSaid("Type a note in words.")
	h.wait(2 * time.Second)
	h.types(strings.Repeat("long ", 101)).expectSaid("The note has more than 500 characters.")
	h.wait(2 * time.Second)
	h.types("Ward asked: an emergency").Answered()
	h.expectSaid("State closed 22-Nov-2026 14:05 by SAMPLE, Ada (Ms)", "Note Ward asked: an emergency.")
	h.expectCalls("close "+privacyAlert(1).ID+": Ward asked: an emergency", 1)
	h.types("close").expectSaid(`There is no command "close" here.`)
	h.types("back").expectSaid("21. When 21-Nov-2026 18:05").types("closed").Answered()
	h.expectSaid("Alerts: 26, the newest first").types("back").expectSaid("First day, all if left empty:")
	h.pulled().expectSaid("Earlier lines may still name a patient", "Card removed. Session ended.")
}

// Pasted lines close nothing.
func TestPrivacyAlerts_LinesPasted(t *testing.T) {
	h := hear(t)
	h.alertOfficer(1)
	h.card().Answered().types(code).Answered()
	h.types("/privacy").types("4").Answered()
	h.run(h.l.Input([]byte("1\nclose\nconfirmed\nconfirmed\n")))
	h.Answered()
	h.expectNoCall("close ")
}
