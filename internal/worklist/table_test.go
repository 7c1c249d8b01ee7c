package worklist_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/worklist"
)

func TestCSV(t *testing.T) {
	at := time.Date(2026, time.November, 22, 14, 5, 0, 0, time.UTC)
	c := worklist.NewCheck([]worklist.Patient{
		{Line: 2, Number: "9990000018", Name: "=HYPERLINK(\"x\")", Born: "04-Mar-2016", Again: []int{7, 9}},
		{Line: 3, Number: "9990000026", Name: "O'Brien, \"Sam\""},
		{Line: 4, NumberText: "12", Fault: "This is not an NHS number.", NotUTF8: true},
	}, 0)

	c.Next(at)
	c.RecordLamp(0, client.Lamp{Number: "9990000018", State: client.Alert, AsOf: at}, at)
	c.RecordLamp(1, client.Lamp{
		Number: "9990000026", State: client.CouldNotCheck,
		Err: &client.Error{Kind: client.NotFound},
	}, at)

	if !c.NoteOpened("9990000018", at.Add(time.Minute)) {
		t.Error("NoteOpened = false for a number of the list, want true")
	}

	got := string(c.CSV(worklist.AsInFile, time.UTC))
	want := "\ufeffLine,NHS number,Name,Date of birth,Child protection alert,As of,Opened,Remarks\r\n" +
		"2,999 000 0018,\"'=HYPERLINK(\"\"x\"\")\",04-Mar-2016,ALERT,22-Nov-2026 14:05,22-Nov-2026 14:06,\"Also on " +
		"lines 7, 9.\"\r\n" +
		"3,999 000 0026,\"O'Brien, \"\"Sam\"\"\",,could not check,,,No patient has this NHS number. (H21)\r\n" +
		"4,12,,,not checked,,,This is not an NHS number. This line is not UTF-8: letters of the name may be wrong.\r\n"
	if got != want {
		t.Errorf("CSV =\n%s\nwant\n%s", got, want)
	}

	read, err := worklist.ParseList([]byte(got), nhs.Date{Year: 2026, Month: time.November, Day: 22})
	if err != nil || len(read.Patients) != 3 || read.Patients[1].Number != "9990000026" ||
		!strings.Contains(read.Patients[1].Name, "O'Brien") {
		t.Errorf("ParseList(CSV) = %+v, %v, want the same 3 patients", read, err)
	}
}
