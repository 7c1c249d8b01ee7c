package spine

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Limits of an answer. One record has about 2 KB and 12 levels.
const (
	maxAnswerBytes = 1 << 20
	maxDepth       = 40
)

// element is an XML element. Prefixes and comments are gone.
type element struct {
	space      string // namespace
	name       string
	attributes []xml.Attr
	children   []*element
	text       string // of the element and its descendants, in order, with spaces between
}

// parse returns the root element of a document. It refuses what a message never has and what parsers disagree about:
// document types with their entities, processing instructions, encodings other than UTF-8, repeated attributes, and
// elements of a foreign namespace. The errors do not quote the document.
func parse(document []byte) (*element, error) {
	if len(document) > maxAnswerBytes {
		return nil, fmt.Errorf("longer than %d bytes", maxAnswerBytes)
	}

	d := xml.NewDecoder(bytes.NewReader(document)) // strict; without CharsetReader it refuses other encodings
	var root *element
	var open []*element
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF) && root != nil && len(open) == 0:
			return root, nil
		case err != nil:
			return nil, errors.New("not well-formed XML in UTF-8 without entities of its own")
		}

		switch t := token.(type) {
		case xml.StartElement:
			e := &element{space: t.Name.Space, name: t.Name.Local, attributes: t.Copy().Attr}
			switch {
			case len(open) == maxDepth:
				return nil, fmt.Errorf("more than %d levels", maxDepth)
			case len(open) == 0 && root != nil:
				return nil, errors.New("a second root element")
			case e.space != namespaceHL7 && e.space != namespaceLocal:
				return nil, errors.New("an element of a foreign namespace")
			case repeated(e.attributes):
				return nil, errors.New("an attribute twice")
			}

			if len(open) == 0 {
				root = e
			} else {
				parent := open[len(open)-1]
				parent.children = append(parent.children, e)
			}
			open = append(open, e)
		case xml.EndElement:
			closed := open[len(open)-1]
			if open = open[:len(open)-1]; len(open) > 0 {
				parent := open[len(open)-1]
				parent.text = joined(parent.text, closed.text)
			}
		case xml.CharData:
			words := strings.Join(strings.Fields(string(t)), " ")
			switch {
			case len(open) > 0:
				e := open[len(open)-1]
				e.text = joined(e.text, words)
			case strings.Trim(words, "\ufeff") != "":
				return nil, errors.New("text outside of the root element")
			}
		case xml.Directive:
			return nil, errors.New("a document type")
		case xml.ProcInst:
			if t.Target != "xml" || root != nil {
				return nil, errors.New("a processing instruction")
			}
		}
	}
}

// repeated reports whether an attribute occurs twice.
func repeated(attributes []xml.Attr) bool {
	seen := make(map[xml.Name]bool, len(attributes))
	for _, a := range attributes {
		if seen[a.Name] {
			return true
		}
		seen[a.Name] = true
	}
	return false
}

// joined returns both texts with a space between, if both have one.
func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " " + b
}

// attribute returns the attribute without namespace, or "".
func (e *element) attribute(name string) string {
	for _, a := range e.attributes {
		if a.Name.Space == "" && a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// isNil reports whether the element is only there to say that it has no value.
func (e *element) isNil() bool {
	for _, a := range e.attributes {
		if a.Name.Space == "http://www.w3.org/2001/XMLSchema-instance" && a.Name.Local == "nil" &&
			(a.Value == "true" || a.Value == "1") {
			return true
		}
	}
	return e.attribute("nullFlavor") != ""
}

// reader reads elements and remembers the first error. After it, its methods return empty values.
type reader struct{ err error }

// fail remembers the first error.
func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// all returns the children of e with the name that have a value.
func (r *reader) all(e *element, name string) []*element {
	var found []*element
	for _, c := range e.children {
		if c.name == name && c.space == namespaceHL7 && !c.isNil() {
			found = append(found, c)
		}
	}
	return found
}

// optional returns the child with the name, or nil if there is none. Two are an error.
func (r *reader) optional(e *element, name string) *element {
	found := r.all(e, name)
	switch len(found) {
	case 0:
		return nil
	case 1:
		return found[0]
	default:
		r.fail("%d elements %s", len(found), name)
		return nil
	}
}

// one returns the descendant at the path of names. It is an error if a step has none or several.
func (r *reader) one(e *element, path ...string) *element {
	for _, name := range path {
		next := r.optional(e, name)
		if next == nil {
			r.fail("no element %s", name)
			return &element{}
		}
		e = next
	}
	return e
}

// required returns the attribute. An empty one is an error.
func (r *reader) required(e *element, name string) string {
	v := e.attribute(name)
	if v == "" {
		r.fail("no attribute %s in %s", name, e.name)
	}
	return v
}

// only makes a child of another name an error, because leaving it out could hide a plan.
func (r *reader) only(e *element, names ...string) {
	for _, c := range e.children {
		known := false
		for _, name := range names {
			known = known || c.name == name
		}
		if !known {
			r.fail("an unknown element in %s", e.name)
		}
	}
}
