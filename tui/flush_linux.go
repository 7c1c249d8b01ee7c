package tui

import "golang.org/x/sys/unix"

// flushInput drops what was typed on a terminal and not read.
func flushInput(fd int) { _ = unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCIFLUSH) }
