package cups

import (
	"errors"
	"fmt"
)

// Kind is a way in which printing can go wrong.
type Kind int

// The kinds. Their sentences, advice and support codes stand in one table, below.
const (
	Failed         Kind = iota // something that this version does not know
	Missing                    // the programs of CUPS are not on this computer
	NoService                  // they are, and the print service does not answer
	TimedOut                   // no answer in time, before a page was sent
	NoQueue                    // there is no print queue
	BadNames                   // there are, and no name of theirs can be shown as it is
	UnknownQueue               // none of the name
	NotAccepting               // the queue takes no jobs
	PrinterStopped             // the queue takes jobs and prints none
	Refused                    // the print service refused the page
	Unsettled                  // what became of the page is not known: it may come out
	Waiting                    // the page is in the queue still, and may come out later
	GivenUp                    // the print service will not print the page any more
	Gone                       // a page that was to be cancelled was in the queue no more
	NotCancelled               // a page that was to be cancelled may still come out
)

// words is what a kind says to the user, what to do, and the code to read out to support.
type words struct{ sentence, advice, code string }

const (
	another = "Nothing was printed. Choose another printer, or tell support the code."
	support = "Nothing was printed. Tell support the code; until then write down what you need by hand."
)

// table is the one place for the words about printing.
var table = map[Kind]words{
	Failed:         {"Printing went wrong.", support, "P01"},
	Missing:        {"This computer cannot print: CUPS is not installed.", support, "P10"},
	NoService:      {"The print service of this computer is not running.", support, "P11"},
	TimedOut:       {"The print service did not answer in time.", "Nothing was printed. Try again; if it goes on, tell support the code.", "P12"},
	NoQueue:        {"No printer is set up on this computer.", support, "P20"},
	UnknownQueue:   {"There is no printer of that name.", another, "P21"},
	BadNames:       {"No printer of this computer has a name that can be shown.", "Nothing was printed. Tell support the code: a print queue needs a name of ordinary letters.", "P25"},
	NotAccepting:   {"The printer takes no pages now.", another, "P22"},
	PrinterStopped: {"The printer is stopped.", another, "P23"},
	Refused:        {"The print service refused the page.", another, "P24"},
	Unsettled:      {"The print service did not say whether it took the page.", "Look at the printer before you print again: it may still come out.", "P30"},
	Waiting:        {"The page has not come out yet.", "Look at the printer. If the page is not coming out, cancel it: it would come out later, with nobody beside it.", "P31"},
	GivenUp:        {"The print service has given the page up.", "Look at the printer: not all of it came out. Then choose another printer, or tell support the code.", "P32"},
	Gone:           {"The page is in the queue no more.", "Fetch it: it has come out, or is coming out.", "P33"},
	NotCancelled:   {"The page could not be cancelled.", "Stay beside the printer, or tell support the code: it may still come out.", "P34"},
}

// Kinds lists every kind in the order of its support code, for the runbook and for tests that leave none out.
func Kinds() []Kind {
	return []Kind{Failed, Missing, NoService, TimedOut, NoQueue, UnknownQueue, NotAccepting, PrinterStopped, Refused, BadNames, Unsettled, Waiting, GivenUp, Gone, NotCancelled}
}

// names are the kinds as documents have them: they do not change.
var names = map[Kind]string{
	Failed: "print_failed", Missing: "print_missing", NoService: "print_no_service", TimedOut: "print_timed_out", NoQueue: "print_no_queue",
	UnknownQueue: "print_unknown_queue", NotAccepting: "print_not_accepting", PrinterStopped: "print_stopped", Refused: "print_refused",
	BadNames: "print_bad_names", Unsettled: "print_unsettled",
	Waiting: "print_waiting", GivenUp: "print_given_up", Gone: "print_gone", NotCancelled: "print_not_cancelled",
}

// String is the kind's name in documents: "print_no_queue".
func (k Kind) String() string { return names[k] }

// Error is a failure to print.
type Error struct {
	Kind  Kind
	Queue string // that it is about; "" where it is about none
	Job   string // of Waiting: the job, as "ward-7"
	Said  string // of Refused, Waiting and NotCancelled: what the print service said, cleaned; "" when it said nothing
	Err   error  // the cause, for support
}

// Error is the user's sentence with the support code.
func (e *Error) Error() string { return fmt.Sprintf("%s (%s)", e.Sentence(), e.Code()) }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is(err, &Error{Kind: NoQueue}) ask for the kind alone.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind
}

// Sentence is what to tell the user.
func (e *Error) Sentence() string {
	s := table[e.Kind].sentence
	if e.Queue != "" {
		s = e.Queue + ": " + s
	}
	if e.Said != "" {
		s += " It said: " + e.Said
	}
	return s
}

// Advice is what the user can do now.
func (e *Error) Advice() string { return table[e.Kind].advice }

// Code is what support asks for.
func (e *Error) Code() string { return table[e.Kind].code }

// KindOf is the kind of a printing error anywhere in err's chain, and Failed for any other error.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Failed
}
