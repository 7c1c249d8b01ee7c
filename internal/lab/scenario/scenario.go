// Package scenario implements a small language for what a user at the front door does and sees. Trainers can read it,
// and programs can execute it:
//
//	insert nurse
//	see Tries left
//	type 246813
//	press enter
//	see Find a patient
//	not see Tess
//	picture find "The search"
//
// A scenario waits until its expectations are met; it sleeps only where a step says so. Failures name the file and the
// line. docs/scenarios.md describes every step. cmd/wardlight-lab and play import it.
package scenario

import (
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"wardlight/internal/nhs"
)

// A Verb identifies what a step does.
type Verb string

// The verbs. The table forms defines the syntax of each.
const (
	Date       Verb = "date"     // set the clock of hub and program
	Window     Verb = "window"   // set the size of the terminal
	Set        Verb = "set"      // change a setting of the program, before it starts
	Insert     Verb = "insert"   // insert a card, replacing the present one
	Eject      Verb = "eject"    // remove the card
	Type       Verb = "type"     // type text, key by key
	Press      Verb = "press"    // press keys, given by name
	Hold       Verb = "hold"     // hold down a key, which repeats
	Paste      Verb = "paste"    // paste text
	Bytes      Verb = "bytes"    // send bytes unchanged
	Pause      Verb = "pause"    // do nothing for a time
	See        Verb = "see"      // wait until text is on the screen
	NotSee     Verb = "not see"  // wait until text isn't on the screen; consecutive see and not see share a screen
	Screenshot Verb = "picture"  // compare the screen with a screenshot of the documentation
	Copied     Verb = "copied"   // check how often the program has written to the terminal's clipboard (OSC 52)
	Quit       Verb = "quit"     // quit the program, which must restore the terminal
	Run        Verb = "run"      // run a command of the program
	Out        Verb = "out"      // check that the output of the last run contains a text
	NotOut     Verb = "not out"  // check that it doesn't contain a text
	Hub        Verb = "hub"      // stop or start the hub, or put a proxy in front of it
	Import     Verb = "import"   // import people and plans into the hub's store
	Upload     Verb = "upload"   // send a file on behalf of a local authority
	Row        Verb = "row"      // check the answer to a row of the last upload
	Notified   Verb = "told"     // check the number of openings notified to local authorities since the beginning
	Accesses   Verb = "accesses" // check the number of accesses added to an access history since the beginning
	Records    Verb = "records"  // make the site's record system fail for the next flag
	Flagged    Verb = "flagged"  // check the number of flags in the site's record system
	Printed    Verb = "printed"  // check the text of a printout
)

// A Step is one line of a scenario.
type Step struct {
	File   string // as passed to Parse
	Line   int
	Verb   Verb
	Source string // the line, trimmed

	Text      string // card or text; press: the text that ends it; picture: the title; row: a part of the sentence
	Name      string // picture: the file name without its extension; set: the setting
	Keys      []string
	Bytes     []byte
	Cols      int
	Rows      int
	Duration  time.Duration
	At        time.Time // of a date step
	Command   []string  // of a run or hold step: the program and its arguments
	Path      string    // of a file; relative to the scenario's folder
	Authority string    // code of the authority; "" for all
	Patient   nhs.Number
	Code      string // code of an upload's answer
	N         int    // count; row: its number; run: the exit code; hub answers: the HTTP status
}

// Position returns the step's position in the form "file:line".
func (s Step) Position() string { return fmt.Sprintf("%s:%d", s.File, s.Line) }

// String returns the step's position and its line.
func (s Step) String() string { return s.Position() + ": " + s.Source }

// file returns the path of the file that the step names, relative to the scenario's folder.
func (s Step) file() string {
	if filepath.IsAbs(s.Path) {
		return s.Path
	}
	return filepath.Join(filepath.Dir(s.File), s.Path)
}

// A Scenario is a sequence of steps.
type Scenario struct {
	Steps []Step
}

// StartTime returns the time of the first date step if only window and set steps precede it. Otherwise it returns the
// zero time.
func (s Scenario) StartTime() time.Time {
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

// Screenshots returns the names of the screenshots that the scenario uses.
func (s Scenario) Screenshots() []string {
	var names []string
	for _, step := range s.Steps {
		if step.Verb == Screenshot {
			names = append(names, step.Name)
		}
	}
	return names
}
