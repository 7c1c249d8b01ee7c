package tui

import (
	"strings"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/internal/session"
	list "wardlight/internal/worklist"
	"wardlight/tui/ask"
	"wardlight/tui/draw"
	"wardlight/tui/shell"
	"wardlight/tui/worklist"
)

func TestAnAlertStaysWhenTheRecordIsAskedForAgain(t *testing.T) {
	b := newFixture(t)
	b.sessions.recordErr = &client.Error{Kind: client.Failing, Status: 503}
	b.toPatient(tess).expect("ALERT", "The record did not come")
	b.sessions.lampErr = &client.Error{Kind: client.TimedOut}
	b.Press("r").expect("ALERT").deliver().expect("ALERT").expectNot("could not check").expectCalls("lamp 9990000018",
		1).expectCalls("patient 9990000018", 2)
}

// If the record has a new NHS number, the answer for the old number is shown until the answer for the new one arrives.
// It is still shown if the new number can't be checked.
func TestAnAlertUnderAnOldNumberStaysWhenTheNewOneCannotBeChecked(t *testing.T) {
	b := newFixture(t)
	p := tessRecord()
	p.AskedFor = oldNum
	b.sessions.records[oldNum] = p
	b.sessions.lamps[oldNum] = client.Lamp{Number: oldNum, State: client.Alert, AsOf: start()}
	b.signIn().Typed(oldNum.Digits()).Press("enter")
	record := takeQueued[ask.Answer[client.Patient]](b)
	b.deliver().expect("ALERT")
	b.sessions.lampErr = &client.Error{Kind: client.TimedOut}
	b.send(record).expect("ALERT").deliver().expect("ALERT").expectNot("could not check")
}

func TestAWorklistsOlderOrFailedAnswerReplacesNoNewerAlert(t *testing.T) {
	for name, late := range map[string]client.Lamp{
		"older":  {Number: tess, State: client.NoneRecorded, AsOf: start().Add(-time.Minute)},
		"failed": {Number: tess, State: client.CouldNotCheck, Err: &client.Error{Kind: client.Unexpected}},
	} {
		b := newFixture(t).toList()
		b.send(takeQueued[shell.ListSavedMsg](b))
		at := -1
		for i := range b.m.Worklist.List.Len() {
			if b.m.Worklist.List.Patient(i).Number == tess {
				at = i
			}
		}

		b.m.NoteLamp(client.Lamp{Number: tess, State: client.Alert, AsOf: start()})
		b.send(shell.ListReplyMsg{Run: b.m.Worklist.Run, Reply: session.ListReply{
			Index:  at,
			Result: list.Result{Lamp: late},
		}})

		if got := b.m.Worklist.List.Answer(at).State; got != client.Alert {
			t.Errorf("%s answer: the list shows %v, want %v", name, got, client.Alert)
		}
	}
}

func TestTheWorklistSaysOldInEveryWidth(t *testing.T) {
	for cols := draw.MinCols; cols <= 100; cols++ {
		b := newFixtureSize(t, cols, 24).toList().deliver().wait(25 * time.Hour)
		b.m.LastKey = b.now
		b.Press("home").expect("old")
	}
}

func TestAClockThatIsSetBackHoldsUpNoLock(t *testing.T) {
	b := newFixture(t).toPatient(tess).wait(10 * time.Minute).tick().wait(-3 * time.Hour).tick().expect("ALERT")
	b.wait(6 * time.Minute).tick().expect("Locked").expectNot("ALERT")

	h := hear(t).card().types(code, tess.Digits())
	tick := func(d time.Duration) { h.wait(d); h.deliverMsg(h.timers[len(h.timers)-1]) }
	tick(10 * time.Minute)
	tick(-3 * time.Hour)
	tick(6 * time.Minute)
	h.expectSaid("Locked")
}

// The cost of an answer in linear mode does not grow with the list: of 2,000 lines, one is rendered again.
func TestInLinesAnAnswerMakesOneLine(t *testing.T) {
	h := hear(t)
	h.savedLists.patients = worklistOf(2000)
	for _, p := range h.savedLists.patients {
		h.sessions.lamps[p.Number] = client.Lamp{Number: p.Number, State: client.NoneRecorded, AsOf: start()}
	}

	h.card().types(code, "/worklist", "x")
	h.Heard()
	s, ok := h.m.Top().(*worklist.Screen)
	if !ok || h.m.Worklist.List.Tally().NoneRecorded != 2000 {
		t.Fatalf("screen %T, counts %+v, want a worklist with 2000 none recorded", h.m.Top(), h.m.Worklist.List.Tally())
	}

	if n := testing.AllocsPerRun(10, func() { _ = s.ListInLines() }); n > 200 {
		t.Errorf("rendering an unchanged list: %v allocations, want at most 200", n)
	}

	h.m.NoteLamp(client.Lamp{
		Number: h.savedLists.patients[1234].Number, State: client.Alert,
		AsOf: start().Add(time.Minute),
	})

	h.l.PrintNew()
	if said := strings.Count(h.Heard(), "Line 1236"); said != 1 {
		t.Errorf("the answer was said %d times, want 1", said)
	}
}
