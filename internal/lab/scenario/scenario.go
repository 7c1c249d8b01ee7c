// Package scenario is a small language in which a trainer can read, and a test can carry out, what somebody at the front
// door does and sees:
//
//	insert nurse
//	see Tries left
//	type 246813
//	press enter
//	see Find a patient
//	not see Tess
//	picture find "The search"
//
// A scenario waits for what it wants to see and never sleeps. Its failures name the file and the line. Its pictures are the
// pictures of the documentation, so that these can't show what the program doesn't.
package scenario

import "fmt"

// Verb is what a step does.
type Verb string

// The verbs, with what follows them.
const (
	Screen  Verb = "screen"  // 120x40: the size of the terminal, before anything is shown on it
	Insert  Verb = "insert"  // a card of the test bench, by name
	Eject   Verb = "eject"   // pull the card
	Hub     Verb = "hub"     // stop, or start
	Type    Verb = "type"    // text, as it is typed
	Press   Verb = "press"   // keys by name; or "o until RING NOW", for a key that is deaf at first
	See     Verb = "see"     // text that comes to stand on the screen
	NotSee  Verb = "not see" // text that is gone. Neighbouring lines of see and not see hold of one and the same screen
	Resize  Verb = "resize"  // 60x20
	Told    Verb = "told"    // how many openings the local authorities have been told of since the scenario began
	Records Verb = "records" // fail: the site's record system refuses the next flag; cut: it takes it, and its answer is lost
	Flagged Verb = "flagged" // how many flags the site's record system holds
	Printed Verb = "printed" // text that stands on a paper in the printer
	Copied  Verb = "copied"  // how often the program has put something into the terminal's clipboard (OSC 52)
	Picture Verb = "picture" // alert "An open alert": the screen is the picture alert.svg, whose title that is
	Quit    Verb = "quit"    // q and y where the program asks: it ends, and leaves the terminal as it was
)

// Step is one line.
type Step struct {
	File string
	Line int
	Verb Verb
	// Text is what follows the verb: a card, a text, a number. Of a picture it is the title, of a press the text that ends it.
	Text string
	Name string   // of the picture: that of its file without its ending
	Keys []string // of a press
	Cols int      // of a size
	Rows int
}

// Where is the step's place, as compilers write it.
func (s Step) Where() string { return fmt.Sprintf("%s:%d", s.File, s.Line) }

// String is the step's place and what it says.
func (s Step) String() string {
	said := s.Text
	switch s.Verb {
	case Press:
		said = fmt.Sprint(s.Keys)
	case Picture:
		said = s.Name
	case Screen, Resize:
		said = fmt.Sprintf("%dx%d", s.Cols, s.Rows)
	}
	return fmt.Sprintf("%s: %s %s", s.Where(), s.Verb, said)
}

// Scenario is what somebody does and sees, step by step.
type Scenario struct {
	Steps []Step
}

// Pictures are the names of those that the scenario draws.
func (s Scenario) Pictures() []string {
	var names []string
	for _, step := range s.Steps {
		if step.Verb == Picture {
			names = append(names, step.Name)
		}
	}
	return names
}
