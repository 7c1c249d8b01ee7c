package upload_test

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"wardlight/hub/upload"
)

var now = time.Date(2026, 7, 15, 13, 0, 0, 0, time.UTC)

const parseJSONRow = `{"action":"add","kind":"CPP","nhsNumber":"999 000 0018","birthDate":"04/03/2016","family":"O’Brien-Núñez","given":"Tess",` +
	`"start":"2026-02-03","end":"","due":"","reference":"R1"}`

func TestAFileInJSONReads(t *testing.T) {
	f, err := upload.ParseJSON(
		[]byte(`{"version":1,"file":"F1","created":"2026-07-15T14:00:00+01:00","sender":"V999","count":4,"rows":[`+
			parseJSONRow+`,{"action":1},{"notes":"x"},null]}`), "V999", now)
	if err != nil || f.ID != "F1" || len(f.Rows) != 4 {
		t.Fatalf("ParseJSON = %+v, %v, want file F1 with 4 rows", f, err)
	}
	if r := f.Rows[0]; r.Number != 1 || r.Fault != "" || !maps.Equal(r.Cells, one) {
		t.Errorf("first row = %+v, want number 1 and cells %v", r, one)
	}
	for i, word := range map[int]string{1: "“action” is not a string", 2: "unknown member", 3: "not a JSON object"} {
		if r := f.Rows[i]; r.Number != i+1 || !strings.Contains(r.Fault, word) {
			t.Errorf("row = %+v, want number %d and a fault with %q", r, i+1, word)
		}
	}
}

func TestAFileInJSONMayHaveAByteOrderMark(t *testing.T) {
	f, err := upload.ParseJSON([]byte("\ufeff"+`{"version":1,"file":"F1","rows":[`+parseJSONRow+`]}`), "V999", now)
	if err != nil || len(f.Rows) != 1 || !maps.Equal(f.Rows[0].Cells, one) {
		t.Fatalf("ParseJSON with a byte order mark = %+v, %v, want 1 row", f, err)
	}
}

func TestWhatAFileInJSONSaysOfItselfMustHold(t *testing.T) {
	for name, c := range map[string]struct {
		text, word string
		code       upload.FileCode
	}{
		"no JSON":         {`{"version":1`, "not a JSON object", upload.Corrupt},
		"not UTF-8":       {"{\"version\":1,\n\"file\":\"\xff\"}", "not UTF-8: see line 2", upload.Corrupt},
		"a list":          {`[]`, "not a JSON object", upload.Corrupt},
		"nothing":         {``, "not a JSON object", upload.Corrupt},
		"two objects":     {`{"version":1} {}`, "not a JSON object", upload.Corrupt},
		"no version":      {`{"rows":[` + parseJSONRow + `]}`, "version", upload.NotSupported},
		"another version": {`{"version":2,"later":true}`, "version", upload.NotSupported},
		"a member too many": {
			`{"version":1,"notes":"","rows":[` + parseJSONRow + `]}`, `unknown field "notes"`,
			upload.Corrupt,
		},
		"a wrong type": {
			`{"version":1,"file":7,"rows":[` + parseJSONRow + `]}`, "“file” is of the wrong type",
			upload.Corrupt,
		},
		"no rows": {`{"version":1,"file":"F","rows":[]}`, "no “rows”", upload.Corrupt},
		"a row lost": {
			`{"version":1,"file":"F","count":2,"rows":[` + parseJSONRow + `]}`,
			"states 2 rows, but has 1", upload.Corrupt,
		},
		"another's": {
			`{"version":1,"file":"F","sender":"V998","rows":[` + parseJSONRow + `]}`,
			"not the credential's authority", upload.Corrupt,
		},
		"no time": {
			`{"version":1,"file":"F","created":"today","rows":[` + parseJSONRow + `]}`, "created",
			upload.Corrupt,
		},
		"of the day after": {`{"version":1,"file":"F","created":"2026-07-16T14:00:01Z","rows":[` + parseJSONRow +
			`]}`, "in the future", upload.Corrupt},
		"too many rows": {
			`{"version":1,"file":"F","rows":[0` + strings.Repeat(",0", upload.MaxRows) + `]}`,
			"more than 20000", upload.Corrupt,
		},
		"nested without end": {
			`{"version":1,"rows":` + strings.Repeat("[", 20_000), "not a JSON object",
			upload.Corrupt,
		},
		"nested too deeply": {`{"version":1,"rows":[{"action":` + strings.Repeat("[", 6) + strings.Repeat("]", 6) +
			`}]}`, "more than 8 deep", upload.Corrupt},
		"a long row": {
			`{"version":1,"rows":[{"reference":"` + strings.Repeat(`\"`, 40_000) + `"}]}`,
			"longer than 65536", upload.Corrupt,
		},
		"a long value": {`{"version":1,"file":"` + strings.Repeat("[{,", 30_000) + `","rows":[` + parseJSONRow +
			`]}`, "longer than 65536", upload.Corrupt},
		"many members": {`{"version":1` + strings.Repeat(`,"version":1`, 200) + `,"rows":[` + parseJSONRow +
			`]}`, "more than 100 members", upload.Corrupt},
		"rows given twice": {`{"version":1,"rows":[0` + strings.Repeat(",0", upload.MaxRows/2) + `],"rows":[0` +
			strings.Repeat(",0", upload.MaxRows/2) + `]}`, "more than 20000 rows", upload.Corrupt},
		"a hostile text in it": {`{"version":1,"\u001b[2J":""}`, `\x1b[2J`, upload.Corrupt},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := upload.ParseJSON([]byte(c.text), "V999", now)
			var bad *upload.FileError
			if !errors.As(err, &bad) || bad.Code != c.code || !strings.Contains(bad.Sentence, c.word) {
				t.Errorf("ParseJSON error = %v, want %s with %q", err, c.code, c.word)
			}
		})
	}
}

// TestParseJSON_WhatLooksLikeMore checks that brackets and commas inside string values don't count towards the limits.
func TestParseJSON_WhatLooksLikeMore(t *testing.T) {
	row := `{"reference":"` + strings.Repeat(`[{,\"`, 1000) + `"}`
	f, err := upload.ParseJSON([]byte(`{"version":1,"file":"F1","rows":[`+row+strings.Repeat(","+row, 100)+`]}`),
		"V999", now)
	if err != nil || len(f.Rows) != 101 || f.Rows[0].Fault != "" {
		t.Fatalf("ParseJSON = %+v, %v, want 101 rows", f, err)
	}
}

func TestParseJSON_RowOfManyMembers(t *testing.T) {
	row := `{"action":"add"` + strings.Repeat(`,"x":0`, 5000) + `}`
	f, err := upload.ParseJSON([]byte(`{"version":1,"file":"F1","rows":[`+row+`,`+parseJSONRow+`]}`), "V999", now)
	if err != nil || len(f.Rows) != 2 || !strings.Contains(f.Rows[0].Fault, "unknown member") || f.Rows[1].Fault != "" {
		t.Fatalf("ParseJSON = %+v, %v, want 2 rows with a fault in the first", f, err)
	}
}

// FuzzParseJSON checks that any input yields a file with rows, or a *FileError with a sentence.
func FuzzParseJSON(f *testing.F) {
	f.Add([]byte(`{"version":1,"file":"F1","created":"2026-07-15T14:00:00+01:00","sender":"V999","count":1,"rows":[` +
		parseJSONRow + `]}`))
	f.Add([]byte(`{"version":1,"rows":[{"action":1},null,{"x":{}}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		file, err := upload.ParseJSON(body, "V999", now)
		var bad *upload.FileError
		switch {
		case err != nil:
			if !errors.As(err, &bad) || bad.Sentence == "" {
				t.Fatalf("ParseJSON error = %v, want a *FileError with a sentence", err)
			}
			return
		case len(file.Rows) == 0:
			t.Fatal("ParseJSON returned neither rows nor an error")
		}
		answered(t, file.Rows)
	})
}
