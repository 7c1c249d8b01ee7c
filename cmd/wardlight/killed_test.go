//go:build !windows

package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"wardlight/client/hubtest"
)

// ended waits until a process has exited.
func ended(t *testing.T, c *exec.Cmd) {
	t.Helper()
	gone := make(chan struct{})
	go func() { _ = c.Wait(); close(gone) }()
	select {
	case <-gone:
	case <-time.After(time.Minute):
		t.Fatal("the process did not exit within a minute")
	}
}

// TestOpen_KilledProgramSavesRequestID kills a real program before the hub has answered its opening.
func TestOpen_KilledProgramSavesRequestID(t *testing.T) {
	for name, signal := range map[string]syscall.Signal{
		"kill -9":              syscall.SIGKILL,
		"its terminal is gone": syscall.SIGHUP, "Ctrl-C": syscall.SIGINT,
	} {
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
				t.Fatal("the hub received no opening within a minute")
			}

			// The request id is saved before the hub is called.
			deadline := time.Now().Add(time.Minute)
			for saved := []string(nil); len(saved) == 0; saved, _ = filepath.Glob(filepath.Join(p.folder, "sealed",
				"openings-*.age")) {
				if time.Now().After(deadline) {
					t.Fatal("the request id was not saved within a minute")
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
				t.Errorf("request ids of the openings: got %v, want the first two equal and the third different", ids)
			}
		})
	}
}

// closed returns the write end of a pipe whose read end is closed.
func closed(t *testing.T) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	_ = r.Close()
	return w
}

func TestAnOutputThatNobodyReadsEndsTheSession(t *testing.T) {
	for name, c := range map[string]struct {
		args     []string
		out, err bool // which output is closed
		want     int
	}{
		"a document":     {[]string{"alert", hubtest.WithAlert, "--json"}, true, false, exitFailed},
		"lines":          {[]string{"alert", hubtest.WithAlert}, true, false, exitFailed},
		"an opening":     {[]string{"alert", hubtest.WithAlert, "--open", "--json"}, true, false, exitFailed},
		"a worklist":     {[]string{"worklist", "list.csv"}, true, false, exitFailed},
		"messages":       {[]string{"worklist", "list.csv"}, false, true, exitDone},
		"an error's own": {[]string{"alert", hubtest.WithAlert, "--role", "1"}, true, true, exitSignIn},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProcesses(t)
			p.write("list.csv", []byte(hubtest.WithAlert+"\n"+hubtest.NoAlert+"\n"))
			command := p.command(c.args...)
			command.Dir = p.folder
			var said strings.Builder
			if command.Stderr = &said; c.err {
				command.Stderr = closed(t)
			}

			if c.out {
				command.Stdout = closed(t)
			}

			if err := command.Start(); err != nil {
				t.Fatal(err)
			}

			ended(t, command)
			if got := command.ProcessState.ExitCode(); got != c.want {
				t.Errorf("got %v, want exit code %d: %s", command.ProcessState, c.want, said.String())
			}

			if n := p.hub.LiveSessions(); n != 0 {
				t.Errorf("live sessions at the hub: got %d, want 0", n)
			}

			if c.want == exitFailed && !strings.Contains(said.String(), "Nobody reads the output any more.") {
				t.Errorf("output: got %q, want the message about closed output", said.String())
			}
		})
	}
}
