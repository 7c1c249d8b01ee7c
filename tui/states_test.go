package tui

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/browser"
	"wardlight/internal/hours"
	"wardlight/internal/nhs"
	"wardlight/internal/sealed"
	"wardlight/internal/worklist"
	"wardlight/rbac"
	"wardlight/tui/shell"
)

// state is a state of the program that a user can see, and how to reach it.
type state struct {
	name string
	get  func(b *modelTest)
}

func roles(b *modelTest, usable, all []rbac.RoleProfile) *modelTest {
	b.sessions.in.Usable, b.sessions.in.Roles = usable, all
	return b
}

// states returns all screens in all their states. The golden files are drawn from them, and the invariants are checked
// in each.
func states() []state {
	return append(slices.Concat(flagStates(), summaryStates(), privacyAlertStates()), []state{
		{"waiting-looking", func(*modelTest) {}},
		{"waiting-no-service", func(b *modelTest) {
			b.event(cardreader.Event{Kind: cardreader.ServiceLost, Err: &cardreader.Error{
				Kind: cardreader.ServiceDown,
				PCSC: 0x8010001D,
			}})
		}},
		{"waiting-no-reader", func(b *modelTest) { b.event(cardreader.Event{Kind: cardreader.ReadersChanged}) }},
		{"waiting-no-card", func(b *modelTest) {
			b.m.Hint = []string{
				"Demo: the passcode is 246810. Try NHS number 999 000 0018,",
				"or family name Example, born 04-03-2016.",
			}
			b.event(cardreader.Event{Kind: cardreader.ReadersChanged, Readers: []cardreader.Reader{{Name: reader}}})
		}},
		{"waiting-unreadable", func(b *modelTest) {
			b.event(cardreader.Event{Kind: cardreader.ReadersChanged, Readers: []cardreader.Reader{{Name: reader}}})
			b.event(cardreader.Event{
				Kind: cardreader.CardUnreadable, Reader: reader,
				Err: &cardreader.Error{Kind: cardreader.Mute},
			})
		}},
		{"waiting-session-ended", func(b *modelTest) { b.toPatient(tess).cardOut() }},
		{"passcode-reading", func(b *modelTest) { b.cardIn() }},
		{"passcode-held-up", func(b *modelTest) { b.cardIn().cardBlocked() }},
		{"passcode", func(b *modelTest) { b.cardIn().deliver().Typed("1357") }},
		{"passcode-wrong", func(b *modelTest) {
			b.sessions.signInErr = &cardreader.Error{Kind: cardreader.WrongPasscode, Tries: 2, SW: 0x63C2}
			b.cardIn().deliver().Typed("111111").Press("enter").deliver()
		}},
		{"passcode-last-try", func(b *modelTest) {
			b.sessions.signInErr = &cardreader.Error{Kind: cardreader.WrongPasscode, Tries: 1, SW: 0x63C1}
			b.cardIn().deliver().Typed("111111").Press("enter").deliver()
		}},
		{"passcode-locked", func(b *modelTest) {
			b.sessions.signInErr = &cardreader.Error{Kind: cardreader.Locked, SW: 0x6983}
			b.cardIn().deliver().Typed("111111").Press("enter").deliver()
		}},
		{"passcode-certificate-ended", func(b *modelTest) {
			b.sessions.card.NotAfter = start().AddDate(0, -1, 0)
			b.sessions.cardErr = &cardreader.Error{
				Kind:   cardreader.CertificateEnded,
				Detail: "Your certificate ended on 22-Oct-2026.",
			}
			b.cardIn().deliver()
		}},
		{"passcode-ends-soon", func(b *modelTest) {
			b.sessions.card.NotAfter = start().AddDate(0, 0, 12).Add(time.Minute)
			b.cardIn().deliver()
		}},
		{"passcode-hub-down", func(b *modelTest) {
			b.sessions.signInErr = &client.Error{Kind: client.Unreachable}
			b.cardIn().deliver().Typed(code).Press("enter").deliver()
		}},
		{"passcode-among-cards", func(b *modelTest) {
			badge(b, "Badge Pad")
			b.insertedIn("Badge Pad").cardIn().deliver()
		}},
		{"which-card", func(b *modelTest) {
			colleague(b, "Wall Reader 00 00")
			b.insertedIn("Wall Reader 00 00").cardIn().deliver().Press("down")
		}},
		{"passcode-on-reader", func(b *modelTest) { b.sessions.card.OnReader = true; b.cardIn().deliver() }},
		{"passcode-typing-on-reader", func(b *modelTest) {
			b.sessions.card.OnReader = true
			b.cardIn().deliver().Press("enter")
		}},
		{"passcode-signing-in", func(b *modelTest) { b.cardIn().deliver().Typed(code).Press("enter") }},
		{"role-choose", func(b *modelTest) {
			roles(b, []rbac.RoleProfile{nurse(), midwife()}, []rbac.RoleProfile{nurse(), midwife(), clerk()}).signIn().
				Press("down")
		}},
		{"role-none-usable", func(b *modelTest) { roles(b, nil, []rbac.RoleProfile{clerk()}).signIn() }},
		{"role-none", func(b *modelTest) { roles(b, nil, nil).signIn() }},
		{"role-none-by-browser", func(b *modelTest) { roles(b, nil, nil).Press("ctrl+o").deliver() }},
		{"browser", func(b *modelTest) { b.Press("ctrl+o") }},
		{"browser-over-ssh", func(b *modelTest) {
			b.sessions.browserErr = browser.System{Environ: []string{"SSH_TTY=/dev/pts/1"}}.Available()
			b.Press("ctrl+o").deliver()
		}},
		{"browser-not-offered", func(b *modelTest) {
			b.sessions.browserErr = &client.Error{
				Kind: client.BrowserNotOffered, Status: 400, SpineCode: "browser_not_offered",
			}
			b.Press("ctrl+o").deliver()
		}},
		{"find", func(b *modelTest) { b.signIn() }},
		{"find-errors", func(b *modelTest) {
			b.signIn().Press("tab").Typed("E*").Press("tab").Typed("31-02-2016").Press("ctrl+e", "tab", "tab", "tab").
				Typed("LS1").Press("enter")
		}},
		{"find-number-error", func(b *modelTest) { b.signIn().Typed("9990000019").Press("enter") }},
		{"find-out-of-fields", func(b *modelTest) { b.signIn().Press("esc") }},
		{"find-searching", func(b *modelTest) { byName(b) }},
		{"find-nobody", func(b *modelTest) { b.sessions.found = client.Found{}; byName(b).deliver() }},
		{"find-too-many", func(b *modelTest) { b.sessions.found = client.Found{TooMany: true}; byName(b).deliver() }},
		{"find-more", func(b *modelTest) {
			b.signIn().Press("tab").Typed("Ex*").Press("tab").Typed("1-3-2016").Press("ctrl+e").Typed("Tess")
		}},
		{"find-folded", func(b *modelTest) {
			b.signIn().Press("ctrl+e").Typed("Tess").Press("tab").Typed("31-3-2016").Press("tab", "right", "tab").
				Typed("LS1*").Press("ctrl+e")
		}},
		{"find-number-wrong-digit", func(b *modelTest) { b.signIn().Typed("9990000019") }},
		{"find-wider-lacks", func(b *modelTest) {
			b.sessions.found = client.Found{}
			byName(b).deliver().Press("ctrl+f")
		}},
		{"find-wider-nobody", func(b *modelTest) {
			b.sessions.found = client.Found{}
			byName(b).deliver().Press("ctrl+e").Typed("Tess").Press("ctrl+f").deliver()
		}},
		{"find-nobody-by-all", func(b *modelTest) {
			b.sessions.found = client.Found{}
			b.signIn().Press("tab").Typed("Example").Press("tab").Typed("1-3-2016").Press("ctrl+e").Typed("Tess").
				Press("tab").Typed("31-3-2016").
				Press("tab", "right", "tab").Typed("LS1*").Press("enter").deliver()
		}},
		{"find-range", func(b *modelTest) {
			b.sessions.found = client.Found{}
			b.signIn().Press("tab").Typed("Example").Press("tab").Typed("age 3-5").Press("enter").deliver()
		}},
		{"find-unclear", func(b *modelTest) {
			b.signIn().Press("tab").Typed("Example").Press("tab").Typed("3-5").Press("enter")
		}},
		{"find-nobody-died", func(b *modelTest) {
			b.sessions.found = client.Found{}
			b.signIn().Press("tab").Typed("Example").Press("tab").Typed("2016").Press("ctrl+e", "tab", "tab", "tab",
				"tab").Typed("2020").Press("enter").deliver()
		}},
		{"find-died-before-birth", func(b *modelTest) {
			b.signIn().Press("tab").Typed("Example").Press("tab").Typed("4-3-2016").Press("ctrl+e", "tab", "tab", "tab",
				"tab").Typed("2015").Press("enter")
		}},
		{"find-back-from-results", func(b *modelTest) { byName(b).deliver().Press("esc") }},
		{"results-wider", func(b *modelTest) {
			byName(b).deliver().Press("esc", "ctrl+e").Typed("Tess")
			b.sessions.found = client.Found{Rows: []client.Patient{tessRecord(), samRecord()}}
			b.Press("ctrl+f").deliver()
		}},
		{"find-failed", func(b *modelTest) {
			b.sessions.findErr = &client.Error{Kind: client.TimedOut}
			byName(b).deliver()
		}},
		{"find-number-unknown", func(b *modelTest) {
			b.sessions.recordErr = &client.Error{Kind: client.NotFound, Status: 404, SpineCode: "RESOURCE_NOT_FOUND"}
			b.toPatient(tess)
		}},
		{"results", func(b *modelTest) { byName(b).deliver() }},
		{"results-many", func(b *modelTest) {
			long := tessRecord()
			long.Family, long.Given, long.Restricted = "Featherstonehaugh-Cholmondeley",
				[]string{"Maximiliana", "Alexandrina"}, true
			dead := samRecord()
			dead.Died = nhs.Date{Year: 2025, Month: time.May, Day: 1}
			b.sessions.found.Rows = []client.Patient{tessRecord(), long, dead}
			for range 30 {
				b.sessions.found.Rows = append(b.sessions.found.Rows, samRecord())
			}
			byName(b).deliver().Press("down", "down")
		}},
		{"patient-asking", func(b *modelTest) { b.signIn().Typed(tess.Digits()).Press("enter") }},
		{"patient-alert", func(b *modelTest) { b.toPatient(tess) }},
		{"patient-alert-silent", func(b *modelTest) {
			roles(b, []rbac.RoleProfile{midwife()}, []rbac.RoleProfile{midwife()}).toPatient(tess)
		}},
		{"patient-none-recorded", func(b *modelTest) { b.toPatient(sam) }},
		{"patient-could-not-check", func(b *modelTest) {
			b.sessions.lamps[tess] = client.Lamp{
				Number: tess, State: client.CouldNotCheck,
				Err: &client.Error{Kind: client.TimedOut},
			}
			b.toPatient(tess)
		}},
		{"patient-opening-asks", func(b *modelTest) { b.openingAsks(); b.toPatient(tess) }},
		{"patient-opening-asks-scheduled", func(b *modelTest) {
			b.openingAsks()
			roles(b, []rbac.RoleProfile{midwife()}, []rbac.RoleProfile{midwife()}).toPatient(tess)
		}},
		{"patient-query-timed-out", func(b *modelTest) {
			b.openingAsks()
			b.sessions.openErr = &client.Error{
				Kind: client.NationalTimedOut, Detail: "Spine did not answer in time.", Status: 503, MayBeTold: true,
				OutcomeUnknown: true,
			}
			b.toOpened()
		}},
		{"patient-query-none-recorded", func(b *modelTest) {
			b.openingAsks()
			b.sessions.opened.Plans = nil
			b.toOpened()
		}},
		{"patient-query-opened-before", func(b *modelTest) { b.openingAsks(); b.toOpened().Press("esc") }},
		{"patient-no-record", func(b *modelTest) {
			b.sessions.recordErr = &client.Error{Kind: client.Failing, Status: 503}
			b.toPatient(tess)
		}},
		{"patient-record-missing", func(b *modelTest) { b.noRecord(); b.toPatient(tess) }},
		{"opened-record-missing", func(b *modelTest) { b.noRecord(); b.toOpened() }},
		{"patient-superseded", func(b *modelTest) {
			p := tessRecord()
			p.AskedFor = oldNum
			b.sessions.records[oldNum] = p
			b.toPatient(oldNum)
		}},
		{"patient-died", func(b *modelTest) {
			p := samRecord()
			p.Died = nhs.Date{Year: 2026, Month: time.October, Day: 2}
			b.sessions.records[sam] = p
			b.toPatient(sam)
		}},
		{"patient-bare", func(b *modelTest) {
			b.sessions.records[sam] = client.Patient{Number: sam}
			b.toPatient(sam)
		}},
		{"patient-opening", func(b *modelTest) { b.toPatient(tess).wait(time.Second).Press("o") }},
		{"patient-open-failed", func(b *modelTest) {
			b.sessions.openErr = &client.Error{Kind: client.TimedOut, OutcomeUnknown: true}
			b.toOpened()
		}},
		{"opened", func(b *modelTest) { b.toOpened() }},
		{"opened-ended-plan", func(b *modelTest) { b.toOpened().Press("down") }},
		{"opened-office-hours", func(b *modelTest) { b.now = b.now.Add(20 * time.Hour); b.toOpened() }},
		{"opened-bank-holiday", func(b *modelTest) {
			b.now = time.Date(2026, time.December, 28, 10, 0, 0, 0, time.UTC)
			b.toOpened()
		}},
		{"opened-no-duty-team", func(b *modelTest) { b.sessions.opened.Plans[0].EmergencyPhone = ""; b.toOpened() }},
		{"opened-long-hours", func(b *modelTest) {
			w, _ := hours.ParseWeek("Mon-Thu 08:30-12:30 13:15-17:00, Fri 08:30-16:30")
			b.m.Office = hours.New(w, nil, nil)
			b.toOpened()
		}},
		{"opened-one-plan-silent", func(b *modelTest) {
			roles(b, []rbac.RoleProfile{midwife()}, []rbac.RoleProfile{midwife()})
			opened := &b.sessions.opened
			opened.Plans, opened.Accesses, opened.Notifies = opened.Plans[:1], nil, false
			b.toOpened()
		}},
		{"opened-much", func(b *modelTest) {
			p := b.sessions.records[tess]
			p.Family, p.Given = "Featherstonehaugh-Cholmondeley", []string{"Maximiliana", "Alexandrina", "Theodora"}
			b.sessions.records[tess] = p
			plan := b.sessions.opened.Plans[0]
			plan.Authority = "V997 - BOURNEMOUTH, CHRISTCHURCH AND POOLE EXAMPLE COUNCIL, CHILDREN AND FAMILIES"
			b.sessions.opened.Plans = append([]client.Plan{plan, plan, plan, plan}, b.sessions.opened.Plans...)
			b.toOpened().Press("down", "down", "down")
		}},
		{"opened-no-plans", func(b *modelTest) {
			b.sessions.opened.Plans, b.sessions.opened.Accesses, b.sessions.opened.Notifies = nil, nil, false
			b.toOpened()
		}},
		{"opened-no-list", func(b *modelTest) {
			b.sessions.opened.Accesses, b.sessions.opened.ListErr = nil, &client.Error{
				Kind:   client.Failing,
				Status: 503,
			}
			b.toOpened()
		}},
		{"patient-opened-before", func(b *modelTest) { b.toOpened().Press("esc") }},
		{"help", func(b *modelTest) { b.toPatient(tess).Press("?") }},
		{"diagnostics", func(b *modelTest) { b.cardIn().deliver().Press("esc", "d").deliver() }},
		{"diagnostics-no-service", func(b *modelTest) {
			b.event(cardreader.Event{Kind: cardreader.ServiceLost, Err: &cardreader.Error{
				Kind: cardreader.ServiceDown,
				PCSC: 0x8010001D,
			}})
			b.Press("d").deliver()
		}},
		{"diagnostics-asking", func(b *modelTest) { b.cardIn().Press("esc", "d") }},
		{"diagnostics-hub-down", func(b *modelTest) {
			b.hub = client.ProbeResult{
				Address: "https://hub.example", Host: "hub.example",
				Err: &client.Error{Kind: client.Unreachable},
			}
			b.cardIn().deliver().Press("esc", "d").deliver()
		}},
		{"diagnostics-refused", func(b *modelTest) {
			b.sessions.signInErr = &client.Error{
				Kind: client.CertificateRevoked, Status: 400,
				SpineCode: "certificate_revoked",
			}
			b.cardIn().deliver().Typed(code).Press("enter").deliver().Press("esc", "d").deliver()
		}},
		{"diagnostics-chosen", func(b *modelTest) {
			b.cardIn().deliver().Press("esc", "d").deliver().Press("up", "up", "down", "down", "down", "down")
		}},
		{"worklist-looking", func(b *modelTest) { b.toWorklist() }},
		{"worklist-form", func(b *modelTest) { b.toWorklist().deliver().Typed("/home/ada/waiting-room.csv") }},
		{"worklist-form-empty", func(b *modelTest) { b.toWorklist().deliver().Press("enter") }},
		{"worklist-no-file", func(b *modelTest) {
			b.savedLists.readErr = &worklist.ParseError{
				Problem: "There is no such file.",
				Remedy:  "Check its name and folder.",
			}
			b.toWorklist().deliver().Typed("x").Press("enter").deliver()
		}},
		{"worklist-kept", func(b *modelTest) { b.savedList("555000000111"); b.toWorklist().deliver() }},
		{"worklist-kept-of-another", func(b *modelTest) {
			b.savedList("555000000112")
			b.toWorklist().deliver().Press("tab")
		}},
		{"worklist-replace", func(b *modelTest) {
			b.savedList("555000000111")
			b.toWorklist().deliver().Press("tab").Typed("x").Press("enter").deliver()
		}},
		{"worklist-checking", func(b *modelTest) {
			b.toList()
			b.send(takeQueued[shell.ListSavedMsg](b))
			b.send(takeQueued[shell.ListReplyMsg](b))
		}},
		{"worklist", func(b *modelTest) { b.toList().deliver() }},
		{"worklist-in-file-order", func(b *modelTest) { b.toList().deliver().Press("s", "down", "down") }},
		{"worklist-not-a-number", func(b *modelTest) { b.toList().deliver().Press("s", "end", "up") }},
		{"worklist-could-not-check", func(b *modelTest) { b.toList().deliver().Press("down") }},
		{"worklist-old", func(b *modelTest) {
			b.toList().deliver().wait(25 * time.Hour)
			b.m.LastKey = b.now
			b.Press("home")
		}},
		{"worklist-record-missing", func(b *modelTest) {
			b.sessions.lamps[tess] = client.Lamp{Number: tess, State: client.Alert, AsOf: start(), RecordMissing: true}
			b.toList().deliver()
		}},
		{"worklist-hub-down", func(b *modelTest) {
			b.savedLists.saveErr = &sealed.Error{Kind: sealed.NoKeyring}
			b.sessions.lampErr = &client.Error{Kind: client.Unreachable}
			b.toList().deliver()
		}},
		{"worklist-signed-out", func(b *modelTest) {
			b.sessions.lampErr = &client.Error{Kind: client.SignedOut, Status: 401}
			b.toList().deliver()
		}},
		{"worklist-remove", func(b *modelTest) { b.toList().deliver().Press("x") }},
		{"worklist-patient", func(b *modelTest) { b.toList().deliver().wait(time.Second).Press("enter").deliver() }},
		{"worklist-long", func(b *modelTest) {
			b.savedLists.patients = worklistOf(40)
			b.toWorklist().deliver().Typed("x").Press("enter").deliver().Press("pgdown", "pgdown")
		}},
		{"idle-warning", func(b *modelTest) { b.toPatient(tess).wait(13*time.Minute + time.Second).tick() }},
		{"idle-locked", func(b *modelTest) { b.toPatient(tess).wait(15 * time.Minute).tick().deliver() }},
		{"quit-asks", func(b *modelTest) { b.toPatient(tess).Press("q") }},
		{"too-small", func(b *modelTest) { b.toPatient(tess).send(tea.WindowSizeMsg{Width: 50, Height: 15}) }},
	}...)
}

// byName sends a search by name; its answer is queued.
func byName(b *modelTest) *modelTest {
	return b.signIn().Press("tab").Typed("Example").Press("tab").Typed("4-3-2016").Press("enter")
}

// tick sends the message of the newest timer.
func (b *modelTest) tick() *modelTest {
	b.t.Helper()
	return b.send(b.timers[len(b.timers)-1])
}
