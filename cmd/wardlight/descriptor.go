package main

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// noDescriptor is the value of --passcode-fd and --token-fd where the secret is asked for on the terminal.
const noDescriptor = -1

var (
	// errNotHandedOver is the error of a descriptor that the program which started this one did not open for it.
	errNotHandedOver = errors.New("nobody handed over the descriptor")
	// errNotReadable is the error of a descriptor that is open for writing only.
	errNotReadable = errors.New("the descriptor is not open for reading")
)

// checkFD refuses a descriptor that the option cannot mean, without reading from it. Commands call it before they
// touch a card. The error is a *usageError.
func (a *app) checkFD(option string, fd int) error {
	switch {
	case fd == noDescriptor:
		return nil
	case fd < 0:
		return &usageError{problem: fmt.Sprintf("%s is a file descriptor, not %d", option, fd)}
	case fd == 1 || fd == 2:
		return &usageError{problem: fmt.Sprintf("%s %d is where messages go", option, fd), hint: "use 0, or 3 and above"}
	}
	switch err := a.inherited(fd); {
	case errors.Is(err, errNotHandedOver):
		return &usageError{problem: fmt.Sprintf("nobody handed over descriptor %d, which %s names", fd, option), hint: handOver(option)}
	case err != nil:
		return &usageError{problem: fmt.Sprintf("descriptor %d, which %s names, cannot be read", fd, option), hint: handOver(option)}
	}
	return nil
}

// descriptors are the file descriptors with secrets that were handed over to this process. They are for one goroutine.
type descriptors struct{ taken map[int]*os.File }

func newDescriptors() *descriptors { return &descriptors{make(map[int]*os.File)} }

// take returns checkDescriptor. A descriptor that it accepts is marked close-on-exec: no process that this one
// starts, such as a smartcard module's or a printing program, is to have it.
func (d *descriptors) take(fd int) error {
	if d.taken[fd] != nil {
		return nil
	}
	if err := checkDescriptor(fd); err != nil || fd == 0 { // a new process has a standard input of its own
		return err
	}
	closeOnExec(fd)
	d.taken[fd] = os.NewFile(uintptr(fd), "secret")
	return nil
}

// open returns a descriptor that was taken, for reading a secret from it and for closing: then it is nobody's any more.
func (d *descriptors) open(fd int) io.ReadCloser {
	if fd == 0 {
		return os.Stdin // which has no number on Windows
	}
	f := d.taken[fd]
	delete(d.taken, fd)
	return f
}
