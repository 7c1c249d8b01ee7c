//go:build !windows

package main

import "golang.org/x/sys/unix"

// handOver returns advice on passing a secret with the option.
func handOver(option string) string {
	return "open the descriptor for reading, as in " + option + " 3 3<FILE"
}

// closeOnExec prevents child processes from inheriting the descriptor.
func closeOnExec(fd int) { unix.CloseOnExec(fd) }

// checkDescriptor returns errNotHandedOver if fd is not open or was opened by this process, and errNotReadable if it
// is open for writing only.
//
// execve closes every descriptor with the close-on-exec flag (execve(2)), so a descriptor with that flag was not
// inherited. The Go runtime sets it on all descriptors that it opens. One of them reads as digits ("100000", from the
// control group's cpu.max), which would be sent to the card as a passcode.
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
