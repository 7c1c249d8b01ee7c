// Package step is what the screens of all steps share: the key bindings, commands, the words of errors, and the
// patient's banner. Each step has a package below tui; these packages do not import each other.
package step

import (
	"time"

	"wardlight/internal/hours"
	"wardlight/internal/procedure"
	"wardlight/tui/draw"
)

// Action is a request of a screen to the model; nil means none.
type Action = any

// Common is the state and configuration that all screens use.
type Common struct {
	Styles   draw.Styles
	Keys     Bindings
	Clock    func() time.Time
	Location *time.Location
	Office   hours.Office
	// Procedure is the site's own procedure for patients of whom it is not known whether there is an alert.
	Procedure procedure.Local
	Hint      []string
	Flags     FlagStatus
	// ShownAt is when the current screen was shown, or when the dialog over it was closed.
	ShownAt time.Time

	Prints          bool // printing is enabled
	PrintsSummaries bool // printing is enabled for Summary Care Records, too
	Copies          bool // receipts are copied to the clipboard
	Saves           bool // receipts can be saved in files
}

// Now returns the current time in the terminal's location.
func (c *Common) Now() time.Time { return c.Clock().In(c.Location) }
