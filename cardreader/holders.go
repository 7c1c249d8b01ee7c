package cardreader

import "strings"

// Namer is a System that can name the other programs that currently use the computer's smartcard service. No service
// reports which of them uses a card, but there is seldom more than one. The names are cleaned for display. The list is
// empty where the system doesn't report them, or this account may not see them.
type Namer interface {
	Others() []string
}

// OthersOf returns the names of the other programs that use the service of sys, or nil if sys cannot name them.
func OthersOf(sys System) []string {
	if n, can := sys.(Namer); can {
		return n.Others()
	}
	return nil
}

// mostNamed is the maximum number of programs named in a sentence.
const mostNamed = 3

// HeldBy returns an error of kind InUse or Busy that names the programs that may be using the card.
func HeldBy(kind Kind, programs []string) *Error {
	e := &Error{Kind: kind}
	if len(programs) == 0 {
		return e
	}
	names := inWords(programs)
	switch kind {
	case InUse:
		e.Detail = "Another program is using your smartcard: " + names + "."
	case Busy:
		e.Detail = "Waiting for " + names + " to finish with the card."
	}
	return e
}

// inWords returns a list of names, such as "scdaemon" or "firefox or scdaemon".
func inWords(names []string) string {
	if len(names) > mostNamed {
		names = names[:mostNamed]
	}
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
