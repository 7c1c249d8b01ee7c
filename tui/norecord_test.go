package tui

import (
	"strings"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/internal/worklist"
	"wardlight/tui/alert"
	"wardlight/tui/ask"
	worklists "wardlight/tui/worklist"
)

// noRecord makes the hub have a plan for tess's number, and no record.
func (b *modelTest) noRecord() {
	b.sessions.recordErr = &client.Error{Kind: client.NotFound, Status: 404, SpineCode: "RESOURCE_NOT_FOUND"}
	b.sessions.lamps[tess] = client.Lamp{Number: tess, State: client.Alert, AsOf: start(), RecordMissing: true}
	b.sessions.opened.RecordMissing = true
}

const recordMissing = "The patient's record is missing: no current record has this NHS number."

func TestPatient_PlanWithoutARecord(t *testing.T) {
	b := newFixture(t)
	b.noRecord()
	b.signIn().Typed(tess.Digits()).Press("enter")
	lamp := takeQueued[ask.Answer[client.Lamp]](b)
	b.deliver().expectNot("No patient has this NHS number.", "none recorded") // before the answer about the alert
	b.send(lamp).expect("ALERT", recordMissing, "Record not available", "No patient has this NHS number.",
		"the local authority is notified")
	b.Press("o").deliver().expectNoCall("open").wait(time.Second).Press("o").deliver().expectCalls("open 9990000018", 1)
	b.expect("RING NOW", recordMissing, "the local authority will be notified")
}

func TestPatient_PlanWithoutARecordLampFirst(t *testing.T) {
	b := newFixture(t)
	b.noRecord()
	b.signIn().Typed(tess.Digits()).Press("enter")
	record := takeQueued[ask.Answer[client.Patient]](b)
	b.deliver().expect("ALERT", recordMissing).wait(time.Minute).Press("o").deliver().expectNoCall("open")
	b.send(record).expect("ALERT", recordMissing).Press("o").deliver().expectNoCall("open")
	b.wait(time.Second).Press("o").deliver().expectCalls("open 9990000018", 1)
}

func TestPatient_NumberThatNobodyHas(t *testing.T) {
	for kind, says := range map[client.Kind]string{
		client.NotFound:    "No patient has this NHS number.",
		client.Invalidated: "This patient record was marked invalid.",
	} {
		err := &client.Error{Kind: kind, Status: 404}
		b := newFixture(t)
		b.sessions.recordErr = err
		b.signIn().Typed(tess.Digits()).Press("enter")
		lamp := takeQueued[ask.Answer[client.Lamp]](b)
		b.deliver().expectNot(says).send(lamp).expect("Find a patient", says).expectNot("ALERT", "none recorded")

		b = newFixture(t) // the record is answered last
		b.sessions.recordErr = err
		b.signIn().Typed(tess.Digits()).Press("enter")
		record := takeQueued[ask.Answer[client.Patient]](b)
		b.deliver().expect("could not check", says).expectNot("none recorded").send(record).expect("Find a patient",
			says)

		b = newFixture(t) // on a list there is no form to correct the number in
		b.sessions.recordErr = err
		byName(b).deliver().wait(time.Second).Press("enter").deliver().expect("could not check", says).
			expectNot("none recorded", "ALERT")
	}
}

// An answer of "none recorded" is not shown if the hub has no record of the patient.
func TestPatient_NoneRecordedOfNobody(t *testing.T) {
	b := newFixture(t)
	byName(b).deliver().wait(time.Second).Press("enter")
	lamp, record := takeQueued[ask.Answer[client.Lamp]](b), takeQueued[ask.Answer[client.Patient]](b)
	lamp.Value = client.Lamp{Number: tess, State: client.NoneRecorded, AsOf: start()}
	record.Err = &client.Error{Kind: client.NotFound, Status: 404}
	b.send(record).send(lamp).expect("could not check", "No patient has this NHS number.").expectNot("none recorded")
}

func TestPatient_PlanWithoutARecordInLines(t *testing.T) {
	h := hear(t)
	h.noRecord()
	h.card().types(code, tess.Digits()).expectSaid("Record not available.", "ALERT", recordMissing,
		"No patient has this NHS number.")
	h.wait(time.Second)
	h.types("open "+digits).expectSaid("Opened: NHS No. 999 000 0018.", "RING NOW",
		"the local authority will be notified", recordMissing)
}

func TestWorklist_PatientWithoutARecord(t *testing.T) {
	b := newFixture(t)
	b.sessions.lamps[tess] = client.Lamp{Number: tess, State: client.Alert, AsOf: start(), RecordMissing: true}
	b.toList().deliver().expect("ALERT", recordMissing)
	s := &worklists.Screen{Common: &b.m.Common}
	heard := s.RowInLine(worklist.Patient{Line: 2, Number: tess}, worklist.Answer{
		State: client.Alert, AsOf: start(),
		RecordMissing: true,
	}, false)
	if !strings.Contains(heard, recordMissing) {
		t.Errorf("the row in linear mode is %q, want it to say that the record is missing", heard)
	}
	b.Press("down").expect("could not check", "No patient has this NHS number.")
}

func TestPaper_PlanWithoutARecord(t *testing.T) {
	b := newFixture(t)
	b.noRecord()
	b.toOpened()
	s, ok := b.m.Top().(*alert.Opened)
	if !ok {
		t.Fatalf("screen = %T, want *alert.Opened", b.m.Top())
	}
	if sheet := b.m.Sheet(s); sheet.Patient.Number != tess || !sheet.Opened.RecordMissing {
		t.Errorf("sheet = %+v, want tess's number and the record missing", sheet)
	}
}
