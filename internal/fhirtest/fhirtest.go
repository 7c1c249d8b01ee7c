// Package fhirtest holds the FHIR resources that a program sends to R4, by validators that nobody here wrote: HL7's
// JSON schema in the test itself, on every resource; and, once for the shapes that the tests have seen, three engines
// that run on node, of which each sees what the others miss. For tests only.
package fhirtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"wardlight/internal/need"
)

// Set is what the tests of a package have seen sent: one resource of each shape.
type Set struct {
	mu     sync.Mutex
	shapes map[string][]byte
}

// NewSet returns a set that has seen nothing.
func NewSet() *Set { return &Set{shapes: make(map[string][]byte)} }

// Check fails the test when the resource is not what R4 asks for, and keeps its shape for Main. Without the schema
// only the rules for every resource are looked at; with CI=true the schema has to be there.
func (s *Set) Check(tb testing.TB, body []byte) {
	tb.Helper()
	faults, err := Faults(body)
	switch {
	case errors.Is(err, errAbsent) && !need.CI():
		tb.Log(err)
	case err != nil:
		tb.Error(err)
	}
	for _, f := range faults {
		tb.Errorf("not valid FHIR R4: %s\nin %s", f, body)
	}
	if len(faults) > 0 {
		return
	}
	line := &bytes.Buffer{}
	if err := json.Compact(line, body); err != nil {
		tb.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shapes[shape(body)] = line.Bytes()
}

// Main runs the tests and then has the engines on node look at one resource of each shape that the tests have seen. A
// run of chosen tests does without. It gives the status to exit with.
func (s *Set) Main(m *testing.M) int {
	code := m.Run()
	if code != 0 || !whole() {
		return code
	}
	faults, err := s.examine()
	switch {
	case errors.Is(err, errAbsent) && !need.CI():
		fmt.Println("not examined by the validators on node:", err)
		return 0
	case err != nil:
		faults = append(faults, err.Error())
	}
	for _, f := range faults {
		fmt.Println("FAIL:", f)
	}
	if len(faults) > 0 {
		return 1
	}
	fmt.Printf("%d shapes of FHIR resources are valid R4 by %s\n", len(s.shapes), strings.Join(engines, ", "))
	return 0
}

// whole reports whether all tests were asked for, and nothing else.
func whole() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list", "test.bench", "test.fuzz"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return false
		}
	}
	return true
}

// Examine is the second half of Main, for a test that has seen all that there is to see.
func (s *Set) Examine(tb testing.TB) {
	tb.Helper()
	faults, err := s.examine()
	if errors.Is(err, errAbsent) {
		need.Absent(tb, err.Error())
	}
	if err != nil {
		tb.Fatal(err)
	}
	for _, f := range faults {
		tb.Error(f)
	}
}

// examine has the engines look at one resource of each shape, and lists what they say against it.
func (s *Set) examine() ([]string, error) {
	s.mu.Lock()
	all := slices.Collect(maps.Values(s.shapes))
	s.mu.Unlock()
	found, err := examine(all)
	var faults []string
	for _, f := range found {
		faults = append(faults, fmt.Sprintf("not valid FHIR R4 by %s: %s\nin %s", f.Engine, f.Problem, all[f.Resource]))
	}
	return faults, err
}

// coded are the members whose value is part of a resource's shape: rules hang on it.
var coded = []string{"resourceType", "type", "status", "code", "system", "use", "url", "mode", "severity", "action", "outcome", "gender", "method"}

// shape returns the same for two resources that have the same members with the same codes in them.
func shape(body []byte) string {
	var resource any
	if err := json.Unmarshal(body, &resource); err != nil {
		return ""
	}
	parts := make(map[string]bool)
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, e := range v {
				if value, ok := e.(string); ok && slices.Contains(coded, name) {
					parts[path+"."+name+"="+value] = true
					continue
				}
				walk(path+"."+name, e)
			}
		case []any:
			for _, e := range v {
				walk(path+"[]", e)
			}
		default:
			parts[fmt.Sprintf("%s:%T", path, v)] = true
		}
	}
	walk("", resource)
	return strings.Join(slices.Sorted(maps.Keys(parts)), "\n")
}
