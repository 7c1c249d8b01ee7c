//go:build !linux

package tui

// flushInput does nothing here: what is left of a line then makes the next passcode too long, and it is refused.
func flushInput(int) {}

// echoes reports whether a terminal shows what is typed.
func echoes(int) bool { return true }
