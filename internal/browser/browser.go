// Package browser opens the system's browser for a sign-in, and receives its answer on a loopback address (RFC 8252).
package browser

import (
	"context"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// launchTimeout is how long Open waits for the program that opens the browser. Some are the browser itself and end
// much later; those have started it by then.
const launchTimeout = 3 * time.Second

// wordRemote is the sentence of NoBrowser over SSH.
const wordRemote = "You work on another computer (SSH), which cannot open your browser."

// System is the system's browser.
type System struct {
	Environ []string // of the program
	// goos and lookPath are replaced by tests. Empty, they are the system's.
	goos     string
	lookPath func(string) (string, error)
}

// Available returns nil, or an *Error of kind NoBrowser that says why no browser can be opened here.
func (s System) Available() error {
	_, err := s.command()
	return err
}

// Open opens an address in the browser. The error is an *Error of kind NoBrowser or NotStarted.
func (s System) Open(ctx context.Context, address string) error {
	command, err := s.command()
	if err != nil {
		return err
	}

	// The program outlives ctx: it may be the browser itself. Its input and outputs are not the terminal's.
	cmd := exec.Command(command[0], append(command[1:], address)...) //nolint:gosec,noctx // the system's own; see above
	cmd.Env = s.Environ
	if err := cmd.Start(); err != nil {
		return &Error{Kind: NotStarted, Err: err}
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	late := time.NewTimer(launchTimeout)
	defer late.Stop()
	select {
	case err := <-ended:
		if err != nil {
			return &Error{Kind: NotStarted, Err: err}
		}
	case <-late.C:
	case <-ctx.Done():
	}
	return nil
}

// command returns the program that opens an address, with its first arguments.
func (s System) command() ([]string, error) {
	goos, lookPath := s.goos, s.lookPath
	if goos == "" {
		goos = runtime.GOOS
	}
	if lookPath == nil {
		lookPath = exec.LookPath
	}

	var names []string
	display := s.has("DISPLAY") || s.has("WAYLAND_DISPLAY")
	remote := s.has("SSH_CONNECTION") || s.has("SSH_TTY")
	switch {
	case remote && (!display || goos != "linux"): // with X forwarding, the browser runs on this computer
		return nil, &Error{Kind: NoBrowser, Detail: wordRemote}
	case goos == "windows":
		return []string{"rundll32", "url.dll,FileProtocolHandler"}, nil
	case goos == "darwin":
		return []string{"/usr/bin/open"}, nil
	case !display:
		return nil, &Error{Kind: NoBrowser}
	default:
		names = []string{"xdg-open", "x-www-browser", "www-browser"}
	}

	for _, name := range names {
		if path, err := lookPath(name); err == nil {
			return []string{path}, nil
		}
	}
	return nil, &Error{Kind: NoBrowser}
}

// has reports whether a variable of the environment is set and not empty.
func (s System) has(name string) bool {
	for _, v := range s.Environ {
		if value, ok := strings.CutPrefix(v, name+"="); ok && value != "" {
			return true
		}
	}
	return false
}
