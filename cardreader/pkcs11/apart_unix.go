//go:build cgo && unix

package pkcs11

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// apart moves the pipes away from standard input and output, where the module could read and write by mistake, and
// lets a crash leave no image of the memory behind.
func apart(in, out *os.File) (*os.File, *os.File, error) {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return nil, nil, err
	}
	ours := [2]*os.File{in, out}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, nil, err
	}
	for i, f := range ours {
		fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 3)
		if err != nil {
			return nil, nil, err
		}
		if err := unix.SetNonblock(fd, true); err != nil { // so that closing it ends a read in progress
			return nil, nil, err
		}
		ours[i] = os.NewFile(uintptr(fd), f.Name())
	}
	err = errors.Join(unix.Dup2(int(null.Fd()), int(in.Fd())), unix.Dup2(int(null.Fd()), int(out.Fd())), null.Close())
	return ours[0], ours[1], err
}
