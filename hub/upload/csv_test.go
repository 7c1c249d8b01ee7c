package upload_test

import (
	"errors"
	"maps"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"wardlight/hub/upload"
)

const heading = "Action,Kind,NHS number,Birth date,Family name,Given name,Start,End,Due date,Reference"

// one is the row that every table of TestASpreadsheetsTableReads contains.
var one = map[upload.Column]string{
	upload.Action: "add", upload.Kind: "CPP", upload.NHSNumber: "999 000 0018", upload.BirthDate: "04/03/2016",
	upload.Family: "O’Brien-Núñez",
	upload.Given:  "Tess", upload.Start: "2026-02-03", upload.End: "", upload.Due: "", upload.Reference: "R1",
}

func TestASpreadsheetsTableReads(t *testing.T) {
	const row = "add,CPP,999 000 0018,04/03/2016,O’Brien-Núñez,Tess,2026-02-03,,,R1"
	table := heading + "\r\n" + row + "\r\n"
	windows, err := charmap.Windows1252.NewEncoder().String(table)
	if err != nil {
		t.Fatal(err)
	}

	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().
		String(strings.ReplaceAll(table, ",", "\t"))
	if err != nil {
		t.Fatal(err)
	}

	for name, c := range map[string]struct {
		text string
		at   int // row number in the spreadsheet
	}{
		"plain":                    {table, 2},
		"with a byte order mark":   {"\ufeff" + table, 2},
		"in Windows-1252":          {windows, 2},
		"Unicode text of Excel":    {utf16, 2},
		"semicolons":               {strings.ReplaceAll(table, ",", ";"), 2},
		"semicolons, as sep= says": {"sep=;\r\n" + strings.ReplaceAll(table, ",", ";"), 3},
		"tabs":                     {strings.ReplaceAll(table, ",", "\t"), 2},
		"line feeds alone":         {heading + "\n" + row + "\n", 2},
		"no line end":              {heading + "\n" + row, 2},
		"carriage returns alone":   {heading + "\r" + row + "\r", 2},
		"empty rows":               {heading + "\r\n,,,,,,,,,\r\n\r\n" + row + "\r\n,,,,,,,,,\r\n", 4},
		"quoted": {heading + "\n" +
			`"add","CPP","999 000 0018","04/03/2016","O’Brien-Núñez","Tess","2026-02-03","","","R1"`, 2},
		"text forced by apostrophes": {heading + "\n" +
			"add,CPP,'999 000 0018,'04/03/2016,O’Brien-Núñez,Tess,'2026-02-03,,,'R1", 2},
		`text forced by ="…"`: {heading + "\n" +
			`add,CPP,="999 000 0018",="04/03/2016",O’Brien-Núñez,Tess,"=""2026-02-03""",,,R1`, 2},
		"headings in another order and other words": {
			"Local reference;Forename;Surname;DOB;NHS_No.;Plan type;ACTION;Plan start date;End date;EDD\n" +
				"R1;Tess;O’Brien-Núñez;04/03/2016;999 000 0018;CPP;add;2026-02-03;;\n", 2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			rows, err := upload.ParseCSV([]byte(c.text))
			if err != nil || len(rows) != 1 {
				t.Fatalf("ParseCSV returned %d rows, error %v, want 1 row", len(rows), err)
			}
			if r := rows[0]; r.Fault != "" || r.Number != c.at || !maps.Equal(r.Cells, one) {
				t.Errorf("row = %+v, want number %d and cells %v", r, c.at, one)
			}
		})
	}
}

func TestARowThatIsNotUTF8SpoilsNoOtherRowAndSaysSo(t *testing.T) {
	rows, err := upload.ParseCSV(
		[]byte(heading + "\nadd,CPP,1,2,Núñez,Zoë,3\nadd,CPP,1,2,N\xfa\xf1ez,Ren\xe9,3\nadd,CPP,1,2,Example,Tom,3\n"),
	)
	if err != nil || len(rows) != 3 {
		t.Fatalf("ParseCSV returned %d rows, error %v, want 3 rows", len(rows), err)
	}
	for i, want := range []string{"Núñez Zoë", "Núñez René", "Example Tom"} {
		got, noted := rows[i].Cells[upload.Family]+" "+rows[i].Cells[upload.Given], rows[i].Note != ""
		if got != want || noted != (i == 1) {
			t.Errorf("row %d: names %q, note %q, want names %q and a note only on the second row",
				rows[i].Number, got, rows[i].Note, want)
		}
	}
	answers := newRecords(t).process(t, rows...).Rows
	if note := rows[1].Note; !strings.HasSuffix(answers[1].Sentence, ". "+note) ||
		strings.Contains(answers[0].Sentence, note) {
		t.Errorf("answers = %+v, want the note in the second one only", answers)
	}
}

func TestWhatPrintsNothingIsIgnoredInCells(t *testing.T) {
	rows, err := upload.ParseCSV([]byte("\ufeff" + heading + "\n\u200eadd,CPP\u200b,\u202a999 000\u200b " +
		"0018\u202c,\u200e04/\u200e03/\u200e2016,O’Bri\u00aden-Núñez,\ufeffTess,2026-02-03\u200f,,,R1\u200b\n"))
	if err != nil || len(rows) != 1 || !maps.Equal(rows[0].Cells, one) {
		t.Errorf("ParseCSV of invisible characters = %+v, %v, want cells %v", rows, err, one)
	}
}

func TestAnOpenQuotationMarkSpoilsNoOtherRow(t *testing.T) {
	rows, err := upload.ParseCSV([]byte(heading + "\nadd,CPP,1,2,\"Example,Tess,3\nadd,CPP,1,2,Example,Tom,3,,,\"a " +
		"\"\"b\"\"\"\nadd,CPP,1,2,Example,Tim,3,,,R,more\n"))
	if err != nil || len(rows) != 3 {
		t.Fatalf("ParseCSV returned %d rows, error %v, want 3 rows", len(rows), err)
	}
	if !strings.Contains(rows[0].Fault, "quotation mark") || rows[1].Fault != "" ||
		rows[1].Cells[upload.Reference] != `a "b"` ||
		!strings.Contains(rows[2].Fault, "without a heading") {
		t.Errorf("rows = %+v, want faults in the first and the third", rows)
	}
}

func TestWhatIsNoTableOfPlansIsCorrupt(t *testing.T) {
	for name, c := range map[string]struct{ text, word string }{
		"nothing":           {"", "empty"},
		"blank":             {"\r\n\r\n", "empty"},
		"headings alone":    {heading + "\n", "no rows"},
		"a column too many": {heading + ",Notes\n1\n", "“Notes”"},
		"a heading twice":   {heading + ",DOB\n1\n", "two columns for Birth date"},
		"a heading missing": {
			strings.Replace(heading, "Birth date,", "", 1) + "\n1\n",
			"no heading for Birth date",
		},
		"no headings":           {"add,CPP,9990000018,2016-03-04,Example,Tess,2026-02-03\n", "is not known"},
		"a workbook":            {"PK\x03\x04\x00\x00workbook", "not a CSV"},
		"a hostile heading":     {heading + ",\x1b[2J\n1\n", "␛[2J"},
		"more rows than may be": {heading + strings.Repeat("\nadd", upload.MaxRows+1), "more than 20000 rows"},
		"a heading row of 8 MB": {strings.Repeat(",", upload.MaxBytes-2) + "\n1", "longer than"},
		"a row of 8 MB": {
			heading + "\n" + strings.Repeat("x", upload.MaxBytes-len(heading)-1),
			"longer than",
		},
		"8 MB of line ends":       {strings.Repeat("\n", upload.MaxBytes), "lines"},
		"as many in UTF-16":       {"\xff\xfe" + strings.Repeat("\x0a\x0a", upload.MaxBytes/2-1), "lines"},
		"many headings":           {"x" + strings.Repeat(",", 5000) + "\n1", "too long"},
		"Unicode text cut in two": {"\xff\xfea", "column 1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := upload.ParseCSV([]byte(c.text))
			var bad *upload.FileError
			if !errors.As(err, &bad) || bad.Code != upload.Corrupt || !strings.Contains(bad.Sentence, c.word) {
				t.Errorf("ParseCSV error = %v, want %s with %q", err, upload.Corrupt, c.word)
			}
		})
	}
}

func TestParseCSV_MemoryOfAFileThatIsNoTable(t *testing.T) {
	for name, body := range map[string][]byte{
		"a heading row of 8 MB": []byte(strings.Repeat(",", upload.MaxBytes)),
		"8 MB of line ends":     []byte(strings.Repeat("\n", upload.MaxBytes)),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := upload.ParseCSV(body)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; err == nil || took > 1<<20 {
			t.Errorf("%s: ParseCSV allocated %d bytes, error %v, want less than 1 MB and an error", name, took, err)
		}
	}
}

func TestParseCSV_RowThatIsTooLong(t *testing.T) {
	for name, long := range map[string]string{
		"cells":   strings.Repeat(";", 5000) + "x",
		"letters": strings.Repeat("x", 70_000),
	} {
		rows, err := upload.ParseCSV([]byte(heading + "\nadd,CPP,9990000018\n" + long + "\nadd,LAC,9990000018\n"))
		if err != nil || len(rows) != 3 || rows[0].Fault != "" || !strings.Contains(rows[1].Fault, "too long") ||
			rows[2].Fault != "" {
			t.Errorf("%s: ParseCSV returned %d rows, error %v, want 3 rows with a fault in the second",
				name, len(rows), err)
		}
	}
}

// FuzzParseCSV checks that any input yields rows or a *FileError with a sentence. Cells belong to known columns, and
// each line that is not blank becomes a row.
func FuzzParseCSV(f *testing.F) {
	f.Add([]byte(heading + "\nadd,CPP,999 000 0018,04/03/2016,\"O’Brien\",Tess,2026-02-03,,,R1\n"))
	f.Add([]byte("\xef\xbb\xbfsep=;\r\n" + strings.ReplaceAll(heading, ",", ";") + "\r\n;;\"\r\n"))
	f.Add([]byte("\xff\xfea\x00,\x00"))

	f.Fuzz(func(t *testing.T, body []byte) {
		rows, err := upload.ParseCSV(body)
		var bad *upload.FileError
		switch {
		case err != nil && (!errors.As(err, &bad) || bad.Sentence == ""):
			t.Fatalf("ParseCSV error = %v, want a *FileError with a sentence", err)
		case err == nil && len(rows) == 0:
			t.Fatal("ParseCSV returned neither rows nor an error")
		}
		last := 1
		for _, r := range rows {
			if r.Number <= last {
				t.Fatalf("row number %d follows %d, want ascending numbers", r.Number, last)
			}
			last = r.Number
		}
		answered(t, rows)
	})
}
