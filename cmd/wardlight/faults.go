package main

import (
	"errors"
	"syscall"

	"wardlight/internal/config"
	"wardlight/internal/fault"
	"wardlight/internal/nhs"
)

// Faults of the commands themselves.
var (
	// the user or the system ended the command
	errInterrupted = &plainFault{name: "interrupted", sentence: "Interrupted."}
	errOutput      = &plainFault{name: "output", sentence: "Nobody reads the output any more.", advice: "Run it again."}
)

// plainFault is a fault without a support code.
type plainFault struct {
	name, sentence, advice string
	class                  fault.Class
}

func (f *plainFault) Error() string      { return f.sentence }
func (f *plainFault) Sentence() string   { return f.sentence }
func (f *plainFault) Advice() string     { return f.advice }
func (f *plainFault) Code() string       { return "" }
func (f *plainFault) Name() string       { return f.name }
func (f *plainFault) Class() fault.Class { return f.class }

// usageError is the error of an invalid command line.
type usageError struct {
	problem string
	hint    string // "" refers to the help
}

func (e *usageError) Error() string      { return e.problem }
func (e *usageError) Sentence() string   { return e.problem }
func (e *usageError) Code() string       { return "" }
func (e *usageError) Name() string       { return "usage" }
func (e *usageError) Class() fault.Class { return fault.Usage }

// Advice returns the hint, or a reference to the help.
func (e *usageError) Advice() string {
	if e.hint == "" {
		return "see 'wardlight --help'"
	}
	return e.hint
}

// incompleteError is the error of a worklist that was not checked completely.
type incompleteError struct{ sentence, advice string }

func (e *incompleteError) Error() string      { return e.sentence }
func (e *incompleteError) Sentence() string   { return e.sentence }
func (e *incompleteError) Advice() string     { return e.advice }
func (e *incompleteError) Code() string       { return "" }
func (e *incompleteError) Name() string       { return "incomplete" }
func (e *incompleteError) Class() fault.Class { return fault.Other }

// faultOf returns err as a fault. Errors of packages without texts for users get a text here.
func faultOf(err error) fault.Fault {
	if f := fault.Find(err); f != nil {
		return f
	}
	var set *config.Error
	var form *nhs.FormError
	switch {
	case errors.As(err, &set):
		return &plainFault{"settings", set.Error(), set.Hint, fault.Usage}
	case errors.As(err, &form):
		return &plainFault{"usage", form.Field + ": " + form.Sentence, "", fault.Usage}
	case errors.Is(err, syscall.EPIPE):
		return errOutput
	default:
		return &plainFault{"internal", err.Error(), "", fault.Other}
	}
}
