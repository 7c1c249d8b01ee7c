package upload

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"wardlight/internal/table"
	"wardlight/internal/text"
)

// formatVersion is the only supported version of the JSON format.
const formatVersion = 1

// maxAhead is how far a file's creation time may be ahead of the hub's clock.
const maxAhead = 24 * time.Hour

// envelope is the outermost JSON object of a file.
type envelope struct {
	Version *int              `json:"version"`
	File    string            `json:"file"`
	Created string            `json:"created"`
	Sender  string            `json:"sender"`
	Count   *int              `json:"count"`
	Rows    []json.RawMessage `json:"rows"`
}

// ParseJSON parses a file in the JSON format. If the file states a sender or a count, the sender must be the
// authority's code and the count the number of rows. A byte order mark is ignored. The error is a *FileError if no row
// can be read.
func ParseJSON(body []byte, sender string, now time.Time) (*File, error) {
	var stated struct {
		Version *int `json:"version"`
	}

	body = text.WithoutByteOrderMark(body)
	if line := lineNotUTF8(body); line > 0 {
		return nil, corrupt("The file is not UTF-8: see line %d.", line)
	}
	if json.Unmarshal(body, &stated) != nil {
		return nil, corrupt("The file is not a JSON object in UTF-8.")
	}
	if stated.Version == nil || *stated.Version != formatVersion {
		return nil, &FileError{NotSupported, "The version of the format is not 1."}
	}
	if err := checkJSON(body); err != nil {
		return nil, err
	}

	var e envelope
	if err := strict(body, &e); err != nil {
		return nil, corrupt("The file does not have the documented form: %s.", describeDecodeError(err))
	}

	made, ok := parseCreated(e.Created, now)
	if e.Created != "" && !ok {
		return nil, corrupt("“created” is not a time such as 2026-07-15T14:00:00+01:00, or it is in the future.")
	}

	switch {
	case e.Sender != "" && e.Sender != sender:
		return nil, corrupt("The file's “sender” is not the credential's authority, %s.", sender)
	case len(e.Rows) == 0:
		return nil, corrupt("The file has no “rows”.")
	case e.Count != nil && *e.Count != len(e.Rows):
		return nil, corrupt("The file states %d rows, but has %d.", *e.Count, len(e.Rows))
	}

	f := &File{ID: e.File, Made: made}
	for i, raw := range e.Rows {
		f.Rows = append(f.Rows, parseJSONRow(i+1, raw))
	}

	return f, nil
}

// Limits that are checked before a JSON file is decoded, besides [MaxRows] and maxLineBytes for each row or value.
const (
	maxDepth   = 8 // nesting of objects and lists; a row is at depth 3
	maxMembers = 100
)

// checkJSON rejects valid JSON that exceeds a limit: the number of rows, of other members, the depth of nesting, or
// the length of a row or a value. It counts members that would be ignored, too, because decoding them needs memory.
func checkJSON(body []byte) error {
	depth, members, rows, started, quoted := 0, 0, 0, 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case quoted && c == '\\':
			i++ // skip the escaped character
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		case c == ',' && depth == 1:
			members, started = members+1, i
		case c == ',' && depth == 2:
			rows, started = rows+1, i
		}

		switch {
		case depth > maxDepth:
			return corrupt("Objects and lists in the file are nested more than %d deep.", maxDepth)
		case members >= maxMembers:
			return corrupt("The file has more than %d members beside its rows.", maxMembers)
		case rows >= MaxRows:
			return corrupt("The file has more than %d rows: send it in parts, each with an id of its own.", MaxRows)
		case i-started > maxLineBytes:
			return corrupt("A row or a value of the file is longer than %d bytes.", maxLineBytes)
		}
	}

	return nil
}

// parseCreated parses the creation time of a file (RFC 3339). It returns false if the time is invalid or more than
// maxAhead in the future.
func parseCreated(text string, now time.Time) (made int64, ok bool) {
	at, err := time.Parse(time.RFC3339, text)
	return at.UnixMicro(), err == nil && !at.After(now.Add(maxAhead)) && at.UnixMicro() > maxSequence
}

// maxSequence is the maximum sequence number that may replace a creation time. It is less than the microseconds from
// 1970 to any day on which a file is sent, so that every sequence number sorts before every time.
const maxSequence = 999_999_999_999_999

// Sequence parses the value that orders an authority's files: a whole number, or a time in the format of “created”.
// The error is a *FileError.
func Sequence(given string, now time.Time) (made int64, err error) {
	if n, err := strconv.ParseInt(given, 10, 64); err == nil && n > 0 && n <= maxSequence {
		return n, nil
	}
	if made, ok := parseCreated(strings.ReplaceAll(given, " ", "+"), now); ok { // a plus sign is decoded as a space
		return made, nil
	}
	return 0, corrupt("The “sequence” of the request is neither a whole number of up to 15 digits nor a time in " +
		"the past such as 2026-07-15T14:00:00+01:00.")
}

// lineNotUTF8 returns the number of the first line that is not valid UTF-8, counted from 1; 0 if all lines are valid.
func lineNotUTF8(body []byte) int {
	n := 0
	for line := range bytes.SplitSeq(body, []byte("\n")) {
		if n++; !utf8.Valid(line) {
			return n
		}
	}
	return 0
}

// parseJSONRow parses one row. It reports errors in [Row.Fault], so that the other rows are still accepted.
func parseJSONRow(number int, raw json.RawMessage) Row {
	row := Row{Number: number, Cells: make(map[Column]string)}
	d := json.NewDecoder(bytes.NewReader(raw))
	if begin, err := d.Token(); err != nil || begin != json.Delim('{') {
		row.Fault = "The row is not a JSON object."
		return row
	}

	known := everyColumn()
	for d.More() {
		token, _ := d.Token() // the row is valid JSON: a name comes next
		name, _ := token.(string)
		c := Column(name)
		if !slices.Contains(known, c) {
			row.Fault = "The row has an unknown member. Use the members of the documented form, spelt as there."
			return row
		}

		var value *string
		switch err := d.Decode(&value); {
		case err != nil:
			row.Fault = c.title() + ": “" + name + "” is not a string."
		case value != nil:
			row.Cells[c] = table.Cell(*value)
		default:
			delete(row.Cells, c)
		}
	}

	return row
}

// strict decodes a single JSON value. It rejects unknown members and trailing data.
func strict(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is text after the object")
	}
	return nil
}

// describeDecodeError returns the sanitised text of a decoding error about the file's outermost object. Rows aren't
// decoded with the object, so that the text contains no patient's data.
func describeDecodeError(err error) string {
	const most = 120
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return "“" + text.Clean(wrong.Field, most) + "” is of the wrong type"
	}
	return text.Clean(err.Error(), most)
}
