package cups

import (
	"errors"
	"fmt"

	"wardlight/internal/fault"
)

// Kind classifies errors of printing.
type Kind int

// The kinds. Their sentences, advice and support codes are in table.
const (
	Failed         Kind = iota // any other error
	Missing                    // the programs of CUPS are not installed
	NoService                  // the print service does not respond
	NotOnWindows               // this package does not print on Windows
	TimedOut                   // timeout before a page was sent
	NoQueue                    // there is no print queue
	BadNames                   // no queue has a name that can be displayed
	UnknownQueue               // no queue has this name
	NotAccepting               // the queue accepts no jobs
	PrinterStopped             // the queue accepts jobs and prints none
	Refused                    // the print service rejected the page
	OutcomeUnknown             // unknown whether the page will be printed
	Waiting                    // the page is still in the queue, and may be printed later
	Aborted                    // the print service will not print the page
	NotInQueue                 // the page to cancel is no longer in the queue
	NotCancelled               // the page to cancel may still be printed
)

const (
	another = "Nothing was printed. Choose another printer, or tell support the code."
	support = "Nothing was printed. Tell support the code; until then write down what you need by hand."
)

// table contains the texts and support codes of all kinds.
var table = fault.Table[Kind]{
	Failed:    fault.Row("Printing went wrong.", support, "P01", "print_failed"),
	Missing:   fault.Row("This computer cannot print: CUPS is not installed.", support, "P10", "print_missing"),
	NoService: fault.Row("The print service of this computer is not running.", support, "P11", "print_no_service"),
	TimedOut: fault.Row("The print service did not answer in time.", "Nothing was printed. Try again; if it "+
		"goes on, tell support the code.", "P12", "print_timed_out"),
	NotOnWindows: fault.Row("Wardlight does not print on Windows.",
		"Nothing was printed. Write down what you need by hand.", "P13", "print_not_on_windows"),
	NoQueue:      fault.Row("No printer is set up on this computer.", support, "P20", "print_no_queue"),
	UnknownQueue: fault.Row("There is no printer of that name.", another, "P21", "print_unknown_queue"),
	BadNames: fault.Row("No printer of this computer has a name that can be shown.", "Nothing was printed. "+
		"Tell support the code: a print queue needs a name of ordinary letters.", "P25", "print_bad_names"),
	NotAccepting:   fault.Row("The printer takes no pages now.", another, "P22", "print_not_accepting"),
	PrinterStopped: fault.Row("The printer is stopped.", another, "P23", "print_stopped"),
	Refused:        fault.Row("The print service refused the page.", another, "P24", "print_refused"),
	OutcomeUnknown: fault.Row("The print service did not say whether it took the page.",
		"Look at the printer before you print again: it may still come out.", "P30", "print_unsettled"),
	Waiting: fault.Row("The page has not come out yet.", "Look at the printer. If the page is not coming out, "+
		"cancel it: it would come out later, with nobody beside it.", "P31", "print_waiting"),
	Aborted: fault.Row("The print service has given the page up.", "Look at the printer: not all of it came "+
		"out. Then choose another printer, or tell support the code.", "P32", "print_given_up"),
	NotInQueue: fault.Row("The page is in the queue no more.", "Fetch it: it has come out, or is coming out.", "P33",
		"print_gone"),
	NotCancelled: fault.Row("The page could not be cancelled.", "Stay beside the printer, or tell support the "+
		"code: it may still come out.", "P34", "print_not_cancelled"),
}

// Kinds returns all kinds in the order of their support codes, for the runbook and for tests.
func Kinds() []Kind { return table.Kinds() }

// String returns the kind's name in machine-readable output: "print_no_queue".
func (k Kind) String() string { return table.Of(k, Failed).Name }

// Error is an error of printing.
type Error struct {
	Kind    Kind
	Queue   string // "" if the error isn't about one queue
	Job     string // of Waiting: the job number, such as "ward-7"
	Message string // of Refused, Waiting and NotCancelled: the print service's message, sanitised; may be ""
	Err     error  // cause, for support
}

// Error returns the sentence for the user with the support code.
func (e *Error) Error() string { return fmt.Sprintf("%s (%s)", e.Sentence(), e.Code()) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is an *Error of the same kind.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind
}

// Sentence returns the sentence for the user.
func (e *Error) Sentence() string {
	s := table[e.Kind].Sentence
	if e.Queue != "" {
		s = e.Queue + ": " + s
	}
	if e.Message != "" {
		s += " It said: " + e.Message
	}
	return s
}

// Advice returns what the user can do.
func (e *Error) Advice() string { return table[e.Kind].Advice }

// Name returns the kind's name in machine-readable output.
func (e *Error) Name() string { return e.Kind.String() }

// Class returns [fault.Printer].
func (e *Error) Class() fault.Class { return fault.Printer }

// Code returns the support code.
func (e *Error) Code() string { return table[e.Kind].Code }

// KindOf returns the kind of the first *Error in err's chain, or Failed if there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Failed
}
