package tui

import "golang.org/x/sys/unix"

// flushInput drops what was typed on a terminal and not read.
func flushInput(fd int) { _ = unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCIFLUSH) }

// echoes reports whether a terminal shows what is typed. One that doesn't has somebody at its other end who shows it,
// as Emacs does.
func echoes(fd int) bool {
	state, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	return err != nil || state.Lflag&unix.ECHO != 0
}
