// Package tui is the terminal program: it takes the terminal in hand, and runs the model of package shell on it, in
// panes or in lines.
package tui

import (
	"wardlight/tui/draw"
	"wardlight/tui/shell"
	"wardlight/tui/step"
)

// What whoever starts the program gives it.
type (
	Config   = shell.Config   // everything that it needs from outside
	Desk     = shell.Desk     // card and hub
	Flags    = shell.Flags    // the site's own record system
	Printing = shell.Printing // where paper comes from
	Shelf    = shell.Shelf    // where worklists come from, and where one is kept
	Worklist = shell.Worklist // what the worklist needs
	Theme    = draw.Theme     // a set of styles
	KeyLine  = step.KeyLine   // one line of the key card
	KeyError = step.KeyError  // a key that cannot be set
)

// Keys returns the key card with the keys that were set, by action. Errors are *KeyError: they name the action,
// what is wrong, and what to write instead.
func Keys(set map[string]string) ([]KeyLine, error) { return step.Keys(set) }
