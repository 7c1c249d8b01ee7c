//go:build !windows

package main

import (
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

func TestCheckDescriptor(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = read.Close(); _ = write.Close() }()
	// What a shell hands over is a copy without the close-on-exec mark.
	inherited := func(f *os.File) int {
		fd, err := unix.Dup(int(f.Fd()))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = unix.Close(fd) })
		return fd
	}
	for name, c := range map[string]struct {
		fd   int
		want error
	}{
		"handed over":                   {inherited(read), nil},
		"handed over, for writing only": {inherited(write), errNotReadable},
		"this process's own":            {int(read.Fd()), errNotHandedOver},
		"not open":                      {999, errNotHandedOver},
	} {
		if got := checkDescriptor(c.fd); !errors.Is(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}
