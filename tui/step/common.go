// Package step is what the screens of all steps share: the table of keys, commands, the words of failures, and the
// patient's banner. Each step is a package beside it, and no step knows another.
package step

import (
	"time"

	"wardlight/internal/hours"
	"wardlight/internal/procedure"
	"wardlight/tui/draw"
)

// Action is something for the model to do; nil is nothing.
type Action = any

// Common is what every screen draws and decides with.
type Common struct {
	Styles   draw.Styles
	Keys     Bindings
	Clock    func() time.Time
	Location *time.Location
	Office   hours.Office
	// Procedure is the site's own procedure for whom it is not known whether there is an alert.
	Procedure procedure.Local
	Hint      []string
	Flags     FlagBoard
	// ShownAt is when what is on the terminal came into sight: the screen, or the end of what covered it.
	ShownAt time.Time

	Prints bool // there is something to print with
	Copies bool // a receipt goes to the clipboard
}

// Now returns the time where the terminal stands.
func (c *Common) Now() time.Time { return c.Clock().In(c.Location) }
