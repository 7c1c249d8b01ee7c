package main

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// noDescriptor is the value of --passcode-fd and --token-fd when the secret is read from the terminal.
const noDescriptor = -1

var (
	// errNotHandedOver is the error of a descriptor that the parent process did not open for this one.
	errNotHandedOver = errors.New("nobody handed over the descriptor")
	// errNotReadable is the error of a descriptor that is open for writing only.
	errNotReadable = errors.New("the descriptor is not open for reading")
)

// checkFD rejects a descriptor that is invalid for the option, without reading from it. Commands call it before they
// use a card. The error is a *usageError.
func (a *app) checkFD(option string, fd int) error {
	switch {
	case fd == noDescriptor:
		return nil
	case fd < 0:
		return &usageError{problem: fmt.Sprintf("%s is a file descriptor, not %d", option, fd)}
	case fd == 1 || fd == 2:
		return &usageError{
			problem: fmt.Sprintf("%s %d is where messages go", option, fd),
			hint:    "use 0, or 3 and above",
		}
	}

	switch err := a.inherited(fd); {
	case errors.Is(err, errNotHandedOver):
		return &usageError{
			problem: fmt.Sprintf("nobody handed over descriptor %d, which %s names", fd, option),
			hint:    handOver(option),
		}
	case err != nil:
		return &usageError{
			problem: fmt.Sprintf("descriptor %d, which %s names, cannot be read", fd, option),
			hint:    handOver(option),
		}
	}

	return nil
}

// descriptors manages the file descriptors with secrets that this process inherited. It is not safe for concurrent
// use.
type descriptors struct{ taken map[int]*os.File }

func newDescriptors() *descriptors { return &descriptors{make(map[int]*os.File)} }

// claim validates fd with checkDescriptor. A valid descriptor is marked close-on-exec, so that child processes such as
// PKCS#11 modules or printing programs don't inherit it.
func (d *descriptors) claim(fd int) error {
	if d.taken[fd] != nil {
		return nil
	}
	if err := checkDescriptor(fd); err != nil || fd == 0 { // child processes don't inherit this standard input
		return err
	}
	closeOnExec(fd)
	d.taken[fd] = os.NewFile(uintptr(fd), "secret")
	return nil
}

// open returns a descriptor accepted by take, for reading a secret. Closing it closes the descriptor.
func (d *descriptors) open(fd int) io.ReadCloser {
	if fd == 0 {
		return os.Stdin // standard input has no number on Windows
	}
	f := d.taken[fd]
	delete(d.taken, fd)
	return f
}
