//go:build !windows

package main

import "os"

// openTerminal opens the terminal that the process belongs to.
func openTerminal() (terminal, error) {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	return console{tty, tty}, nil
}
