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

// A vendor's module, a printing program and the like are no place for a passcode: here it is what the doctor asks for
// versions.
func TestPasscodeDescriptor_ChildProcesses(t *testing.T) {
	p := newProcesses(t)
	p.write("dpkg-query", []byte("#!/bin/sh\nls -l /proc/$$/fd >> \""+filepath.Join(p.folder, "descriptors")+"\"\necho 1\n"))
	if err := os.Chmod(filepath.Join(p.folder, "dpkg-query"), 0o700); err != nil {
		t.Fatal(err)
	}
	p.env = append(p.env, "PATH="+p.folder+":"+os.Getenv("PATH"))
	p.run(exitDone, "doctor", "--bundle", filepath.Join(p.folder, "bundle.zip"))
	seen, err := os.ReadFile(filepath.Join(p.folder, "descriptors"))
	if err != nil || len(seen) == 0 || strings.Contains(string(seen), "/passcode") {
		t.Errorf("a child process has the descriptors\n%s%v", seen, err)
	}
	// It serves all the same, and once: nothing is read from what the number means later.
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
	if first, again := handed.take(fd), handed.take(fd); first != nil || again != nil {
		t.Fatalf("%v, %v", first, again)
	}
	_ = handed.open(fd).Close()
	if err := handed.take(fd); !errors.Is(err, errNotHandedOver) {
		t.Errorf("after it was read: %v", err)
	}
}

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
