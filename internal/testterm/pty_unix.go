//go:build unix

package testterm

import (
	"errors"
	"os"
	"os/exec"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// startOnPty starts cmd on a new pseudo-terminal and returns the terminal's side of it.
func startOnPty(cmd *exec.Cmd, cols, rows int) (*os.File, error) {
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)})
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	// Package pty leaves the file in blocking mode, in which Close waits for a Read that may never return.
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err != nil {
		return nil, errors.Join(err, cmd.Process.Kill(), cmd.Wait())
	}
	return os.NewFile(uintptr(fd), "pty"), nil
}

// resizePty changes the size of a pseudo-terminal.
func resizePty(f *os.File, cols, rows int) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	size := &unix.Winsize{Col: uint16(cols), Row: uint16(rows)}
	if control := conn.Control(func(fd uintptr) {
		err = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, size)
	}); control != nil {
		return control
	}
	return err
}
