//go:build windows

// Command handover starts a program on Windows and passes its own standard input to it through a pipe whose reading
// end the program inherits. In the program's arguments, READ is replaced by the handle of that end, WRITE by that of
// the other end, and OWN by a handle that is not inherited.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"

	"golang.org/x/sys/windows"
)

func main() {
	if err := start(os.Args[1], os.Args[2:]); err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			os.Exit(exit.ExitCode())
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(99)
	}
}

func start(program string, args []string) error {
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}

	own, _, err := os.Pipe()
	if err != nil {
		return err
	}

	cmd := exec.Command(program) //nolint:noctx // runs until it ends by itself
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	inherited := map[string]*os.File{"READ": read, "WRITE": write}
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	for _, arg := range args {
		f, hand := inherited[arg]
		switch {
		case arg == "OWN":
			arg = strconv.FormatUint(uint64(own.Fd()), 10)
		case hand:
			if err := windows.SetHandleInformation(windows.Handle(f.Fd()), windows.HANDLE_FLAG_INHERIT,
				windows.HANDLE_FLAG_INHERIT); err != nil {
				return err
			}
			cmd.SysProcAttr.AdditionalInheritedHandles = append(cmd.SysProcAttr.AdditionalInheritedHandles,
				syscall.Handle(f.Fd()))
			arg = strconv.FormatUint(uint64(f.Fd()), 10)
		}
		cmd.Args = append(cmd.Args, arg)
	}

	if err := cmd.Start(); err != nil {
		return err
	}

	_, err = io.Copy(write, os.Stdin)
	if err := errors.Join(err, write.Close()); err != nil {
		return err
	}

	return cmd.Wait()
}
