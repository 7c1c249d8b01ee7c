// Package fhirtest checks that the FHIR resources that a program sends are valid R4. It uses independent validators:
// HL7's JSON schema within each test, for every resource; and three engines that run on node, once for each shape of
// resource that the tests have sent. Each engine detects errors that the others miss. For tests only.
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

// Set collects the resources that the tests of a package have sent, one of each shape.
type Set struct {
	mu     sync.Mutex
	shapes map[string][]byte
}

// NewSet returns an empty set.
func NewSet() *Set { return &Set{shapes: make(map[string][]byte)} }

// Check fails the test if the resource is not valid R4, and adds it to the set for Main. If the schema is not
// installed, it checks only the rules that apply to every resource; with CI=true that is an error.
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
		tb.Errorf("resource is not valid FHIR R4: %s\nin %s", f, body)
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

// Main runs the tests, and then validates one resource of each shape with the engines on node. It skips the validation
// if only some tests are run. It returns the exit status.
func (s *Set) Main(m *testing.M) int {
	code := m.Run()
	if code != 0 || !runsAllTests() {
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

// runsAllTests reports whether all tests, and only tests, are run.
func runsAllTests() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list", "test.bench", "test.fuzz"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return false
		}
	}
	return true
}

// Examine validates the collected resources with the engines on node, as Main does after all tests.
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

// examine validates one resource of each shape with the engines, and returns their findings.
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

// coded lists the members whose value is part of a resource's shape, because rules depend on it.
var coded = []string{
	"resourceType", "type", "status", "code", "system", "use", "url", "mode", "severity", "action",
	"outcome", "gender", "method",
}

// shape returns a string that is equal for two resources with the same members and the same codes in them.
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
