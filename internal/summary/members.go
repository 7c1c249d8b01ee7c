package summary

import (
	"bytes"
	"encoding/json"
	"strings"
)

// maxDepth is the maximum nesting of an answer.
const maxDepth = 100

// checkMembers returns an error if raw isn't one JSON value, is nested too deeply, or has an object with two members
// whose names differ at most in case: encoding/json reads only the last of them, so a section could disappear.
func checkMembers(raw []byte) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var open []map[string]bool // the names of each open object; nil for an array
	name := false              // the next token is the name of a member
	for {
		t, err := d.Token()
		if err != nil {
			return malformed("not JSON")
		}
		if len(open) > maxDepth {
			return malformed("nested too deeply")
		}

		inObject := len(open) > 0 && open[len(open)-1] != nil
		switch delim, isDelim := t.(json.Delim); {
		case isDelim && delim == '{':
			open, name = append(open, map[string]bool{}), true
			continue
		case isDelim && delim == '[':
			open, name = append(open, nil), false
			continue
		case isDelim:
			open = open[:len(open)-1]
		case inObject && name:
			key := strings.ToLower(strings.ToUpper(t.(string))) // as encoding/json folds it
			if open[len(open)-1][key] {
				return malformed("a member that is there twice")
			}
			open[len(open)-1][key], name = true, false
			continue
		}

		if len(open) == 0 { // the end of the value
			if _, err := d.Token(); err == nil {
				return malformed("more than one JSON value")
			}
			return nil
		}
		name = open[len(open)-1] != nil
	}
}
