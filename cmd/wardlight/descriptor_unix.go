//go:build !windows

package main

import "golang.org/x/sys/unix"

// handOver says how to hand over a secret with the option.
func handOver(option string) string {
	return "open the descriptor for reading, as in " + option + " 3 3<FILE"
}

// closeOnExec keeps the descriptor from processes that this one starts.
func closeOnExec(fd int) { unix.CloseOnExec(fd) }

// checkDescriptor returns errNotHandedOver where fd is not open, or is this process's own, and errNotReadable where
// it is open for writing only. execve closes every descriptor that is marked close-on-exec (execve(2)), so one with
// that mark was not inherited. The Go runtime marks all of its own. One of them holds digits ("100000", the control
// group's cpu.max), which a card would take for a passcode.
func checkDescriptor(fd int) error {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	if err != nil || flags&unix.FD_CLOEXEC != 0 {
		return errNotHandedOver
	}
	mode, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err != nil || mode&unix.O_ACCMODE == unix.O_WRONLY {
		return errNotReadable
	}
	return nil
}
