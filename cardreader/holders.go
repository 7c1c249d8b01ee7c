package cardreader

import "strings"

// ProgramLister is a System that can name the other programs that currently use the computer's smartcard service. No
// service reports which of them uses a card, but there is seldom more than one. The names are cleaned for display. The
// list is empty where the system doesn't report them, or this account may not see them.
type ProgramLister interface {
	OtherPrograms() []string
}

// OtherPrograms returns the names of the other programs that use the service of sys, or nil if sys cannot name them.
func OtherPrograms(sys System) []string {
	if n, can := sys.(ProgramLister); can {
		return n.OtherPrograms()
	}
	return nil
}

// maxNamedPrograms is the maximum number of programs named in a sentence.
const maxNamedPrograms = 3

// InUseError returns an error of kind Shared or Busy that names the programs that may be using the card.
func InUseError(kind Kind, programs []string) *Error {
	e := &Error{Kind: kind}
	if len(programs) == 0 {
		return e
	}
	names := joinOr(programs)
	switch kind {
	case InUse:
		e.Detail = "Another program is using your smartcard: " + names + "."
	case Busy:
		e.Detail = "Waiting for " + names + " to finish with the card."
	}
	return e
}

// joinOr returns a list of names, such as "scdaemon" or "firefox or scdaemon".
func joinOr(names []string) string {
	if len(names) > maxNamedPrograms {
		names = names[:maxNamedPrograms]
	}
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
