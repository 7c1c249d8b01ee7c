//go:build unix

package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"wardlight/internal/lab/labtest"
	"wardlight/internal/testterm"
)

const closedWindow = "a lost terminal without a signal"

// The demo removes its folder and its socket in whatever way it ends, except SIGKILL.
func TestDemo_RemovesFilesAtEveryEnd(t *testing.T) {
	program := labtest.Program(t, "wardlight-lab")
	ends := map[string]func(*testterm.Terminal){
		"the quit key":        func(d *testterm.Terminal) { d.Press("ctrl+c") },
		"SIGTERM":             func(d *testterm.Terminal) { d.Signal(syscall.SIGTERM) },
		"SIGINT":              func(d *testterm.Terminal) { d.Signal(os.Interrupt) },
		"SIGHUP":              func(d *testterm.Terminal) { d.Signal(syscall.SIGHUP) },
		"a lost terminal":     func(d *testterm.Terminal) { d.HangUp() },
		closedWindow:          func(d *testterm.Terminal) { d.HangUp() },
		"SIGTERM after login": func(d *testterm.Terminal) { signInAndTerminate(d) },
	}

	for how, end := range ends {
		t.Run(how, func(t *testing.T) {
			short, err := os.MkdirTemp("", "wl") // a socket's path is limited to about 100 bytes
			if err != nil {
				t.Fatal(err)
			}

			t.Cleanup(func() { _ = os.RemoveAll(short) })
			folder, socket := filepath.Join(short, "demo"), filepath.Join(short, "s")
			command := []string{program, "demo", "--people", "0", "--folder", folder, "--socket", socket}
			if how == closedWindow { // make ignores the signal and leads the session, so the demo gets none
				command = append([]string{"sh", "-c", `trap "" HUP; "$0" "$@"; :`}, command...)
			}

			d := testterm.Start(t, testterm.Options{Answer: true}, command[0], command[1:]...)
			d.Expect(testterm.Contains("Passcode"), testterm.Contains("Tries left"))
			if _, err := os.Stat(socket); err != nil {
				t.Fatal(err)
			}

			end(d)
			d.Wait()
			for _, path := range []string{folder, socket} {
				if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s still exists after the demo: %v", path, err)
				}
			}
		})
	}
}

func signInAndTerminate(d *testterm.Terminal) {
	d.Type("246813").Press("enter")
	d.Expect(testterm.Contains("Find a patient"))
	d.Signal(syscall.SIGTERM)
}
