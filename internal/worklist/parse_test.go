package worklist_test

import (
	"errors"
	"fmt"
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

// told is a list in one line a patient.
func told(patients []worklist.Patient) string {
	var all []string
	for _, p := range patients {
		s := fmt.Sprintf("%d:%s", p.Line, p.Number.Digits())
		if !p.CanBeAsked() {
			s = fmt.Sprintf("%d:(%s) %s", p.Line, p.Given, p.Fault)
		}
		if p.Name != "" || p.Born != "" {
			s += fmt.Sprintf(" %s/%s", p.Name, p.Born)
		}
		if len(p.Again) > 0 {
			s += fmt.Sprintf(" again %v", p.Again)
		}
		if p.OtherName {
			s += " other name"
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
		"one number a line":          {"9990000018\n9990000026\n", "1:9990000018\n2:9990000026"},
		"spaces in the numbers":      {" 999 000 0018\r\n999-000-0026", "1:9990000018\n2:9990000026"},
		"old Mac line ends":          {"9990000018\r9990000026\r", "1:9990000018\n2:9990000026"},
		"blank lines":                {"\n9990000018\n\n , ,\n9990000026\n\n", "2:9990000018\n5:9990000026"},
		"commas and headings":        {"NHS Number,Name,DOB\n9990000018,Tess Example,4/3/2016\n", "2:9990000018 Tess Example/04-Mar-2016"},
		"semicolons":                 {"nhs_no;Name;Date of Birth\n999 000 0018;Example, Tess;2016-03-04 00:00:00\n", "2:9990000018 Example, Tess/04-Mar-2016"},
		"tabs, other order":          {"Bay\tDOB\tNHSNumber\tSurname\tForename\n3\t04-Mar-16\t9990000018\tExample\tTess\n", "2:9990000018 EXAMPLE, Tess/04-Mar-2016"},
		"a byte order mark":          {"\xef\xbb\xbfNHS No.,Patient Name\n9990000018,Zoë\n", "2:9990000018 Zoë/"},
		"UTF-16":                     {"\xff\xfe9\x009\x009\x000\x000\x000\x000\x000\x001\x008\x00", "1:9990000018"},
		"Windows-1252":               {"NHS Number,Name\n9990000018,Zo\xeb\n", "2:9990000018 Zoë/"},
		"one line that is not UTF-8": {"NHS Number,Name\n9990000018,Zoë\n9990000026,Ren\xe9\n", "2:9990000018 Zoë/\n3:9990000026 René/ not UTF-8"},
		"what prints nothing":        {"\ufeffNHS\u00ad Number,Name\n\u200e999\u200b000\u00a00018\u200f,\u200eTess\n\u200b,\ufeff\n", "2:9990000018 Tess/"},
		"quoted cells":               {"\"NHS number\",\"Name\"\n\"999 000 0018\",\"Example, \"\"Tess\"\"\"\n", "2:9990000018 Example, \"Tess\"/"},
		"kept text by force":         {"Name;NHS\nTess;=\"9990000018\"\nSam;'9990000026\n", "2:9990000018 Tess/\n3:9990000026 Sam/"},
		"Excel's first line":         {"sep=;\nNHS Number;Name\n9990000018;Tess\n", "3:9990000018 Tess/"},
		"no headings":                {"Tess,9990000018\nSam,9990000026\n", "1:9990000018\n2:9990000026"},
		"a name that has commas":     {"NHS Number;Name\n9990000018;Example, Tess, Ann\n", "2:9990000018 Example, Tess, Ann/"},
		"a birth date unlike one": {
			"NHS Number,DOB\n9990000018,spring 2016\n9990000026,13/13/2016\n",
			"2:9990000018 /spring 2016\n3:9990000026 /13/13/2016",
		},
	} {
		got, err := worklist.Parse([]byte(c.file), today)
		if err != nil || told(got) != c.want {
			t.Errorf("%s: error %v, list\n%s\nwant\n%s", name, err, told(got), c.want)
		}
	}
}

func TestABadLineStaysWithItsNumberAndItsReason(t *testing.T) {
	got, err := worklist.Parse([]byte(strings.Join([]string{
		"NHS Number,Name", "9990000018,Tess", "9990000019,Sam", ",No Number", "999000001,Nine", "9.99E+09,Excel", "\"9990000026,Never Closed", "Total: 6",
	}, "\n")), today)
	want := "2:9990000018 Tess/\n" +
		"3:(9990000019) This is not a valid NHS number: one or more of its digits are wrong. Sam/\n" +
		"4:() There is no NHS number in this line. No Number/\n" +
		"5:(999000001) An NHS number has 10 digits; this has 9. Nine/\n" +
		"6:(9.99E+09) An NHS number has only digits; this has “.”. Excel/\n" +
		"7:(9990000026,Never Closed) An NHS number has only digits; this has “,”.\n" +
		"8:(Total: 6) An NHS number has only digits; this has “T”."
	if err != nil || told(got) != want {
		t.Errorf("error %v, list\n%s\nwant\n%s", err, told(got), want)
	}
}

func TestTheSameNumberAgainIsFoldedIntoTheFirst(t *testing.T) {
	got, err := worklist.Parse([]byte("nhs,name\n9990000018,Tess\n9990000026,Sam\n999 000 0018,TESS\n9990000026,Somebody Else\n9990000018,Tess\n"), today)
	if want := "2:9990000018 Tess/ again [4 6]\n3:9990000026 Sam/ again [5] other name"; err != nil || told(got) != want {
		t.Errorf("error %v, list\n%s\nwant\n%s", err, told(got), want)
	}
}

func TestWhatGivesNoListIsRefusedWhole(t *testing.T) {
	for name, c := range map[string]struct{ file, says string }{
		"empty":                {"", "The list is empty."},
		"blank":                {"\n ; ;\n", "The list is empty."},
		"headings alone":       {"NHS Number,Name\n", "The list is empty."},
		"a workbook":           {"PK\x03\x04\x00", "The file is no list that can be read."},
		"no heading for it":    {"Name,DOB\nTess,4/3/2016\n", "None of the columns is headed “NHS number”."},
		"two headings for it":  {"NHS No,Mother,NHS Number\n9990000018,,9990000026\n", "Two columns are headed as the NHS number: “NHS No” and “NHS Number”."},
		"too many lines":       {strings.Repeat("9990000018\n", worklist.MostPatients+1), "The list has more than 5000 lines."},
		"too many bytes":       {strings.Repeat(" ", worklist.MostBytes+1), "The file is too big for a list of patients."},
		"an escape in heading": {"NHS No,NHS\x1b[2J Number,NHS Number\n", "Two columns are headed as the NHS number: “NHS No” and “NHS Number”."},
	} {
		got, err := worklist.Parse([]byte(c.file), today)
		var refused *worklist.ParseError
		if got != nil || !errors.As(err, &refused) || refused.What != c.says || refused.Do == "" {
			t.Errorf("%s: %d patients, error %v", name, len(got), err)
		}
	}
}

func FuzzNoLineOfAFileIsLost(f *testing.F) {
	f.Add([]byte("NHS Number,Name,DOB\n9990000018,Tess,4/3/2016\n\"999 000 0026\",\"Sam\n9990000018;x\n"))
	f.Add([]byte("\xff\xfe9\x009\x00"))
	f.Add([]byte("sep=;\nx;y\n'9990000018;\x1b[2J\n"))
	f.Add([]byte("Surname\tForename\tNHS\nE\xeb\tT\t=\"9990000018\""))
	f.Fuzz(func(t *testing.T, file []byte) {
		patients, err := worklist.Parse(file, today)
		var refused *worklist.ParseError
		if err != nil {
			if !errors.As(err, &refused) || patients != nil {
				t.Fatalf("%d patients, error %v", len(patients), err)
			}
			return
		}
		seen := make(map[int]bool)
		numbers := make(map[nhs.Number]bool)
		defer func() { nothingIsSkipped(t, file, seen) }()
		for _, p := range patients {
			for _, line := range append([]int{p.Line}, p.Again...) {
				if line < 1 || seen[line] {
					t.Fatalf("line %d comes twice, or is none", line)
				}
				seen[line] = true
			}
			if n, err := nhs.ParseNumber(p.Number.Digits()); p.CanBeAsked() && (err != nil || n != p.Number || numbers[n] || p.Fault != "") {
				t.Fatalf("%+v would be asked about: %v", p, err)
			}
			if numbers[p.Number] = true; !p.CanBeAsked() && (p.Fault == "" || len(p.Again) > 0) {
				t.Fatalf("%+v has no number and no reason", p)
			}
			for _, s := range []string{p.Name, p.Born, p.Given, p.Fault} {
				if strings.ContainsFunc(s, unicode.IsControl) || text.Clean(s, 0) != s {
					t.Fatalf("%q is not clean", s)
				}
			}
		}
	})
}

// nothingIsSkipped holds the lines of the list against those of the file: only blank ones, one with headings and Excel's own are
// no patients.
func nothingIsSkipped(t *testing.T, file []byte, seen map[int]bool) {
	t.Helper()
	decoded, err := table.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	begun, headed := false, false
	for i, line := range decoded.Lines {
		switch begun = begun || seen[i+1]; {
		case seen[i+1], table.Blank(line), !begun && table.SeparatorLine(line) != 0:
		case !begun && !headed:
			headed = true
		default:
			t.Fatalf("line %d is lost: %q", i+1, line)
		}
	}
}
