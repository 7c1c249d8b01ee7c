package cups

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"wardlight/internal/text"
)

// State is the state of a queue.
type State int

// The states. The zero State means that CUPS reports only the name, as for network printers.
const (
	Unknown State = iota
	Idle
	Busy
	Stopped  // accepts jobs and prints none
	Refusing // accepts no jobs
)

// String returns the state in words, or "" if it is unknown.
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

// A Queue is a print queue.
type Queue struct {
	Name    string
	Default bool // default of the system or of the user
	State   State
	// Reason is why no page is printed, in plain words, as the printer reported when it was last used: "out of paper".
	// It is "" if no error is known.
	Reason string
}

// Maximum lengths of names and messages, in characters. CUPS allows names of 127 bytes.
const maxName, maxMessage = 127, 160

// isSafeName reports whether a queue's name is acceptable. lp is passed the name as the user has read it. Therefore
// names that cannot be displayed unchanged (internal/text) are excluded, and names that begin like an option. CUPS
// itself allows all bytes but control characters, space, slash and number sign.
func isSafeName(name string) bool {
	return name != "" && len(name) <= maxName && name[0] != '-' && text.Clean(name, maxName) == name &&
		!strings.ContainsFunc(name, func(r rune) bool {
			return r == '/' || r == '#' || unicode.IsSpace(r) || !unicode.IsPrint(r)
		})
}

// parse parses the output of lpstat -r -d -e -a -l -p in the C locale and ignores unknown lines. passed is the number
// of queues that were skipped because of their names.
func parse(out string) (queues []Queue, passed int, running bool) {
	found, unsound := map[string]*Queue{}, map[string]bool{}
	queue := func(name string) *Queue {
		if !isSafeName(name) {
			unsound[name] = true
			return &Queue{}
		}
		if found[name] == nil {
			found[name] = &Queue{Name: name}
		}
		return found[name]
	}

	chosen, last := "", &Queue{} // the printer to which indented lines belong
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\r\n")
		if alerts, is := strings.CutPrefix(line, "\tAlerts: "); is {
			last.Reason = reasonsOf(alerts)
		}

		if line == "" || line[0] == ' ' || line[0] == '\t' { // other indented lines are free text
			continue
		}

		last = &Queue{}

		// CUPS separates by these blanks only; other Unicode spaces may occur in a name.
		words := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
		name, isDefault := strings.CutPrefix(line, "system default destination: ")
		switch {
		case line == "scheduler is running":
			running = true
		case isDefault:
			chosen, _, _ = strings.Cut(name, "/") // without the instance, the name of a set of options
		case len(words) == 1:
			queue(words[0])
		case len(words) >= 4 && words[0] == "printer" && words[2] == "is" && words[3] == "idle.":
			last = queue(words[1]).raiseState(Idle)
		case len(words) >= 4 && words[0] == "printer" && words[2] == "now" && words[3] == "printing":
			last = queue(words[1]).raiseState(Busy)
		case len(words) >= 3 && words[0] == "printer" && words[2] == "disabled":
			last = queue(words[1]).raiseState(Stopped)
		case len(words) >= 4 && words[1] == "not" && words[2] == "accepting" && words[3] == "requests":
			queue(words[0]).raiseState(Refusing)
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

// raiseState sets the state, unless the present one is worse.
func (q *Queue) raiseState(s State) *Queue {
	q.State = max(q.State, s)
	return q
}
