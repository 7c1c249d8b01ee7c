package upload

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"time"
	"unicode/utf8"

	"wardlight/internal/table"
	"wardlight/internal/text"
)

// formatVersion is the one version of the JSON form.
const formatVersion = 1

// mostAhead is how far a file's creation time may be ahead of the hub's clock.
const mostAhead = 24 * time.Hour

// envelope is a file in JSON.
type envelope struct {
	Version *int              `json:"version"`
	File    string            `json:"file"`
	Created string            `json:"created"`
	Sender  string            `json:"sender"`
	Count   *int              `json:"count"`
	Rows    []json.RawMessage `json:"rows"`
}

// ParseJSON reads a file in the JSON form. What it states of itself must hold: its sender is the authority with that
// code, and it has as many rows as it counts. A byte order mark is ignored. A *FileError says why no row can be read.
func ParseJSON(body []byte, sender string, now time.Time) (*File, error) {
	var stated struct {
		Version *int `json:"version"`
	}
	body = text.WithoutByteOrderMark(body)
	if line := lineNotUTF8(body); line > 0 {
		return nil, corrupt("The file is not UTF-8: see its line %d.", line)
	}
	if json.Unmarshal(body, &stated) != nil {
		return nil, corrupt("The file is not a JSON object in UTF-8.")
	}
	if stated.Version == nil || *stated.Version != formatVersion {
		return nil, &FileError{NotSupported, "The version of the format is not 1."}
	}
	var e envelope
	if err := strict(body, &e); err != nil {
		return nil, corrupt("The file is not of the form: %s.", shape(err))
	}
	if e.Created != "" {
		created, err := time.Parse(time.RFC3339, e.Created)
		if err != nil || created.After(now.Add(mostAhead)) {
			return nil, corrupt("The time in “created” is not one such as 2026-07-15T14:00:00+01:00, or it is yet to come.")
		}
	}
	switch {
	case e.Sender != "" && e.Sender != sender:
		return nil, corrupt("The file's “sender” is another authority than the credential's, %s.", sender)
	case len(e.Rows) == 0:
		return nil, corrupt("The file has no “rows”.")
	case len(e.Rows) > MostRows:
		return nil, corrupt("The file has more than %d rows: send it in parts, each with an id of its own.", MostRows)
	case e.Count != nil && *e.Count != len(e.Rows):
		return nil, corrupt("The file says that it has %d rows, and has %d.", *e.Count, len(e.Rows))
	}
	f := &File{ID: e.File}
	for i, raw := range e.Rows {
		f.Rows = append(f.Rows, jsonRow(i+1, raw))
	}
	return f, nil
}

// lineNotUTF8 returns the first line that is not UTF-8, counted from 1; 0 when all are.
func lineNotUTF8(body []byte) int {
	n := 0
	for line := range bytes.SplitSeq(body, []byte("\n")) {
		if n++; !utf8.Valid(line) {
			return n
		}
	}
	return 0
}

// jsonRow reads one row; what does not read is the row's own fault.
func jsonRow(number int, raw json.RawMessage) Row {
	row := Row{Number: number, Cells: make(map[Column]string)}
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil || members == nil {
		row.Fault = "The row is not a JSON object."
		return row
	}
	for _, c := range everyColumn() {
		value, ok := members[string(c)]
		delete(members, string(c))
		if !ok || string(value) == "null" {
			continue
		}
		var s string
		if json.Unmarshal(value, &s) != nil {
			row.Fault = c.title() + ": “" + string(c) + "” is not a string."
			continue
		}
		row.Cells[c] = table.Cell(s)
	}
	if len(members) > 0 {
		row.Fault = "The row has a member that is not understood. Members are those of the documented form, spelt as there."
	}
	return row
}

// strict reads one JSON value, all of it, without members that are not known.
func strict(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the object")
	}
	return nil
}

// shape returns what a decoding error says of the file's outermost object, cleaned. Rows are not decoded with it, so
// that nothing of anybody is in it.
func shape(err error) string {
	const most = 120
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return "“" + text.Clean(wrong.Field, most) + "” is of the wrong type"
	}
	return text.Clean(err.Error(), most)
}
