// Package scenario is a small language in which a trainer can read, and a program can carry out, what somebody at the
// front door does and sees:
//
//	insert nurse
//	see Tries left
//	type 246813
//	press enter
//	see Find a patient
//	not see Tess
//	picture find "The search"
//
// A scenario waits for what it wants to see; it never sleeps, except where a step says so. Its failures name the file
// and the line. docs/scenarios.md describes every step.
package scenario

import (
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"wardlight/internal/nhs"
)

// Verb is what a step does.
type Verb string

// The verbs. The table of forms says what follows each.
const (
	Date     Verb = "date"     // the clock of hub and program
	Window   Verb = "window"   // the size of the terminal
	Set      Verb = "set"      // a setting of the program, before it starts
	Insert   Verb = "insert"   // a card, in place of the one that is in
	Eject    Verb = "eject"    // pull the card
	Type     Verb = "type"     // text, key by key
	Press    Verb = "press"    // keys by name
	Hold     Verb = "hold"     // a key, as its keyboard repeats it
	Paste    Verb = "paste"    // text, as a terminal pastes it
	Bytes    Verb = "bytes"    // as they are
	Pause    Verb = "pause"    // do nothing
	See      Verb = "see"      // text that comes to be on the screen
	NotSee   Verb = "not see"  // text that is gone. Neighbouring lines of see and not see are about one and the same screen
	Picture  Verb = "picture"  // the screen is a picture of the documentation
	Copied   Verb = "copied"   // how often the program has put something into the terminal's clipboard (OSC 52)
	Quit     Verb = "quit"     // leave the program, which puts the terminal back as it was
	Run      Verb = "run"      // a command of the program
	Out      Verb = "out"      // text in the output of the last run
	NotOut   Verb = "not out"  // text that is not in it
	Hub      Verb = "hub"      // stop it, start it, put a proxy in front of it
	Import   Verb = "import"   // people and plans into the hub's store
	Upload   Verb = "upload"   // a file that a local authority sends
	Row      Verb = "row"      // the answer to a row of the last upload
	Told     Verb = "told"     // how many openings local authorities were notified of since the scenario began
	Accesses Verb = "accesses" // how many accesses were added to an access history since the scenario began
	Records  Verb = "records"  // what the site's record system does with the next flag
	Flagged  Verb = "flagged"  // how many flags the site's record system has
	Printed  Verb = "printed"  // text on a printout
)

// Step is one line.
type Step struct {
	File string // as it was given to Parse
	Line int
	Verb Verb
	Said string // the line itself, without blanks around it

	Text      string // a card, a text; of a press the text that ends it, of a picture the title, of a row a part of the sentence
	Name      string // of a picture: its file's name without the ending; of a set: the setting
	Keys      []string
	Bytes     []byte
	Cols      int
	Rows      int
	For       time.Duration
	At        time.Time // of a date
	Command   []string  // of a run, or in the midst of a hold: the program and its arguments
	Path      string    // of a file; relative to the folder of the scenario
	Authority string    // its code; "" for all
	Patient   nhs.Number
	Code      string // of an upload's answer
	N         int    // how many; of a row its number, of a run the exit code, of hub answers the HTTP status
}

// Where returns the step's position, as compilers write it.
func (s Step) Where() string { return fmt.Sprintf("%s:%d", s.File, s.Line) }

// String returns the step's position and its line.
func (s Step) String() string { return s.Where() + ": " + s.Said }

// file returns the path of the file that the step names.
func (s Step) file() string {
	if filepath.IsAbs(s.Path) {
		return s.Path
	}
	return filepath.Join(filepath.Dir(s.File), s.Path)
}

// Scenario is what somebody does and sees, step by step.
type Scenario struct {
	Steps []Step
}

// Begins returns the time at which the scenario begins: its date, where no step but window and set is before it. Otherwise it
// is the zero time.
func (s Scenario) Begins() time.Time {
	for _, step := range s.Steps {
		switch step.Verb {
		case Date:
			return step.At
		case Window, Set:
		default:
			return time.Time{}
		}
	}
	return time.Time{}
}

// Has reports whether the scenario has a step with the verb.
func (s Scenario) Has(v Verb) bool {
	return slices.ContainsFunc(s.Steps, func(step Step) bool { return step.Verb == v })
}

// Pictures returns the names of those that the scenario shows.
func (s Scenario) Pictures() []string {
	var names []string
	for _, step := range s.Steps {
		if step.Verb == Picture {
			names = append(names, step.Name)
		}
	}
	return names
}
