//go:build !linux

package tui

// flushInput does nothing on this system. Unread input then makes the next passcode too long, and it is rejected.
func flushInput(int) {}

// echoes reports whether a terminal echoes input; here always true.
func echoes(int) bool { return true }
