package cardreader

import "strings"

// Namer is a System that can tell which other programs use the computer's smartcard service at this moment. Which of
// them holds a card, no service tells: there is seldom more than one. The names are cleaned for the screen; none is
// told where the system, or this account, cannot know.
type Namer interface {
	Others() []string
}

// OthersOf returns who else uses the service of sys; nil when it cannot tell.
func OthersOf(sys System) []string {
	if n, can := sys.(Namer); can {
		return n.Others()
	}
	return nil
}

// mostNamed is how many programs a sentence names.
const mostNamed = 3

// HeldBy returns an error of kind InUse or Busy that names the programs which may hold the card.
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

// inWords lists names: "scdaemon", "firefox or scdaemon".
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
