package worklist_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"wardlight/internal/nhs"
	"wardlight/internal/table"
	"wardlight/internal/text"
	"wardlight/internal/worklist"
)

var today = nhs.Date{Year: 2026, Month: time.November, Day: 22}

// listText returns a list as text, one line a patient.
func listText(patients []worklist.Patient) string {
	var all []string
	for _, p := range patients {
		s := fmt.Sprintf("%d:%s", p.Line, p.Number.Digits())
		if !p.HasNumber() {
			s = fmt.Sprintf("%d:(%s) %s", p.Line, p.NumberText, p.Fault)
		}

		if p.Name != "" || p.Born != "" {
			s += fmt.Sprintf(" %s/%s", p.Name, p.Born)
		}

		if len(p.Again) > 0 {
			s += fmt.Sprintf(" again %v", p.Again)
		}

		if len(p.Others) > 0 {
			s += fmt.Sprintf(" others %v", p.Others)
		}

		if p.LastLine > 0 {
			s += fmt.Sprintf(" to %d", p.LastLine)
		}

		if p.NotUTF8 {
			s += " not UTF-8"
		}

		all = append(all, s)
	}

	return strings.Join(all, "\n")
}

func TestListsAreReadAsPeopleSaveThem(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"one number a line":     {"9990000018\n9990000026\n", "1:9990000018\n2:9990000026"},
		"spaces in the numbers": {" 999 000 0018\r\n999-000-0026", "1:9990000018\n2:9990000026"},
		"old Mac line ends":     {"9990000018\r9990000026\r", "1:9990000018\n2:9990000026"},
		"blank lines":           {"\n9990000018\n\n , ,\n9990000026\n\n", "2:9990000018\n5:9990000026"},
		"commas and headings": {
			"NHS Number,Name,DOB\n9990000018,Tess Example,4/3/2016\n",
			"2:9990000018 Tess Example/04-Mar-2016",
		},
		"semicolons": {
			"nhs_no;Name;Date of Birth\n999 000 0018;Example, Tess;2016-03-04 00:00:00\n",
			"2:9990000018 Example, Tess/04-Mar-2016",
		},
		"tabs, other order": {
			"Bay\tDOB\tNHSNumber\tSurname\tForename\n3\t04-Mar-16\t9990000018\tExample\tTess\n",
			"2:9990000018 EXAMPLE, Tess/04-Mar-2016",
		},
		"a byte order mark": {"\xef\xbb\xbfNHS No.,Patient Name\n9990000018,Zoë\n", "2:9990000018 Zoë/"},
		"UTF-16":            {"\xff\xfe9\x009\x009\x000\x000\x000\x000\x000\x001\x008\x00", "1:9990000018"},
		"Windows-1252":      {"NHS Number,Name\n9990000018,Zo\xeb\n", "2:9990000018 Zoë/"},
		"one line that is not UTF-8": {
			"NHS Number,Name\n9990000018,Zoë\n9990000026,Ren\xe9\n",
			"2:9990000018 Zoë/\n3:9990000026 René/ not UTF-8",
		},
		"what prints nothing": {"\ufeffNHS\u00ad " +
			"Number,Name\n\u200e999\u200b000\u00a00018\u200f,\u200eTess\n\u200b,\ufeff\n", "2:9990000018 Tess/"},
		"quoted cells": {
			"\"NHS number\",\"Name\"\n\"999 000 0018\",\"Example, \"\"Tess\"\"\"\n",
			"2:9990000018 Example, \"Tess\"/",
		},
		"kept text by force": {
			"Name;NHS\nTess;=\"9990000018\"\nSam;'9990000026\n",
			"2:9990000018 Tess/\n3:9990000026 Sam/",
		},
		"Excel's first line": {"sep=;\nNHS Number;Name\n9990000018;Tess\n", "3:9990000018 Tess/"},
		"no headings":        {"Tess,9990000018\nSam,9990000026\n", "1:9990000018\n2:9990000026"},
		"a name that has commas": {
			"NHS Number;Name\n9990000018;Example, Tess, Ann\n",
			"2:9990000018 Example, Tess, Ann/",
		},
		"a birth date unlike one": {
			"NHS Number,DOB\n9990000018,spring 2016\n9990000026,13/13/2016\n",
			"2:9990000018 /spring 2016\n3:9990000026 /13/13/2016",
		},
	} {
		got, err := worklist.Parse([]byte(c.file), today)
		if err != nil || listText(got) != c.want {
			t.Errorf("%s: Parse error %v, list\n%s\nwant\n%s", name, err, listText(got), c.want)
		}
	}
}

func TestABadLineStaysWithItsNumberAndItsReason(t *testing.T) {
	got, err := worklist.Parse([]byte(strings.Join([]string{
		"NHS Number,Name", "9990000018,Tess", "9990000019,Sam", ",No Number", "999000001,Nine", "9.99E+09,Excel",
		"\"9990000026,Never Closed", "Total: 6",
	}, "\n")), today)
	want := "2:9990000018 Tess/\n" +
		"3:(9990000019) This is not a valid NHS number: one or more of its digits are wrong. Sam/\n" +
		"4:() There is no NHS number in this line. No Number/\n" +
		"5:(999000001) An NHS number has 10 digits; this has 9. Nine/\n" +
		"6:(9.99E+09) A spreadsheet has made a power of ten of this number, and its last digits are lost. Format " +
		"the column as text and put the number in again. Excel/\n" +
		"7:(9990000026,Never Closed) A quotation mark in this line is never closed.\n" +
		"8:(Total: 6) An NHS number has only digits; this has “T”."
	if err != nil || listText(got) != want {
		t.Errorf("Parse error %v, list\n%s\nwant\n%s", err, listText(got), want)
	}
}

// Files as written by Excel, LibreOffice, Google Sheets and databases.
func TestParseList_Spreadsheets(t *testing.T) {
	for name, c := range map[string]struct {
		file, want string
		skipped    int
		noHeadings bool
	}{
		"a line break in a cell": {
			"NHS Number,Name,Notes\r\n9990000018,Tess Example,\"Seen in bay 3\nand " +
				"again\"\r\n9990000026,\"Example,\nTom\",\r\n",
			"2:9990000018 Tess Example/ to 3\n4:9990000026 Example, Tom/ to 5", 0, false,
		},
		"a line break before the number": {
			"Name,NHS Number,DOB\n\"Example,\nTess\",9990000018,04/03/2016\n",
			"2:9990000018 Example, Tess/04-Mar-2016 to 3", 0, false,
		},
		"a line break in a heading": {
			"\"NHS\nNumber\",\"Patient\nName\"\n9990000018,Tess\n", "4:9990000018 Tess/", 0,
			false,
		},
		"a blank line in a cell": {
			"NHS Number,Notes\n9990000018,\"a\n\nb\"\n9990000026,\n",
			"2:9990000018 to 4\n5:9990000026", 0, false,
		},
		"a quotation mark swallows no row": {
			"NHS Number,Name\n9990000018,\"Tess\n9990000026,\"Tom\"\n9990000034,Una\n",
			"2:9990000018 Tess/\n3:9990000026 Tom/\n4:9990000034 Una/", 0, false,
		},
		"titles above the headings": {
			"Emergency Department\nWaiting room, printed 22/11/2026\n\nBay;NHS Number;Name\n3;9990000018;Tess\n",
			"5:9990000018 Tess/", 2, false,
		},
		"a title that is a heading's word": {
			"Patient\nNHS Number,Name\n9990000018,Tess\n", "3:9990000018 Tess/", 1,
			false,
		},
		"a title with empty cells": {"Waiting list,,\r\n,,\r\nNHS " +
			"Number,Surname,Forename\r\n9990000018,Example,Tess\r\n", "4:9990000018 EXAMPLE, Tess/", 1, false},
		"semicolons in a heading": {
			"Name,\"Seen; by whom\",NHS Number\nTess,Ada; Bo,9990000018\n",
			"2:9990000018 Tess/", 0, false,
		},
		"semicolons in the first heading": {"\"Bay; bed\",NHS Number\n3; 4,9990000018\n", "2:9990000018", 0, false},
		"commas in a heading": {
			"\"Name, first and last\";NHS Number\nx, y;9990000018\n", "2:9990000018", 0,
			false,
		},
		"tabs in the text": {
			"Bay\tNHS Number\tName\n3\t9990000018\tExample, Tess; Miss\n",
			"2:9990000018 Example, Tess; Miss/", 0, false,
		},
		"zero-width characters": {
			"NHS Number\n\u200b999\u2060000\u200d0018\ufeff\n9990000026\u200c\n\u2066999 000 0034\u2069\n",
			"2:9990000018\n3:9990000026\n4:9990000034", 0, false,
		},
		"all digits of a power of ten": {
			"NHS Number\n9.990000018E9\n9.990000026E+09\n\"9,990000034E+09\"\n",
			"2:9990000018\n3:9990000026\n4:9990000034", 0, false,
		},
		"powers of ten": {
			"NHS Number;Name\n9,99E+09;Tess\n1E+10;Tom\n", "2:(9,99E+09) " + powerOfTen + " Tess/\n3:(1E+10) " +
				powerOfTen + " Tom/", 0, false,
		},
		"a number with a fraction": {"nhs_number,name\n9990000018.0,Tess\n", "2:9990000018 Tess/", 0, false},
		"thousands": {
			"NHS Number;Name\n9,990,000,018;Tess\n9.990.000.026;Tom\n",
			"2:9990000018 Tess/\n3:9990000026 Tom/", 0, false,
		},
		"dates with a time": {
			"NHS Number,DOB\n9990000018,2016-03-04T00:00:00Z\n9990000026,04/03/2016 00:00\n9990000034,4/3/2016 " +
				"12:00:00 AM\n",
			"2:9990000018 /04-Mar-2016\n3:9990000026 /04-Mar-2016\n4:9990000034 /04-Mar-2016", 0, false,
		},
		"two columns that agree": {
			"NHS Number,NHS No,Name\n9990000018,999 000 0018,Tess\n,9990000026,Tom\n",
			"2:9990000018 Tess/\n3:9990000026 Tom/", 0, false,
		},
		"two columns that differ": {
			"NHS Number,NHS No,Name\n9990000018,9990000026,Tess\n9990000026,9990000026,Tom\n" +
				"9990000034,9990000035,Una\n",
			"2:(9990000018 / 9990000026) " + twoNumbers + " Tess/\n3:9990000026 Tom/\n4:(9990000034 / 9990000035) " +
				twoNumbers + " Una/", 0, false,
		},
		"a column headed so without numbers": {
			"NHS,NHS Number\nyes,9990000018\nno,9990000026\n",
			"2:9990000018\n3:9990000026", 0, false,
		},
		"no headings": {"Tess,9990000018\nTom,9990000026\n", "1:9990000018\n2:9990000026", 0, true},
		"no headings, two numbers": {
			"9990000018,9990000026\n9990000034,9990000034\n", "1:(9990000018 / 9990000026) " + twoNumbers +
				"\n2:9990000034", 0, true,
		},
		"no headings, a title": {"Waiting room\n9990000018\n", "1:(Waiting room) An NHS number has only digits; " +
			"this has “W”.\n2:9990000018", 0, true},
		"a mother's number": {"NHS Number,Mother's NHS Number\n9990000018,9990000026\n", "2:9990000018", 0, false},
		"a birth date of its own": {
			"NHS Number,Name,DOB\n9990000018,Tess,4/3/2016\n9990000018,TESS,5/3/2016\n9990000018,,\n",
			"2:9990000018 Tess/04-Mar-2016 again [4] others [3]\n3:9990000018 TESS/05-Mar-2016 others [2]", 0, false,
		},
	} {
		got, err := worklist.ParseList([]byte(c.file), today)
		if err != nil || listText(got.Patients) != c.want || got.Skipped != c.skipped ||
			got.NoHeadings != c.noHeadings {
			t.Errorf("%s: ParseList error %v, %d skipped, no headings %t, list\n%s\nwant\n%s",
				name, err, got.Skipped, got.NoHeadings, listText(got.Patients), c.want)
		}
	}
}

const (
	powerOfTen = "A spreadsheet has made a power of ten of this number, and its last digits are lost. Format the " +
		"column as text and put the number in again."
	twoNumbers = "Two columns of this line have different NHS numbers."
)

func TestParse_KindsOfFault(t *testing.T) {
	got, err := worklist.Parse([]byte("NHS Number,NHS No\n9990000018,9990000026\n9.99E+09,\nx,\n9990000018,\n"), today)
	want := []string{worklist.TwoNumbers, worklist.PowerOfTen, worklist.NoNumber, ""}
	if err != nil || len(got) != len(want) {
		t.Fatalf("Parse = %v, %v, want %d patients", got, err, len(want))
	}
	for i, kind := range want {
		if got[i].FaultKind != kind {
			t.Errorf("line %d: FaultKind = %q, want %q", got[i].Line, got[i].FaultKind, kind)
		}
	}
}

func TestTheSameNumberAgainIsFoldedIntoTheFirst(t *testing.T) {
	got, err := worklist.Parse([]byte("nhs,name\n9990000018,Tess\n9990000026,Sam\n999 000 "+
		"0018,TESS\n9990000026,Somebody Else\n9990000018,Tess\n"), today)
	const want = "2:9990000018 Tess/ again [4 6]\n3:9990000026 Sam/ others [5]\n5:9990000026 Somebody Else/ others [3]"
	if err != nil || listText(got) != want {
		t.Errorf("Parse error %v, list\n%s\nwant\n%s", err, listText(got), want)
	}
}

func TestWhatGivesNoListIsRefusedWhole(t *testing.T) {
	for name, c := range map[string]struct{ file, says string }{
		"empty":             {"", "The list is empty."},
		"blank":             {"\n ; ;\n", "The list is empty."},
		"headings alone":    {"NHS Number,Name\n", "The list is empty."},
		"a workbook":        {"PK\x03\x04\x00", "The file is no list that can be read."},
		"no heading for it": {"Name,DOB\nTess,4/3/2016\n", "None of the columns is headed “NHS number”."},
		"no headings": {
			"Bay;Who\n3;Tess\n4;Tom\n",
			"The file has no headings that are known, and no NHS numbers.",
		},
		"too many lines": {
			strings.Repeat("9990000018\n", worklist.MaxPatients+1),
			"The list has more than 5000 lines.",
		},
		"too many bytes": {strings.Repeat(" ", worklist.MaxBytes+1), "The file is too big for a list of patients."},
	} {
		got, err := worklist.Parse([]byte(c.file), today)
		var refused *worklist.ParseError
		if got != nil || !errors.As(err, &refused) || refused.Problem != c.says || refused.Remedy == "" {
			t.Errorf("%s: Parse = %d patients, error %v, want the ParseError %q", name, len(got), err, c.says)
		}
	}
}

func FuzzNoLineOfAFileIsLost(f *testing.F) {
	f.Add([]byte("NHS Number,Name,DOB\n9990000018,Tess,4/3/2016\n\"999 000 0026\",\"Sam\n9990000018;x\n"))
	f.Add([]byte("\xff\xfe9\x009\x00"))
	f.Add([]byte("sep=;\nx;y\n'9990000018;\x1b[2J\n"))
	f.Add([]byte("Surname\tForename\tNHS\nE\xeb\tT\t=\"9990000018\""))

	f.Fuzz(func(t *testing.T, file []byte) {
		list, err := worklist.ParseList(file, today)
		patients := list.Patients
		var refused *worklist.ParseError
		if err != nil {
			if !errors.As(err, &refused) || patients != nil {
				t.Fatalf("Parse = %d patients, error %v, want a ParseError and no patients", len(patients), err)
			}
			return
		}

		seen := make(map[int]bool)
		others := make(map[nhs.Number][]int)
		defer func() { nothingIsLost(t, file, list, seen) }()

		for _, p := range patients {
			all := append([]int{p.Line}, p.Again...)
			for line := p.Line + 1; line <= p.LastLine; line++ {
				all = append(all, line)
			}

			for _, line := range all {
				if line < 1 || seen[line] {
					t.Fatalf("line %d is listed twice or less than 1", line)
				}
				seen[line] = true
			}

			if n, err := nhs.ParseNumber(p.Number.Digits()); p.HasNumber() &&
				(err != nil || n != p.Number || p.Fault != "" || len(others[n]) > 0 &&
					!slices.Contains(p.Others, others[n][0])) {
				t.Fatalf("patient %+v has no valid number, or Others is incomplete (error %v)", p, err)
			}

			if others[p.Number] = append(others[p.Number], p.Line); !p.HasNumber() &&
				(p.Fault == "" || p.FaultKind == "" || len(p.Again) > 0) {
				t.Fatalf("patient %+v has neither a number nor a reason", p)
			}

			for _, s := range []string{p.Name, p.Family, p.Born, p.NumberText, p.Fault} {
				if strings.ContainsFunc(s, unicode.IsControl) || text.Clean(s, 0) != s {
					t.Fatalf("text %q is not clean", s)
				}
			}
		}
	})
}

// nothingIsLost compares the lines of the list with those of the file. Only blank lines, lines above the headings, the
// headings and Excel's separator line may be missing.
func nothingIsLost(t *testing.T, file []byte, list worklist.List, seen map[int]bool) {
	t.Helper()
	decoded, err := table.Decode(file)
	if err != nil {
		t.Fatal(err)
	}

	started, above, further := false, 0, 0
	for i, line := range decoded.Lines {
		switch started = started || seen[i+1]; {
		case seen[i+1], table.Blank(line), !started && table.SeparatorLine(line) != 0:
		case !started:
			above++
		default:
			further++ // rows with line breaks that repeat an earlier one
		}
	}

	lines := 0
	for _, p := range list.Patients {
		lines += len(p.Again)
	}

	switch {
	case list.NoHeadings && above > 0, above < list.Skipped, further > 0 && lines == 0:
		t.Fatalf("%d lines above the list, %d skipped, %d missing", above, list.Skipped, further)
	}
}
