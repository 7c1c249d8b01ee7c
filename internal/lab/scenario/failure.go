package scenario

import (
	"errors"
	"fmt"
	"strings"

	"wardlight/internal/testterm"
)

// A Failure describes the first step of a scenario that can't be executed or whose expectation isn't met.
type Failure struct {
	Step    Step
	Problem string   // the actual state
	Also    []string // further failed steps about the same screen
	Detail  string   // output of a command, or text of printouts; "" for none
	Screen  string   // the framed screen; "" before the program is started
	Err     error    // cause; may be nil
}

// Error returns the step and the problem on one line, followed by the details on indented lines.
func (f *Failure) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", f.Step, strings.ReplaceAll(f.Problem, "\n", "\n    "))
	for _, s := range f.Also {
		b.WriteString("\n    " + s)
	}
	for _, block := range []string{f.Detail, f.Screen} {
		if block = strings.TrimRight(block, "\n"); block != "" {
			b.WriteString("\n    " + strings.ReplaceAll(block, "\n", "\n    "))
		}
	}
	return b.String()
}

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

// failure returns a *Failure for the step and its error, or nil if err is nil.
func (p *player) failure(s Step, err error) error {
	if err == nil {
		return nil
	}
	f := &Failure{Step: s, Problem: err.Error(), Err: err}
	var seen *testterm.ScreenError
	if errors.As(err, &seen) {
		f.Problem, f.Screen = seen.Problem+", "+seen.When, seen.Screen
	} else if p.console != nil {
		f.Screen = p.console.Frame()
	}
	var more *detailError
	if errors.As(err, &more) {
		f.Problem, f.Detail = more.problem, more.detail
	}
	return f
}

// detailError is an error with lines of detail.
type detailError struct{ problem, detail string }

func (e *detailError) Error() string { return e.problem }
