package privacy_test

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/unicode"

	"wardlight/hub/audit"
	"wardlight/hub/privacy"
	"wardlight/internal/nhs"
)

// written is when the tests' lists were written.
var written = time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC)

// The forms in which spreadsheets save a list. Each has tess from the 3rd to the 5th, and tom since the 10th.
func TestParseAttendances_AsSpreadsheetsSaveIt(t *testing.T) {
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(
		"NHS number\tFrom\tTo\r\n999 000 0018\t03/11/2026\t05/11/2026\r\n999 000 0026\t10/11/2026\t\r\n")
	if err != nil {
		t.Fatal(err)
	}

	for name, file := range map[string]string{
		"CSV UTF-8 of Excel": "\ufeffNHS number,From,To\r\n9990000018,03/11/2026,05/11/2026\r\n" +
			"9990000026,10/11/2026,\r\n",
		"with times, other columns and blank rows": "Ward,NHS Number,From,To\n,,,\n" +
			"ED,\"999 000 0018\",03/11/2026 23:50,05/11/2026 01:10\nED,999-000-0026,2026-11-10T08:00,\n,,,\n",
		"semicolons, and a separator line": "sep=;\r\nfrom;to;nhs number\r\n3/11/26;5/11/26;9990000018\r\n" +
			"10/11/26;;=\"9990000026\"\r\n",
		"Unicode text": utf16,
	} {
		list, err := privacy.ParseAttendances([]byte(file), written, london(t))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for d, want := range map[string][2]bool{
			"2026-11-02": {false, false}, "2026-11-03": {true, false}, "2026-11-05": {true, false},
			"2026-11-06": {false, false}, "2026-11-10": {false, true}, "2026-11-19": {false, true},
		} {
			if got := [2]bool{list.Attended(day(t, d), tess), list.Attended(day(t, d), tom)}; got != want {
				t.Errorf("%s, %s: attended = %v, want %v", name, d, got, want)
			}
		}
		if got, want := list.From(london(t)), time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC); !got.Equal(want) {
			t.Errorf("%s: the list begins at %s, want %s", name, got, want)
		}
	}
}

// One row that can't be read makes the list unusable. The error has the line, and no number of a patient.
func TestParseAttendances_Broken(t *testing.T) {
	const head = "NHS number,From,To\n"
	for name, c := range map[string]struct{ file, want string }{
		"empty":            {"", "no attendances"},
		"headings alone":   {head, "no attendances"},
		"no headings":      {"9990000018,2026-11-03,\n", "line 1: found no headings"},
		"a heading twice":  {"NHS number,From,To,from\n9990000018,2026-11-03,,\n", "line 1: two columns have"},
		"a wrong number":   {head + "9990000018,2026-11-03,\n9990000019,2026-11-03,\n", "line 3: found no valid"},
		"a rounded number": {head + "9.99E+09,2026-11-03,\n", "line 2: found no valid NHS number"},
		"no first day":     {head + "9990000018,,\n", "line 2: from: found no date"},
		"no such day":      {head + "9990000018,31/11/2026,\n", "line 2: from: found no date"},
		"a bad last day":   {head + "9990000018,2026-11-03,soon\n", "line 2: to: found no date"},
		"turned around":    {head + "9990000018,2026-11-03,2026-11-02\n", "line 2: the last day is before the first"},
		"a cell too few":   {head + "9990000018,2026-11-03\n", "line 2: found 2 cells, expected 3"},
		"an open quote":    {head + "\"9990000018,2026-11-03,\n", "line 2: a quotation mark is not closed"},
		"a workbook":       {"PK\x03\x04\x14\x00\x06\x00", "save the spreadsheet as CSV"},
	} {
		list, err := privacy.ParseAttendances([]byte(c.file), written, london(t))
		if err == nil || list != nil || !strings.Contains(err.Error(), c.want) ||
			strings.Contains(err.Error(), "99900") {
			t.Errorf("%s: ParseAttendances = %v, %v; want no list and %q", name, list, err, c.want)
		}
	}
}

// Only accesses within the time of the list are compared with it, and a patient may be listed by a former number.
func TestMake_NotAttended(t *testing.T) {
	list, err := privacy.ParseAttendances([]byte("NHS number,From,To\n9990000050,2026-11-09,2026-11-10\n"), written,
		london(t))
	if err != nil {
		t.Fatal(err)
	}
	f := facts(t)
	f.Attendances, f.Numbers = list, map[nhs.Number][]nhs.Number{tess: {tess, old}}
	const day = 24 * time.Hour
	r := made(t, query(t, privacy.PatientEnquiries), f,
		record(1, 0, ben, audit.Retrieve, tess),                // attended, by a former number
		record(2, day, ben, audit.Retrieve, tess),              // left the day before
		record(3, 2*day, ben, audit.Search, tess),              // only listed
		record(4, 3*day, ben, audit.ReportPatientAccess, tess), // a report
		record(5, -2*day, ben, audit.Retrieve, tess),           // before the list begins
		record(6, 10*day, ben, audit.Retrieve, tess))           // after the list was written
	if got, want := findings(r), "not_attended Ben 9990000018 1 1440-1440"; got != want {
		t.Errorf("got findings %q, want %q", got, want)
	}

	f.Attendances = nil
	r = made(t, query(t, privacy.PatientEnquiries), f, record(2, day, ben, audit.Retrieve, tess))
	if got := findings(r); got != "" {
		t.Errorf("without a list: got findings %q, want none", got)
	}
}
