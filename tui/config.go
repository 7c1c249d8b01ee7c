// Package tui is the terminal program. It sets up the terminal and runs the model of package shell on it, in panes or
// in linear mode.
package tui

import (
	"wardlight/tui/draw"
	"wardlight/tui/shell"
	"wardlight/tui/step"
)

// The types that a caller of [Run] needs.
type (
	Config         = shell.Config         // the configuration of the program
	SessionManager = shell.SessionManager // access to the card and the hub
	Flags          = shell.Flags          // the flags in the site's own record system
	Printing       = shell.Printing       // the printers
	ListStore      = shell.ListStore      // where worklists are read from and saved
	Worklist       = shell.Worklist       // the configuration of the worklist
	Theme          = draw.Theme           // a set of styles
	KeyEntry       = step.KeyLine         // one line of the list of keys
	Sign           = step.Sign            // one line of the list of signs
	KeyError       = step.KeyError        // a key setting that is invalid
)

// Keys returns the list of keys with the settings in set, which maps actions to keys. Errors are of type *[KeyError]:
// they name the action, the problem, and what to write instead.
func Keys(set map[string]string) ([]KeyEntry, error) { return step.Keys(set) }

// Signs returns the list of signs for the key card.
func Signs() []Sign { return step.Signs() }
