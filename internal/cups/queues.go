package cups

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"wardlight/internal/text"
)

// State is what a queue is doing.
type State int

// The states. The zero State is of a queue of which CUPS says only that it is there, as of printers in the network.
const (
	Unknown State = iota
	Idle
	Busy
	Stopped  // it takes jobs and prints none
	Refusing // it takes no jobs
)

// String returns the state in words; "" when it is not known.
func (s State) String() string {
	switch s {
	case Idle:
		return "ready"
	case Busy:
		return "printing"
	case Stopped:
		return "stopped: nothing comes out"
	case Refusing:
		return "takes no pages now"
	default:
		return ""
	}
}

// Queue is one print queue.
type Queue struct {
	Name    string
	Default bool // of the system, or of the user
	State   State
	// Reason is why no page comes out, in plain words, as the printer said when it was last used: "out of paper"; ""
	// when nothing is known to be wrong.
	Reason string
}

// The lengths, in letters, of what is taken in: CUPS allows names of 127 bytes.
const mostName, mostSaid = 127, 160

// sound reports whether a queue of the name is offered. lp is given the very name that the user has read, so one that
// cannot be shown as it is (internal/text) is not, nor one that begins like an option. CUPS itself takes every byte
// but controls, space, slash and number sign.
func sound(name string) bool {
	return name != "" && len(name) <= mostName && name[0] != '-' && text.Clean(name, mostName) == name &&
		!strings.ContainsFunc(name, func(r rune) bool { return r == '/' || r == '#' || unicode.IsSpace(r) || !unicode.IsPrint(r) })
}

// parse reads the answers of lpstat -r -d -e -a -l -p in the C language. What it does not know it passes over; passed
// is how many queues it passed over because of their names.
func parse(out string) (queues []Queue, passed int, running bool) {
	found, unsound := map[string]*Queue{}, map[string]bool{}
	queue := func(name string) *Queue {
		if !sound(name) {
			unsound[name] = true
			return &Queue{}
		}
		if found[name] == nil {
			found[name] = &Queue{Name: name}
		}
		return found[name]
	}
	chosen, last := "", &Queue{} // the printer that the lines with a tab are about
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\r\n")
		if alerts, is := strings.CutPrefix(line, "\tAlerts: "); is {
			last.Reason = reasonsOf(alerts)
		}
		if line == "" || line[0] == ' ' || line[0] == '\t' { // the rest is free text, which may look like anything
			continue
		}
		last = &Queue{}
		// CUPS's own spaces: the others of Unicode may stand in a name.
		words := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
		name, isDefault := strings.CutPrefix(line, "system default destination: ")
		switch {
		case line == "scheduler is running":
			running = true
		case isDefault:
			chosen, _, _ = strings.Cut(name, "/") // an instance: the queue with other options
		case len(words) == 1:
			queue(words[0])
		case len(words) >= 4 && words[0] == "printer" && words[2] == "is" && words[3] == "idle.":
			last = queue(words[1]).become(Idle)
		case len(words) >= 4 && words[0] == "printer" && words[2] == "now" && words[3] == "printing":
			last = queue(words[1]).become(Busy)
		case len(words) >= 3 && words[0] == "printer" && words[2] == "disabled":
			last = queue(words[1]).become(Stopped)
		case len(words) >= 4 && words[1] == "not" && words[2] == "accepting" && words[3] == "requests":
			queue(words[0]).become(Refusing)
		}
	}
	for _, q := range found {
		q.Default = q.Name == chosen
		queues = append(queues, *q)
	}
	slices.SortFunc(queues, func(a, b Queue) int {
		if a.Default != b.Default {
			if a.Default {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Name, b.Name)
	})
	return queues, len(unsound), running
}

// become takes in what is said of the queue; what keeps a page from coming out is kept.
func (q *Queue) become(s State) *Queue {
	q.State = max(q.State, s)
	return q
}
