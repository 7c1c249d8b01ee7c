package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/cardreader"
	"wardlight/client"
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
	get  func(b *bench)
}

func roles(b *bench, usable, all []rbac.RoleProfile) *bench {
	b.desk.in.Usable, b.desk.in.Roles = usable, all
	return b
}

// states returns all screens in all their states. The golden files are drawn from them, and the invariants are checked
// in each.
func states() []state {
	return append(flagStates(), []state{
		{"waiting-looking", func(*bench) {}},
		{"waiting-no-service", func(b *bench) {
			b.event(cardreader.Event{Kind: cardreader.ServiceLost, Err: &cardreader.Error{Kind: cardreader.ServiceDown, PCSC: 0x8010001D}})
		}},
		{"waiting-no-reader", func(b *bench) { b.event(cardreader.Event{Kind: cardreader.ReadersChanged}) }},
		{"waiting-no-card", func(b *bench) {
			b.m.Hint = []string{"Demo: the passcode is 246810. Try NHS number 999 000 0018,", "or family name Example, born 04-03-2016."}
			b.event(cardreader.Event{Kind: cardreader.ReadersChanged, Readers: []cardreader.Reader{{Name: reader}}})
		}},
		{"waiting-unreadable", func(b *bench) {
			b.event(cardreader.Event{Kind: cardreader.ReadersChanged, Readers: []cardreader.Reader{{Name: reader}}})
			b.event(cardreader.Event{Kind: cardreader.CardUnreadable, Reader: reader, Err: &cardreader.Error{Kind: cardreader.Mute}})
		}},
		{"waiting-session-ended", func(b *bench) { b.toPatient(tess).cardOut() }},
		{"passcode-reading", func(b *bench) { b.cardIn() }},
		{"passcode-held-up", func(b *bench) { b.cardIn().HeldUp() }},
		{"passcode", func(b *bench) { b.cardIn().answer().Typed("1357") }},
		{"passcode-wrong", func(b *bench) {
			b.desk.signInErr = &cardreader.Error{Kind: cardreader.WrongPasscode, Tries: 2, SW: 0x63C2}
			b.cardIn().answer().Typed("111111").Press("enter").answer()
		}},
		{"passcode-last-try", func(b *bench) {
			b.desk.signInErr = &cardreader.Error{Kind: cardreader.WrongPasscode, Tries: 1, SW: 0x63C1}
			b.cardIn().answer().Typed("111111").Press("enter").answer()
		}},
		{"passcode-locked", func(b *bench) {
			b.desk.signInErr = &cardreader.Error{Kind: cardreader.Locked, SW: 0x6983}
			b.cardIn().answer().Typed("111111").Press("enter").answer()
		}},
		{"passcode-certificate-ended", func(b *bench) {
			b.desk.card.Ends = start().AddDate(0, -1, 0)
			b.desk.cardErr = &cardreader.Error{Kind: cardreader.CertificateEnded, Detail: "Your certificate ended on 22-Oct-2026."}
			b.cardIn().answer()
		}},
		{"passcode-ends-soon", func(b *bench) {
			b.desk.card.Ends = start().AddDate(0, 0, 12).Add(time.Minute)
			b.cardIn().answer()
		}},
		{"passcode-hub-down", func(b *bench) {
			b.desk.signInErr = &client.Error{Kind: client.Unreachable}
			b.cardIn().answer().Typed(code).Press("enter").answer()
		}},
		{"passcode-among-cards", func(b *bench) {
			badge(b, "Badge Pad")
			b.insertedIn("Badge Pad").cardIn().answer()
		}},
		{"which-card", func(b *bench) {
			colleague(b, "Wall Reader 00 00")
			b.insertedIn("Wall Reader 00 00").cardIn().answer().Press("down")
		}},
		{"passcode-on-reader", func(b *bench) { b.desk.card.OnReader = true; b.cardIn().answer() }},
		{"passcode-typing-on-reader", func(b *bench) { b.desk.card.OnReader = true; b.cardIn().answer().Press("enter") }},
		{"passcode-signing-in", func(b *bench) { b.cardIn().answer().Typed(code).Press("enter") }},
		{"role-choose", func(b *bench) {
			roles(b, []rbac.RoleProfile{nurse(), midwife()}, []rbac.RoleProfile{nurse(), midwife(), clerk()}).signIn().Press("down")
		}},
		{"role-none-usable", func(b *bench) { roles(b, nil, []rbac.RoleProfile{clerk()}).signIn() }},
		{"role-none", func(b *bench) { roles(b, nil, nil).signIn() }},
		{"find", func(b *bench) { b.signIn() }},
		{"find-errors", func(b *bench) {
			b.signIn().Press("tab").Typed("E*").Press("tab").Typed("31-02-2016").Press("ctrl+e", "tab", "tab", "tab").Typed("LS1").Press("enter")
		}},
		{"find-number-error", func(b *bench) { b.signIn().Typed("9990000019").Press("enter") }},
		{"find-out-of-fields", func(b *bench) { b.signIn().Press("esc") }},
		{"find-searching", func(b *bench) { byName(b) }},
		{"find-nobody", func(b *bench) { b.desk.found = client.Found{}; byName(b).answer() }},
		{"find-too-many", func(b *bench) { b.desk.found = client.Found{TooMany: true}; byName(b).answer() }},
		{"find-more", func(b *bench) {
			b.signIn().Press("tab").Typed("Ex*").Press("tab").Typed("1-3-2016").Press("ctrl+e").Typed("Tess")
		}},
		{"find-folded", func(b *bench) {
			b.signIn().Press("ctrl+e").Typed("Tess").Press("tab").Typed("31-3-2016").Press("tab", "right", "tab").Typed("LS1*").Press("ctrl+e")
		}},
		{"find-number-wrong-digit", func(b *bench) { b.signIn().Typed("9990000019") }},
		{"find-wider-lacks", func(b *bench) { b.desk.found = client.Found{}; byName(b).answer().Press("ctrl+f") }},
		{"find-wider-nobody", func(b *bench) {
			b.desk.found = client.Found{}
			byName(b).answer().Press("ctrl+e").Typed("Tess").Press("ctrl+f").answer()
		}},
		{"find-nobody-by-all", func(b *bench) {
			b.desk.found = client.Found{}
			b.signIn().Press("tab").Typed("Example").Press("tab").Typed("1-3-2016").Press("ctrl+e").Typed("Tess").Press("tab").Typed("31-3-2016").
				Press("tab", "right", "tab").Typed("LS1*").Press("enter").answer()
		}},
		{"find-range", func(b *bench) {
			b.desk.found = client.Found{}
			b.signIn().Press("tab").Typed("Example").Press("tab").Typed("age 3-5").Press("enter").answer()
		}},
		{"find-unclear", func(b *bench) { b.signIn().Press("tab").Typed("Example").Press("tab").Typed("3-5").Press("enter") }},
		{"find-nobody-died", func(b *bench) {
			b.desk.found = client.Found{}
			b.signIn().Press("tab").Typed("Example").Press("tab").Typed("2016").Press("ctrl+e", "tab", "tab", "tab", "tab").Typed("2020").Press("enter").answer()
		}},
		{"find-died-before-birth", func(b *bench) {
			b.signIn().Press("tab").Typed("Example").Press("tab").Typed("4-3-2016").Press("ctrl+e", "tab", "tab", "tab", "tab").Typed("2015").Press("enter")
		}},
		{"find-back-from-results", func(b *bench) { byName(b).answer().Press("esc") }},
		{"results-wider", func(b *bench) {
			byName(b).answer().Press("esc", "ctrl+e").Typed("Tess")
			b.desk.found = client.Found{Rows: []client.Patient{tessRecord(), samRecord()}}
			b.Press("ctrl+f").answer()
		}},
		{"find-failed", func(b *bench) {
			b.desk.findErr = &client.Error{Kind: client.TimedOut}
			byName(b).answer()
		}},
		{"find-number-unknown", func(b *bench) {
			b.desk.recordErr = &client.Error{Kind: client.NotFound, Status: 404, SpineCode: "RESOURCE_NOT_FOUND"}
			b.toPatient(tess)
		}},
		{"results", func(b *bench) { byName(b).answer() }},
		{"results-many", func(b *bench) {
			long := tessRecord()
			long.Family, long.Given, long.Restricted = "Featherstonehaugh-Cholmondeley", []string{"Maximiliana", "Alexandrina"}, true
			dead := samRecord()
			dead.Died = nhs.Date{Year: 2025, Month: time.May, Day: 1}
			b.desk.found.Rows = []client.Patient{tessRecord(), long, dead}
			for range 30 {
				b.desk.found.Rows = append(b.desk.found.Rows, samRecord())
			}
			byName(b).answer().Press("down", "down")
		}},
		{"patient-asking", func(b *bench) { b.signIn().Typed(tess.Digits()).Press("enter") }},
		{"patient-alert", func(b *bench) { b.toPatient(tess) }},
		{"patient-alert-silent", func(b *bench) {
			roles(b, []rbac.RoleProfile{midwife()}, []rbac.RoleProfile{midwife()}).toPatient(tess)
		}},
		{"patient-none-recorded", func(b *bench) { b.toPatient(sam) }},
		{"patient-could-not-check", func(b *bench) {
			b.desk.lamps[tess] = client.Lamp{Number: tess, State: client.CouldNotCheck, Err: &client.Error{Kind: client.TimedOut}}
			b.toPatient(tess)
		}},
		{"patient-no-record", func(b *bench) { b.desk.recordErr = &client.Error{Kind: client.Failing, Status: 503}; b.toPatient(tess) }},
		{"patient-record-missing", func(b *bench) { b.noRecord(); b.toPatient(tess) }},
		{"opened-record-missing", func(b *bench) { b.noRecord(); b.toOpened() }},
		{"patient-superseded", func(b *bench) {
			p := tessRecord()
			p.AskedFor = oldNum
			b.desk.records[oldNum] = p
			b.toPatient(oldNum)
		}},
		{"patient-died", func(b *bench) {
			p := samRecord()
			p.Died = nhs.Date{Year: 2026, Month: time.October, Day: 2}
			b.desk.records[sam] = p
			b.toPatient(sam)
		}},
		{"patient-bare", func(b *bench) { b.desk.records[sam] = client.Patient{Number: sam}; b.toPatient(sam) }},
		{"patient-opening", func(b *bench) { b.toPatient(tess).wait(time.Second).Press("o") }},
		{"patient-open-failed", func(b *bench) {
			b.desk.openErr = &client.Error{Kind: client.TimedOut, Unsettled: true}
			b.toOpened()
		}},
		{"opened", func(b *bench) { b.toOpened() }},
		{"opened-ended-plan", func(b *bench) { b.toOpened().Press("down") }},
		{"opened-office-hours", func(b *bench) { b.now = b.now.Add(20 * time.Hour); b.toOpened() }},
		{"opened-bank-holiday", func(b *bench) { b.now = time.Date(2026, time.December, 28, 10, 0, 0, 0, time.UTC); b.toOpened() }},
		{"opened-no-duty-team", func(b *bench) { b.desk.opened.Plans[0].EmergencyPhone = ""; b.toOpened() }},
		{"opened-long-hours", func(b *bench) {
			w, _ := hours.ParseWeek("Mon-Thu 08:30-12:30 13:15-17:00, Fri 08:30-16:30")
			b.m.Office = hours.New(w, nil, nil)
			b.toOpened()
		}},
		{"opened-one-plan-silent", func(b *bench) {
			roles(b, []rbac.RoleProfile{midwife()}, []rbac.RoleProfile{midwife()})
			b.desk.opened.Plans, b.desk.opened.Accesses, b.desk.opened.Notifies = b.desk.opened.Plans[:1], nil, false
			b.toOpened()
		}},
		{"opened-much", func(b *bench) {
			p := b.desk.records[tess]
			p.Family, p.Given = "Featherstonehaugh-Cholmondeley", []string{"Maximiliana", "Alexandrina", "Theodora"}
			b.desk.records[tess] = p
			plan := b.desk.opened.Plans[0]
			plan.Authority = "V997 - BOURNEMOUTH, CHRISTCHURCH AND POOLE EXAMPLE COUNCIL, CHILDREN AND FAMILIES"
			b.desk.opened.Plans = append([]client.Plan{plan, plan, plan, plan}, b.desk.opened.Plans...)
			b.toOpened().Press("down", "down", "down")
		}},
		{"opened-no-plans", func(b *bench) {
			b.desk.opened.Plans, b.desk.opened.Accesses, b.desk.opened.Notifies = nil, nil, false
			b.toOpened()
		}},
		{"opened-no-list", func(b *bench) {
			b.desk.opened.Accesses, b.desk.opened.ListErr = nil, &client.Error{Kind: client.Failing, Status: 503}
			b.toOpened()
		}},
		{"patient-opened-before", func(b *bench) { b.toOpened().Press("esc") }},
		{"help", func(b *bench) { b.toPatient(tess).Press("?") }},
		{"diagnostics", func(b *bench) { b.cardIn().answer().Press("esc", "d").answer() }},
		{"diagnostics-no-service", func(b *bench) {
			b.event(cardreader.Event{Kind: cardreader.ServiceLost, Err: &cardreader.Error{Kind: cardreader.ServiceDown, PCSC: 0x8010001D}})
			b.Press("d").answer()
		}},
		{"diagnostics-asking", func(b *bench) { b.cardIn().Press("esc", "d") }},
		{"diagnostics-hub-down", func(b *bench) {
			b.hub = client.Probed{Address: "https://hub.example", Host: "hub.example", Err: &client.Error{Kind: client.Unreachable}}
			b.cardIn().answer().Press("esc", "d").answer()
		}},
		{"diagnostics-refused", func(b *bench) {
			b.desk.signInErr = &client.Error{Kind: client.CertificateRevoked, Status: 400, SpineCode: "certificate_revoked"}
			b.cardIn().answer().Typed(code).Press("enter").answer().Press("esc", "d").answer()
		}},
		{"diagnostics-chosen", func(b *bench) {
			b.cardIn().answer().Press("esc", "d").answer().Press("up", "up", "down", "down", "down", "down")
		}},
		{"worklist-looking", func(b *bench) { b.toWorklist() }},
		{"worklist-form", func(b *bench) { b.toWorklist().answer().Typed("/home/ada/waiting-room.csv") }},
		{"worklist-form-empty", func(b *bench) { b.toWorklist().answer().Press("enter") }},
		{"worklist-no-file", func(b *bench) {
			b.shelf.readErr = &worklist.ParseError{What: "There is no such file.", Do: "Check its name and folder."}
			b.toWorklist().answer().Typed("x").Press("enter").answer()
		}},
		{"worklist-kept", func(b *bench) { b.keptList("555000000111"); b.toWorklist().answer() }},
		{"worklist-kept-of-another", func(b *bench) { b.keptList("555000000112"); b.toWorklist().answer().Press("tab") }},
		{"worklist-replace", func(b *bench) {
			b.keptList("555000000111")
			b.toWorklist().answer().Press("tab").Typed("x").Press("enter").answer()
		}},
		{"worklist-checking", func(b *bench) { b.toList(); b.send(take[shell.ListSavedMsg](b)); b.send(take[shell.ListReplyMsg](b)) }},
		{"worklist", func(b *bench) { b.toList().answer() }},
		{"worklist-in-file-order", func(b *bench) { b.toList().answer().Press("s", "down", "down") }},
		{"worklist-not-a-number", func(b *bench) { b.toList().answer().Press("s", "end", "up") }},
		{"worklist-could-not-check", func(b *bench) { b.toList().answer().Press("down") }},
		{"worklist-old", func(b *bench) { b.toList().answer().wait(25 * time.Hour); b.m.LastKey = b.now; b.Press("home") }},
		{"worklist-record-missing", func(b *bench) {
			b.desk.lamps[tess] = client.Lamp{Number: tess, State: client.Alert, AsOf: start(), RecordMissing: true}
			b.toList().answer()
		}},
		{"worklist-hub-down", func(b *bench) {
			b.shelf.keepErr = &sealed.Error{Kind: sealed.NoKeyring}
			b.desk.lampErr = &client.Error{Kind: client.Unreachable}
			b.toList().answer()
		}},
		{"worklist-signed-out", func(b *bench) {
			b.desk.lampErr = &client.Error{Kind: client.SignedOut, Status: 401}
			b.toList().answer()
		}},
		{"worklist-remove", func(b *bench) { b.toList().answer().Press("x") }},
		{"worklist-patient", func(b *bench) { b.toList().answer().wait(time.Second).Press("enter").answer() }},
		{"worklist-long", func(b *bench) {
			b.shelf.patients = waitingRoomOf(40)
			b.toWorklist().answer().Typed("x").Press("enter").answer().Press("pgdown", "pgdown")
		}},
		{"idle-warning", func(b *bench) { b.toPatient(tess).wait(13*time.Minute + time.Second).tick() }},
		{"idle-locked", func(b *bench) { b.toPatient(tess).wait(15 * time.Minute).tick().answer() }},
		{"quit-asks", func(b *bench) { b.toPatient(tess).Press("q") }},
		{"too-small", func(b *bench) { b.toPatient(tess).send(tea.WindowSizeMsg{Width: 50, Height: 15}) }},
	}...)
}

// byName sends a search by name; its answer is queued.
func byName(b *bench) *bench {
	return b.signIn().Press("tab").Typed("Example").Press("tab").Typed("4-3-2016").Press("enter")
}

// tick sends the message of the newest timer.
func (b *bench) tick() *bench {
	b.t.Helper()
	return b.send(b.timers[len(b.timers)-1])
}
