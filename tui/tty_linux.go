package tui

import "golang.org/x/sys/unix"

// flushInput discards unread input of a terminal.
func flushInput(fd int) { _ = unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCIFLUSH) }

// echoes reports whether a terminal echoes input. One that doesn't is run by a program that shows the input itself, as
// Emacs does.
func echoes(fd int) bool {
	state, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	return err != nil || state.Lflag&unix.ECHO != 0
}
