package scenario

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// SyntaxError is a line that is no step, with what would be one.
type SyntaxError struct {
	File string
	Line int
	Why  string
}

// Error names the place and what is wrong.
func (e *SyntaxError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Why) }

// Parse reads a scenario: a step a line; blank lines and lines that begin with # are for the reader. Errors are *SyntaxError.
func Parse(file, text string) (Scenario, error) {
	var s Scenario
	for i, line := range strings.Split(text, "\n") {
		if err := s.take(file, i+1, line); err != nil {
			return Scenario{}, err
		}
	}
	return s, nil
}

// fence begins a code block of a document that is part of a scenario.
const fence = "```scenario"

// ParseDocument reads the scenario that stands in the code blocks of a Markdown document that are marked "scenario", as one.
// Errors are *SyntaxError.
func ParseDocument(file, text string) (Scenario, error) {
	var s Scenario
	inside := false
	for i, line := range strings.Split(text, "\n") {
		switch at := strings.TrimSpace(line); {
		case !inside && at == fence:
			inside = true
		case inside && at == "```":
			inside = false
		case inside:
			if err := s.take(file, i+1, line); err != nil {
				return Scenario{}, err
			}
		}
	}
	if inside {
		return Scenario{}, &SyntaxError{file, strings.Count(text, "\n") + 1, "the last code block does not end"}
	}
	return s, nil
}

// take reads one line.
func (s *Scenario) take(file string, number int, line string) error {
	line = strings.TrimSpace(line)
	if line == "" || strings.HasPrefix(line, "#") {
		return nil
	}
	step := Step{File: file, Line: number}
	for _, v := range verbs {
		if rest, ok := strings.CutPrefix(line+" ", string(v)+" "); ok {
			step.Verb, step.Text = v, strings.TrimSpace(rest)
			break
		}
	}
	if why := step.complete(); why != "" {
		return &SyntaxError{file, number, fmt.Sprintf("%q: %s", line, why)}
	}
	s.Steps = append(s.Steps, step)
	return nil
}

var verbs = []Verb{Screen, Insert, Eject, Hub, Type, Press, NotSee, See, Resize, Told, Records, Flagged, Printed, Copied, Picture, Quit}

// pictureForm is a file's name and a title in quotation marks; until parts keys from a text.
var (
	pictureForm = regexp.MustCompile(`^([a-z0-9-]+) "([^"]+)"$`)
	until       = " until "
)

// complete reads what follows the verb, or says what should.
func (s *Step) complete() string {
	switch s.Verb {
	case Insert, Type, See, NotSee, Printed:
		if s.Text == "" {
			return "what?"
		}
	case Eject, Quit:
		if s.Text != "" {
			return "nothing follows this"
		}
	case Hub:
		if s.Text != "stop" && s.Text != "start" {
			return "say 'hub stop' or 'hub start'"
		}
	case Records:
		if s.Text != "fail" && s.Text != "cut" {
			return "say 'records fail' or 'records cut'"
		}
	case Told, Flagged, Copied:
		if _, err := strconv.ParseUint(s.Text, 10, 16); err != nil {
			return "how many?"
		}
	case Press:
		keys, text, has := strings.Cut(s.Text, until)
		s.Keys, s.Text = strings.Fields(keys), strings.TrimSpace(text)
		if len(s.Keys) == 0 || slices.Contains(s.Keys, "until") || has && (len(s.Keys) != 1 || s.Text == "") {
			return "say 'press KEY KEY', or 'press KEY until TEXT'"
		}
	case Screen, Resize:
		var err error
		cols, rows, _ := strings.Cut(s.Text, "x")
		if s.Cols, err = strconv.Atoi(cols); err == nil {
			s.Rows, err = strconv.Atoi(rows)
		}
		if err != nil || s.Cols < 1 || s.Rows < 1 || s.Cols > 500 || s.Rows > 500 {
			return "a size is like 80x24"
		}
	case Picture:
		m := pictureForm.FindStringSubmatch(s.Text)
		if m == nil {
			return `say 'picture NAME "TITLE"'; a name is small letters, digits and -`
		}
		s.Name, s.Text = m[1], m[2]
	default:
		known := make([]string, len(verbs))
		for i, v := range verbs {
			known[i] = string(v)
		}
		slices.Sort(known)
		return "a step begins with " + strings.Join(known, ", ")
	}
	return ""
}
