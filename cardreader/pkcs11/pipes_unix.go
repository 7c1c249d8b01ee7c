//go:build unix

package pkcs11

import (
	"errors"
	"os"
	"os/exec"

	"golang.org/x/sys/unix"
)

// passPipes sets the two pipes as the command's standard input and output.
func passPipes(cmd *exec.Cmd, in, out *os.File) error {
	cmd.Stdin, cmd.Stdout, cmd.SysProcAttr = in, out, attributes()
	return nil
}

// inheritedPipes returns the pipes set by hand in the parent. It moves them to other descriptors, because a module
// could use standard input and output by mistake. It also disables core dumps.
func inheritedPipes([]string) (in, out *os.File, err error) {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return nil, nil, err
	}

	ours := [2]*os.File{os.Stdin, os.Stdout}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, nil, err
	}

	for i, f := range ours {
		fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 3)
		if err != nil {
			return nil, nil, err
		}
		if err := unix.SetNonblock(fd, true); err != nil { // closing it then ends a read in progress
			return nil, nil, err
		}
		ours[i] = os.NewFile(uintptr(fd), f.Name())
	}

	err = errors.Join(unix.Dup2(int(null.Fd()), int(os.Stdin.Fd())), unix.Dup2(int(null.Fd()), int(os.Stdout.Fd())),
		null.Close())
	return ours[0], ours[1], err
}

// preload returns the path for loading the module, unchanged.
func preload(path string) (string, error) { return path, nil }

// quit ends the process immediately.
func quit() { os.Exit(1) }
