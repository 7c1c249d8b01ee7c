//go:build !windows

package main

import (
	"net/http"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"wardlight/client/hubtest"
)

// ended waits until a process has ended.
func ended(t *testing.T, c *exec.Cmd) {
	t.Helper()
	gone := make(chan struct{})
	go func() { _ = c.Wait(); close(gone) }()
	select {
	case <-gone:
	case <-time.After(time.Minute):
		t.Fatal("the process does not end")
	}
}

// TestAProgramThatEndsInAnOpeningLeavesItsRequestID ends a real program while the hub has not answered its opening.
func TestAProgramThatEndsInAnOpeningLeavesItsRequestID(t *testing.T) {
	for name, signal := range map[string]syscall.Signal{"kill -9": syscall.SIGKILL, "its terminal is gone": syscall.SIGHUP, "Ctrl-C": syscall.SIGINT} {
		t.Run(name, func(t *testing.T) {
			p := newProcesses(t)
			arrived, goOn := make(chan struct{}), make(chan struct{})
			t.Cleanup(func() { close(goOn) })
			p.hub.Answer(hubtest.CareTeam, func(http.ResponseWriter, *http.Request) { close(arrived); <-goOn })
			c := p.command("alert", hubtest.WithAlert, "--open")
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			select {
			case <-arrived:
			case <-time.After(time.Minute):
				t.Fatal("the opening never arrived")
			}
			// The id is kept while the hub is asked.
			deadline := time.Now().Add(time.Minute)
			for kept := []string(nil); len(kept) == 0; kept, _ = filepath.Glob(filepath.Join(p.folder, "sealed", "openings-*.age")) {
				if time.Now().After(deadline) {
					t.Fatal("the id is not kept")
				}
			}
			if err := c.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			ended(t, c)
			p.hub.Answer(hubtest.CareTeam, nil)
			p.run(exitDone, "alert", hubtest.WithAlert, "--open")
			p.run(exitDone, "alert", hubtest.WithAlert, "--open")
			sent := p.hub.Requests(hubtest.CareTeam)
			ids := make([]string, len(sent))
			for i, r := range sent {
				ids[i] = r.Header.Get("X-Request-ID")
			}
			if len(ids) != 3 || ids[0] != ids[1] || ids[1] == ids[2] {
				t.Errorf("the openings went under %v: the first two are one", ids)
			}
		})
	}
}
