package scenario

import (
	"errors"
	"fmt"
	"strings"

	"wardlight/internal/testterm"
)

// Failure is the first step of a scenario that can't be done or doesn't come true.
type Failure struct {
	Step    Step
	Problem string   // what was seen instead
	Also    []string // further steps about the same screen that don't hold
	Detail  string   // what a command printed, or printouts say; "" for none
	Screen  string   // the screen in a frame; "" before the program is started
	Err     error    // the cause, where there is one
}

// Error returns the step and the problem on one line, and the rest below, indented.
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

// fails makes a Failure of what went wrong with a step, or nil.
func (p *player) fails(s Step, err error) error {
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

// detailError is a problem with lines that show it.
type detailError struct{ problem, detail string }

func (e *detailError) Error() string { return e.problem }
