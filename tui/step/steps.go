package step

import (
	tea "charm.land/bubbletea/v2"

	"wardlight/tui/act"
	"wardlight/tui/draw"
)

// Screen is one thing the user is doing. Screens draw, say what can be done and hold what was typed; they ask nobody
// and know no other screen. What is to be done they hand to the model as an action.
type Screen interface {
	// Commands returns what can be done here, the most important first. The foot shows the main ones before the commands
	// of all screens, and the minor ones after them; the help shows all.
	Commands() (main, minor []act.Command)
	// Typing reports whether a field has the focus: then letters are text and no commands.
	Typing() bool
	// Paste takes pasted text for the field that has the focus.
	Paste(s string)
	// View draws the body.
	View(l draw.Layout) draw.Pane
	// Wipe drops what was typed and shown.
	Wipe()
}

// Editor is a screen with a field. It gets the keys that are no commands.
type Editor interface {
	Edit(k tea.KeyPressMsg)
}

// Unfinished is a screen on which the user may have begun something that leaving it would lose.
type Unfinished interface {
	// Unfinished reports whether a field has text that was not used yet, or a question waits for its answer.
	Unfinished() bool
}

// Bannered is a screen about one patient: its banner takes the place of the header, unless it is empty. No screen that
// shows several patients has one (CUI).
type Bannered interface {
	Banner(w int) draw.Pane
}

// Placed is a screen in the sequence from the search to the opened alert.
type Placed interface {
	Place() draw.Place
}

// Digested is a placed screen that can stand beside a later one: in few words, w cells wide.
type Digested interface {
	Placed
	Digest(w int) draw.Pane
}

// Undivided is a placed screen that has the whole width, without panes beside it.
type Undivided interface{ Undivided() }

// Failing is a screen that can show a failure, with its code or what support has to hear.
type Failing interface {
	// Failing reports whether it does. Then the foot offers the diagnostics among its first keys, and the linear mode
	// says how to get to them.
	Failing() bool
}

// Fails reports whether a screen shows a failure.
func Fails(s Screen) bool {
	f, ok := s.(Failing)
	return ok && f.Failing()
}

// ScreenOf returns the screen of a kind, if the user is on it or came from it.
func ScreenOf[S Screen](screens []Screen) (S, bool) {
	for i := len(screens) - 1; i >= 0; i-- {
		if s, ok := screens[i].(S); ok {
			return s, true
		}
	}
	var none S
	return none, false
}
