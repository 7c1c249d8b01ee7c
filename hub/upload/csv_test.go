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

// one is the one row that every table of TestASpreadsheetsTableReads holds.
var one = map[upload.Column]string{
	upload.Action: "add", upload.Kind: "CPP", upload.NHSNumber: "999 000 0018", upload.BirthDate: "04/03/2016", upload.Family: "O’Brien-Núñez",
	upload.Given: "Tess", upload.Start: "2026-02-03", upload.End: "", upload.Due: "", upload.Reference: "R1",
}

func TestASpreadsheetsTableReads(t *testing.T) {
	const row = "add,CPP,999 000 0018,04/03/2016,O’Brien-Núñez,Tess,2026-02-03,,,R1"
	table := heading + "\r\n" + row + "\r\n"
	windows, err := charmap.Windows1252.NewEncoder().String(table)
	if err != nil {
		t.Fatal(err)
	}
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(strings.ReplaceAll(table, ",", "\t"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		text string
		at   int // the spreadsheet's row
	}{
		"plain":                      {table, 2},
		"with a byte order mark":     {"\ufeff" + table, 2},
		"in Windows-1252":            {windows, 2},
		"Unicode text of Excel":      {utf16, 2},
		"semicolons":                 {strings.ReplaceAll(table, ",", ";"), 2},
		"semicolons, as sep= says":   {"sep=;\r\n" + strings.ReplaceAll(table, ",", ";"), 3},
		"tabs":                       {strings.ReplaceAll(table, ",", "\t"), 2},
		"line feeds alone":           {heading + "\n" + row + "\n", 2},
		"no line end":                {heading + "\n" + row, 2},
		"carriage returns alone":     {heading + "\r" + row + "\r", 2},
		"empty rows":                 {heading + "\r\n,,,,,,,,,\r\n\r\n" + row + "\r\n,,,,,,,,,\r\n", 4},
		"quoted":                     {heading + "\n" + `"add","CPP","999 000 0018","04/03/2016","O’Brien-Núñez","Tess","2026-02-03","","","R1"`, 2},
		"text forced by apostrophes": {heading + "\n" + "add,CPP,'999 000 0018,'04/03/2016,O’Brien-Núñez,Tess,'2026-02-03,,,'R1", 2},
		`text forced by ="…"`:        {heading + "\n" + `add,CPP,="999 000 0018",="04/03/2016",O’Brien-Núñez,Tess,"=""2026-02-03""",,,R1`, 2},
		"headings in another order and other words": {
			"Local reference;Forename;Surname;DOB;NHS_No.;Plan type;ACTION;Plan start date;End date;EDD\n" +
				"R1;Tess;O’Brien-Núñez;04/03/2016;999 000 0018;CPP;add;2026-02-03;;\n", 2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			rows, err := upload.ParseCSV([]byte(c.text))
			if err != nil || len(rows) != 1 {
				t.Fatalf("%d rows, %v", len(rows), err)
			}
			if r := rows[0]; r.Fault != "" || r.Number != c.at || !maps.Equal(r.Cells, one) {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestARowThatIsNotUTF8SpoilsNoOtherRowAndSaysSo(t *testing.T) {
	rows, err := upload.ParseCSV([]byte(heading + "\nadd,CPP,1,2,Núñez,Zoë,3\nadd,CPP,1,2,N\xfa\xf1ez,Ren\xe9,3\nadd,CPP,1,2,Example,Tom,3\n"))
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, want := range []string{"Núñez Zoë", "Núñez René", "Example Tom"} {
		got, noted := rows[i].Cells[upload.Family]+" "+rows[i].Cells[upload.Given], rows[i].Note != ""
		if got != want || noted != (i == 1) {
			t.Errorf("row %d is %q, with the note %q", rows[i].Number, got, rows[i].Note)
		}
	}
	answers := newRecords(t).take(t, rows...).Rows
	if note := rows[1].Note; !strings.HasSuffix(answers[1].Sentence, ". "+note) || strings.Contains(answers[0].Sentence, note) {
		t.Errorf("%+v", answers)
	}
}

func TestWhatPrintsNothingIsIgnoredInCells(t *testing.T) {
	rows, err := upload.ParseCSV([]byte("\ufeff" + heading + "\n\u200eadd,CPP\u200b,\u202a999 000\u200b 0018\u202c,\u200e04/\u200e03/\u200e2016,O’Bri\u00aden-Núñez,\ufeffTess,2026-02-03\u200f,,,R1\u200b\n"))
	if err != nil || len(rows) != 1 || !maps.Equal(rows[0].Cells, one) {
		t.Errorf("%+v, %v", rows, err)
	}
}

func TestAnOpenQuotationMarkSpoilsNoOtherRow(t *testing.T) {
	rows, err := upload.ParseCSV([]byte(heading + "\nadd,CPP,1,2,\"Example,Tess,3\nadd,CPP,1,2,Example,Tom,3,,,\"a \"\"b\"\"\"\nadd,CPP,1,2,Example,Tim,3,,,R,more\n"))
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if !strings.Contains(rows[0].Fault, "quotation mark") || rows[1].Fault != "" || rows[1].Cells[upload.Reference] != `a "b"` ||
		!strings.Contains(rows[2].Fault, "under no heading") {
		t.Errorf("%+v", rows)
	}
}

func TestWhatIsNoTableOfPlansIsCorrupt(t *testing.T) {
	for name, c := range map[string]struct{ text, word string }{
		"nothing":                 {"", "empty"},
		"blank":                   {"\r\n\r\n", "empty"},
		"headings alone":          {heading + "\n", "no rows"},
		"a column too many":       {heading + ",Notes\n1\n", "“Notes”"},
		"a heading twice":         {heading + ",DOB\n1\n", "two columns for Birth date"},
		"a heading missing":       {strings.Replace(heading, "Birth date,", "", 1) + "\n1\n", "no heading for Birth date"},
		"no headings":             {"add,CPP,9990000018,2016-03-04,Example,Tess,2026-02-03\n", "not understood"},
		"a workbook":              {"PK\x03\x04\x00\x00workbook", "no CSV"},
		"a hostile heading":       {heading + ",\x1b[2J\n1\n", "␛[2J"},
		"more rows than may be":   {heading + strings.Repeat("\nadd", upload.MostRows+1), "more than 20000 rows"},
		"a heading row of 8 MB":   {strings.Repeat(",", upload.MostBytes-2) + "\n1", "longer than"},
		"a row of 8 MB":           {heading + "\n" + strings.Repeat("x", upload.MostBytes-len(heading)-1), "longer than"},
		"8 MB of line ends":       {strings.Repeat("\n", upload.MostBytes), "lines"},
		"as many in UTF-16":       {"\xff\xfe" + strings.Repeat("\x0a\x0a", upload.MostBytes/2-1), "lines"},
		"many headings":           {"x" + strings.Repeat(",", 5000) + "\n1", "longer than any"},
		"Unicode text cut in two": {"\xff\xfea", "column 1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := upload.ParseCSV([]byte(c.text))
			var bad *upload.FileError
			if !errors.As(err, &bad) || bad.Code != upload.Corrupt || !strings.Contains(bad.Sentence, c.word) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestParseCSV_MemoryOfAFileThatIsNoTable(t *testing.T) {
	for name, body := range map[string][]byte{
		"a heading row of 8 MB": []byte(strings.Repeat(",", upload.MostBytes)),
		"8 MB of line ends":     []byte(strings.Repeat("\n", upload.MostBytes)),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := upload.ParseCSV(body)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; err == nil || took > 1<<20 {
			t.Errorf("%s: it takes %d bytes and gives %v, want less than 1 MB and an error", name, took, err)
		}
	}
}

func TestParseCSV_RowThatIsTooLong(t *testing.T) {
	for name, long := range map[string]string{"cells": strings.Repeat(";", 5000) + "x", "letters": strings.Repeat("x", 70_000)} {
		rows, err := upload.ParseCSV([]byte(heading + "\nadd,CPP,9990000018\n" + long + "\nadd,LAC,9990000018\n"))
		if err != nil || len(rows) != 3 || rows[0].Fault != "" || !strings.Contains(rows[1].Fault, "longer than any") || rows[2].Fault != "" {
			t.Errorf("%s: %d rows, %v", name, len(rows), err)
		}
	}
}

// FuzzParseCSV holds that whatever comes gives rows with cells of known columns or a sentence, and no row is lost:
// each line that is not blank is a row.
func FuzzParseCSV(f *testing.F) {
	f.Add([]byte(heading + "\nadd,CPP,999 000 0018,04/03/2016,\"O’Brien\",Tess,2026-02-03,,,R1\n"))
	f.Add([]byte("\xef\xbb\xbfsep=;\r\n" + strings.ReplaceAll(heading, ",", ";") + "\r\n;;\"\r\n"))
	f.Add([]byte("\xff\xfea\x00,\x00"))
	f.Fuzz(func(t *testing.T, body []byte) {
		rows, err := upload.ParseCSV(body)
		var bad *upload.FileError
		switch {
		case err != nil && (!errors.As(err, &bad) || bad.Sentence == ""):
			t.Fatalf("%v", err)
		case err == nil && len(rows) == 0:
			t.Fatal("neither rows nor an error")
		}
		last := 1
		for _, r := range rows {
			if r.Number <= last {
				t.Fatalf("row %d after row %d", r.Number, last)
			}
			last = r.Number
		}
		answered(t, rows)
	})
}
