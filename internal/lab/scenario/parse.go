package scenario

import (
	"fmt"
	"slices"
	"strings"

	"wardlight/internal/text"
)

// A SyntaxError describes a line that is not a valid step.
type SyntaxError struct {
	File     string
	Line     int
	Found    string // beginning of the line; "" if the error isn't in a single line
	Expected string
}

// Error returns the position, what was found and what was expected.
func (e *SyntaxError) Error() string {
	if e.Found == "" {
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Expected)
	}
	return fmt.Sprintf("%s:%d: found %q, expected %s", e.File, e.Line, e.Found, e.Expected)
}

// Parse parses a scenario, one step a line. It ignores blank lines and lines that begin with #. Errors are
// *SyntaxError.
func Parse(file, content string) (Scenario, error) {
	var s Scenario
	for i, line := range strings.Split(content, "\n") {
		if err := s.add(file, i+1, line); err != nil {
			return Scenario{}, err
		}
	}
	return s, nil
}

// maxFound is the maximum number of characters of a line that an error quotes.
const maxFound = 60

// fence begins a code block with steps in a Markdown document.
const fence = "```scenario"

// ParseDocument parses a Markdown document. All code blocks marked "scenario" make up one scenario. Errors are
// *SyntaxError.
func ParseDocument(file, content string) (Scenario, error) {
	var s Scenario
	inside := false
	for i, line := range strings.Split(content, "\n") {
		switch at := strings.TrimSpace(line); {
		case !inside && at == fence:
			inside = true
		case inside && at == "```":
			inside = false
		case inside:
			if err := s.add(file, i+1, line); err != nil {
				return Scenario{}, err
			}
		}
	}

	if inside {
		return Scenario{}, &SyntaxError{
			File: file, Line: strings.Count(content, "\n") + 1,
			Expected: "the last code block does not end",
		}
	}
	if len(s.Steps) == 0 {
		return Scenario{}, &SyntaxError{File: file, Line: 1, Expected: "there is no code block that begins with " +
			fence}
	}

	return s, nil
}

// add parses one line and adds its step.
func (s *Scenario) add(file string, number int, line string) error {
	line = strings.TrimSpace(text.WithoutByteOrderMark(line))
	if line == "" || strings.HasPrefix(line, "#") {
		return nil
	}

	refuse := func(expected string) error {
		return &SyntaxError{File: file, Line: number, Found: text.Clean(line, maxFound), Expected: expected}
	}

	for _, f := range forms {
		rest, ok := strings.CutPrefix(line+" ", string(f.verb)+" ")
		if !ok {
			continue
		}
		step := Step{File: file, Line: number, Verb: f.verb, Source: line}
		if !f.read(&step, strings.TrimSpace(rest)) {
			return refuse(f.expected)
		}
		if f.after != "" && !s.Has(f.after) {
			return refuse(fmt.Sprintf("a step %q before it", f.after))
		}
		s.Steps = append(s.Steps, step)
		return nil
	}

	return refuse("a step that begins with " + strings.Join(Verbs(), ", "))
}

// Verbs returns the verbs of all steps, in alphabetical order.
func Verbs() []string {
	var all []string
	for _, f := range forms {
		all = append(all, string(f.verb))
	}
	slices.Sort(all)
	return all
}
