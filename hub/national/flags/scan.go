package flags

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"wardlight/internal/fhir"
)

// maxDepth is the maximum depth of nested values in an answer. A contained Provenance in a Bundle has 12.
const maxDepth = 40

// Errors of scan.
var (
	errNotJSON   = errors.New("not JSON")
	errDepth     = errors.New("nested too deeply")
	errDuplicate = errors.New("two members of an object have the same name")
)

// mentions are the categories of flags that occur anywhere in an answer.
type mentions map[string]bool

// scan reads all tokens of an answer. It returns the categories of flags that its strings mention, in any place. It
// returns an error for what package json reads in one of several possible ways: invalid UTF-8, and objects with two
// members of the same name, of which package json would use the last and ignore the others. It compares names without
// regard to case, as package json does.
func scan(body []byte) (mentions, error) {
	if !utf8.Valid(body) || !json.Valid(body) {
		return nil, errNotJSON
	}

	found := make(mentions)
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var open []map[string]bool // the names in each open object; nil for an array
	named := false             // the last token was a name, so that the next one is its value

	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return found, nil
		case err != nil:
			return nil, errNotJSON
		}

		if s, ok := token.(string); ok {
			if !named && len(open) > 0 && open[len(open)-1] != nil {
				names, name := open[len(open)-1], strings.ToLower(s)
				if names[name] {
					return nil, errDuplicate
				}
				names[name], named = true, true
				continue
			}
			found.add(s)
		}

		named = false
		switch token {
		case json.Delim('{'):
			open = append(open, make(map[string]bool))
		case json.Delim('['):
			open = append(open, nil)
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		}
		if len(open) > maxDepth {
			return nil, errDepth
		}
	}
}

// add adds the category that a string mentions. It also accepts codes that resemble those of the guide, and the kinds
// of child protection plans.
func (m mentions) add(s string) {
	s = strings.ToLower(s)
	switch {
	case strings.Contains(s, "child-protection"), strings.Contains(s, "child protection"),
		strings.Contains(s, fhir.SnomedChildPlan), strings.Contains(s, fhir.SnomedLookedAfter),
		strings.Contains(s, fhir.SnomedUnbornPlan):
		m[codeProtection] = true
	case strings.Contains(s, "reasonable-adjustment"):
		m[codeAdjustments] = true
	case strings.Contains(s, "female-genital-mutilation"):
		m[codeFGM] = true
	}
}
