package tui

import (
	"time"

	"wardlight/internal/hours"
	"wardlight/tui/draw"
)

// action is something for the model to do; nil is nothing.
type action = any

// common is what every screen draws and decides with.
type common struct {
	th     draw.Styles
	keys   bindings
	clock  func() time.Time
	loc    *time.Location
	office hours.Office
	hint   []string
	flags  flagBoard
	// shownAt is when what is on the terminal came into sight: the screen, or the end of what covered it.
	shownAt time.Time

	prints bool // there is something to print with
	copies bool // a receipt goes to the clipboard
}

// now is the time where the terminal stands.
func (c *common) now() time.Time { return c.clock().In(c.loc) }
