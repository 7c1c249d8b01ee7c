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
func (b *bench) noRecord() {
	b.desk.recordErr = &client.Error{Kind: client.NotFound, Status: 404, SpineCode: "RESOURCE_NOT_FOUND"}
	b.desk.lamps[tess] = client.Lamp{Number: tess, State: client.Alert, AsOf: start(), RecordMissing: true}
	b.desk.opened.RecordMissing = true
}

const recordMissing = "The patient's record is missing: no current record has this NHS number."

func TestPatient_PlanWithoutARecord(t *testing.T) {
	b := newBench(t)
	b.noRecord()
	b.signIn().Typed(tess.Digits()).Press("enter")
	lamp := take[ask.Answer[client.Lamp]](b)
	b.answer().silent("No patient has this NHS number.", "none recorded") // before the answer about the alert
	b.send(lamp).says("ALERT", recordMissing, "Record not available", "No patient has this NHS number.", "the local authority is notified")
	b.Press("o").answer().never("open").wait(time.Second).Press("o").answer().asks("open 9990000018", 1)
	b.says("RING NOW", recordMissing, "the local authority will be notified")
}

func TestPatient_PlanWithoutARecordLampFirst(t *testing.T) {
	b := newBench(t)
	b.noRecord()
	b.signIn().Typed(tess.Digits()).Press("enter")
	record := take[ask.Answer[client.Patient]](b)
	b.answer().says("ALERT", recordMissing).wait(time.Minute).Press("o").answer().never("open")
	b.send(record).says("ALERT", recordMissing).Press("o").answer().never("open")
	b.wait(time.Second).Press("o").answer().asks("open 9990000018", 1)
}

func TestPatient_NumberThatNobodyHas(t *testing.T) {
	for kind, says := range map[client.Kind]string{client.NotFound: "No patient has this NHS number.", client.Invalidated: "This patient record was marked invalid."} {
		err := &client.Error{Kind: kind, Status: 404}
		b := newBench(t)
		b.desk.recordErr = err
		b.signIn().Typed(tess.Digits()).Press("enter")
		lamp := take[ask.Answer[client.Lamp]](b)
		b.answer().silent(says).send(lamp).says("Find a patient", says).silent("ALERT", "none recorded")

		b = newBench(t) // the record is answered last
		b.desk.recordErr = err
		b.signIn().Typed(tess.Digits()).Press("enter")
		record := take[ask.Answer[client.Patient]](b)
		b.answer().says("could not check", says).silent("none recorded").send(record).says("Find a patient", says)

		b = newBench(t) // on a list there is no form to correct the number in
		b.desk.recordErr = err
		byName(b).answer().wait(time.Second).Press("enter").answer().says("could not check", says).silent("none recorded", "ALERT")
	}
}

// An answer of "none recorded" is not shown if the hub has no record of the patient.
func TestPatient_NoneRecordedOfNobody(t *testing.T) {
	b := newBench(t)
	byName(b).answer().wait(time.Second).Press("enter")
	lamp, record := take[ask.Answer[client.Lamp]](b), take[ask.Answer[client.Patient]](b)
	lamp.Value = client.Lamp{Number: tess, State: client.NoneRecorded, AsOf: start()}
	record.Err = &client.Error{Kind: client.NotFound, Status: 404}
	b.send(record).send(lamp).says("could not check", "No patient has this NHS number.").silent("none recorded")
}

func TestPatient_PlanWithoutARecordInLines(t *testing.T) {
	h := hear(t)
	h.noRecord()
	h.card().types(code, tess.Digits()).hears("Record not available.", "ALERT", recordMissing, "No patient has this NHS number.")
	h.wait(time.Second)
	h.types("open "+digits).hears("Opened: NHS No. 999 000 0018.", "RING NOW", "the local authority will be notified", recordMissing)
}

func TestWorklist_PatientWithoutARecord(t *testing.T) {
	b := newBench(t)
	b.desk.lamps[tess] = client.Lamp{Number: tess, State: client.Alert, AsOf: start(), RecordMissing: true}
	b.toList().answer().says("ALERT", recordMissing)
	s := &worklists.Screen{Common: &b.m.Common}
	heard := s.RowInLine(worklist.Patient{Line: 2, Number: tess}, worklist.Answer{State: client.Alert, AsOf: start(), RecordMissing: true}, false)
	if !strings.Contains(heard, recordMissing) {
		t.Errorf("the row in linear mode is %q, want it to say that the record is missing", heard)
	}
	b.Press("down").says("could not check", "No patient has this NHS number.")
}

func TestPaper_PlanWithoutARecord(t *testing.T) {
	b := newBench(t)
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
