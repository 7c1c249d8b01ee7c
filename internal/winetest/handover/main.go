//go:build windows

// Command handover starts a program on Windows, and hands over its own standard input on a pipe of which the program
// inherits the reading end. In the program's arguments READ is the handle of that end, WRITE that of the other end, and
// OWN one that the program does not inherit.
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
	cmd := exec.Command(program) //nolint:noctx // it is waited for
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	inherited := map[string]*os.File{"READ": read, "WRITE": write}
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	for _, arg := range args {
		f, hand := inherited[arg]
		switch {
		case arg == "OWN":
			arg = strconv.FormatUint(uint64(own.Fd()), 10)
		case hand:
			if err := windows.SetHandleInformation(windows.Handle(f.Fd()), windows.HANDLE_FLAG_INHERIT, windows.HANDLE_FLAG_INHERIT); err != nil {
				return err
			}
			cmd.SysProcAttr.AdditionalInheritedHandles = append(cmd.SysProcAttr.AdditionalInheritedHandles, syscall.Handle(f.Fd()))
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
