//go:build !windows

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A child process doesn't inherit the passcode descriptor. The child here is a program whose version the doctor reads.
func TestPasscodeDescriptor_ChildProcesses(t *testing.T) {
	p := newProcesses(t)
	p.write("dpkg-query", []byte("#!/bin/sh\nls -l /proc/$$/fd >> \""+filepath.Join(p.folder, "descriptors")+
		"\"\necho 1\n"))
	if err := os.Chmod(filepath.Join(p.folder, "dpkg-query"), 0o700); err != nil {
		t.Fatal(err)
	}

	p.env = append(p.env, "PATH="+p.folder+":"+os.Getenv("PATH"))
	p.run(exitDone, "doctor", "--bundle", filepath.Join(p.folder, "bundle.zip"))
	seen, err := os.ReadFile(filepath.Join(p.folder, "descriptors"))
	if err != nil || len(seen) == 0 || strings.Contains(string(seen), "/passcode") {
		t.Errorf("descriptors of a child process: got %s, %v, want no passcode", seen, err)
	}

	// The descriptor can be read once. After that its number may refer to another file, so it is rejected.
	p.run(exitDone, "card", "test")
	handed := newDescriptors()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = read.Close(); _ = write.Close() }()
	fd, err := unix.Dup(int(read.Fd()))
	if err != nil {
		t.Fatal(err)
	}

	if first, again := handed.claim(fd), handed.claim(fd); first != nil || again != nil {
		t.Fatalf("take(%d) twice: got %v, %v, want no errors", fd, first, again)
	}

	_ = handed.open(fd).Close()
	if err := handed.claim(fd); !errors.Is(err, errNotHandedOver) {
		t.Errorf("take(%d) after it was read: got %v, want %v", fd, err, errNotHandedOver)
	}
}

func TestCheckDescriptor(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = read.Close(); _ = write.Close() }()

	// Like a shell, inherited passes a duplicate without the close-on-exec flag.
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
			t.Errorf("checkDescriptor of a descriptor %s: got %v, want %v", name, got, c.want)
		}
	}
}
