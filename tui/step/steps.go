package step

import (
	tea "charm.land/bubbletea/v2"

	"wardlight/tui/act"
	"wardlight/tui/draw"
)

// Screen is one step of the user. Screens draw, list commands and store what was typed. They make no requests and
// don't know other screens: they return actions to the model.
type Screen interface {
	// Commands returns the available commands, the most important first. The bottom row shows the main ones before the
	// commands of all screens, and the minor ones after them. The help shows all.
	Commands() (main, minor []act.Command)
	// Typing reports whether a field has the focus. Letters are then text and not commands.
	Typing() bool
	// Paste inserts pasted text into the field with the focus.
	Paste(s string)
	// View returns the body of the screen.
	View(l draw.Layout) draw.Pane
	// Wipe clears all data that was typed or shown.
	Wipe()
}

// Editor is a screen with a field. It receives the keys that are not commands.
type Editor interface {
	Edit(k tea.KeyPressMsg)
}

// Unfinished is a screen with input that would be lost when the user leaves it.
type Unfinished interface {
	// Unfinished reports whether a field has text that was not used yet, or a question is waiting for its answer.
	Unfinished() bool
}

// Bannered is a screen about one patient. Its banner replaces the header, unless it is empty. Screens about several
// patients must not have one (CUI).
type Bannered interface {
	Banner(w int) draw.Pane
}

// Placed is a screen that belongs to a step between the search and the opened alert.
type Placed interface {
	Place() draw.Place
}

// Summarised is a placed screen with a summary, which is shown beside a later screen. Digest returns it, w cells wide.
type Summarised interface {
	Placed
	Digest(w int) draw.Pane
}

// Undivided is a placed screen that uses the whole width, without panes beside it.
type Undivided interface{ Undivided() }

// Failing is a screen that can show a failure with a support code, or with details for support.
type Failing interface {
	// Failing reports whether the screen shows a failure. The bottom row then has the key for the diagnostics among
	// the first, and linear mode says how to open them.
	Failing() bool
}

// Fails reports whether s shows a failure.
func Fails(s Screen) bool {
	f, ok := s.(Failing)
	return ok && f.Failing()
}

// ScreenOf returns the screen of type S in screens, if there is one.
func ScreenOf[S Screen](screens []Screen) (S, bool) {
	for i := len(screens) - 1; i >= 0; i-- {
		if s, ok := screens[i].(S); ok {
			return s, true
		}
	}
	var none S
	return none, false
}
