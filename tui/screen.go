package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	"wardlight/internal/hours"
	"wardlight/internal/nhs"
	"wardlight/rbac"
	"wardlight/tui/act"
	"wardlight/tui/draw"
)

// screen is one thing the user is doing. Screens draw, say what can be done and hold what was typed; they ask nobody and know
// no other screen. What is to be done they hand to the model as an action.
type screen interface {
	// commands returns what can be done here, the most important first. The foot shows the main ones before the commands of all
	// screens, and the minor ones after them; the help shows all.
	commands() (main, minor []act.Command)
	// typing reports whether a field has the focus: then letters are text and no commands.
	typing() bool
	paste(s string)
	// View draws the body.
	View(l draw.Layout) draw.Pane
	// wipe drops what was typed and shown.
	wipe()
}

// editor is a screen with a field. It gets the keys that are no commands.
type editor interface {
	edit(k tea.KeyPressMsg)
}

// bannered is a screen about one patient: its banner takes the place of the header. No screen that shows several
// patients has one (CUI).
type bannered interface {
	banner(w int) draw.Pane
}

// placed is a screen in the sequence from the search to the opened alert.
type placed interface {
	place() draw.Place
}

// digested is a placed screen that can stand beside a later one: in few words, w cells wide.
type digested interface {
	placed
	digest(w int) draw.Pane
}

// undivided is a placed screen that has the whole width, without panes beside it.
type undivided interface{ undivided() }

// action is something for the model to do; nil is nothing.
type action = any

// The actions.
type (
	actSignIn      struct{}
	actReadAgain   struct{}
	actTakeRole    struct{ role rbac.RoleProfile }
	actFind        struct{ query client.Query }
	actRetrieve    struct{ number nhs.Number }
	actAskAgain    struct{} // the record or the lamp that could not be had
	actOpen        struct{}
	actShowOpened  struct{}
	actBack        struct{}
	actNextPatient struct{}
	actToFind      struct{}
)

// common is what every screen draws and decides with.
type common struct {
	th     draw.Styles
	keys   keys
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

// screenOf is the screen of a kind, if the user is on it or came from it.
func screenOf[S screen](screens []screen) (S, bool) {
	for i := len(screens) - 1; i >= 0; i-- {
		if s, ok := screens[i].(S); ok {
			return s, true
		}
	}
	var none S
	return none, false
}
