//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/lab/labtest"
	"wardlight/internal/testterm"
	"wardlight/internal/training"
)

// serveTraining starts a training for that hub, dated 2031, which ends when the returned function is called.
func serveTraining(t *testing.T, hub string) (path string, end func()) {
	t.Helper()
	path = filepath.Join(labtest.Dir(t), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}

	conns := make(chan net.Conn, 8)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conns <- conn
			go func() {
				from, to := json.NewDecoder(conn), json.NewEncoder(conn)
				for {
					var q training.Request
					if from.Decode(&q) != nil {
						return
					}
					_ = to.Encode(training.Response{Hub: hub, Time: time.Date(2031, time.January, 2, 3, 4, 5, 0,
						time.UTC)})
				}
			}()
		}
	}()

	end = func() {
		_ = l.Close()
		for {
			select {
			case conn := <-conns:
				_ = conn.Close()
			default:
				return
			}
		}
	}

	t.Cleanup(end)
	return path, end
}

// runInTraining runs the program with the training's environment variable.
func runInTraining(t *testing.T, path string, args ...string) (code int, out string) {
	t.Helper()
	var said bytes.Buffer
	cmd := exec.Command(labtest.Program(t, "wardlight"), args...)
	cmd.Env = append(os.Environ(), training.Variable+"="+path, "PCSCLITE_CSOCK_NAME=/nowhere", "XDG_CONFIG_HOME="+
		t.TempDir())
	cmd.Stdout, cmd.Stderr = &said, &said
	_ = cmd.Run()
	return cmd.ProcessState.ExitCode(), said.String()
}

func TestTraining_NoOtherHubThanItsOwn(t *testing.T) {
	const own = "https://127.0.0.1:9"
	path, _ := serveTraining(t, own)
	if code, out := runInTraining(t, path, "status", "--hub", "https://hub.example"); code != exitUsage ||
		!strings.Contains(out, "--hub: hub.url: this program takes part in a training (WARDLIGHT_TRAINING is set)") {
		t.Errorf("status with another hub: exit code %d, want %d and the reason: %s", code, exitUsage, out)
	}
	if code, out := runInTraining(t, path, "alert", "9990000018", "--hub", "https://127.0.0.1:10"); code != exitUsage {
		t.Errorf("alert with another hub on this computer: exit code %d, want %d: %s", code, exitUsage, out)
	}
	if code, out := runInTraining(t, path, "doctor", "--hub", own); code == exitUsage {
		t.Errorf("doctor with the training's hub: exit code %d, want no usage error: %s", code, out)
	}
	t.Setenv("WARDLIGHT_RECORD_URL", "https://records.example/fhir")
	if code, out := runInTraining(t, path, "flag", "pending", "--hub", own); code != exitUsage ||
		!strings.Contains(out, "record.url: this program takes part in a training") {
		t.Errorf("flag pending with another record system: exit code %d, want %d and the reason: %s",
			code, exitUsage, out)
	}
}

func TestTraining_OneThatIsOverOrElsewhereStartsNothing(t *testing.T) {
	if code, out := runInTraining(t, filepath.Join(t.TempDir(), "gone"), "status"); code != exitUsage ||
		!strings.Contains(out, "wardlight: WARDLIGHT_TRAINING: no training is at ") {
		t.Errorf("status in a training that has ended: exit code %d, want %d and the reason: %s", code, exitUsage, out)
	}
	path, _ := serveTraining(t, "https://hub.example")
	if code, out := runInTraining(t, path, "status"); code != exitUsage ||
		!strings.Contains(out, "is not on this computer") {
		t.Errorf("status in a training on another computer: exit code %d, want %d and the reason: %s",
			code, exitUsage, out)
	}
}

// The program uses the training's clock and ends when the training does.
func TestTraining_TheProgramHasItsClockAndEndsWithIt(t *testing.T) {
	path, end := serveTraining(t, "https://127.0.0.1:9")
	term := testterm.Start(t, testterm.Options{Answer: true, Env: []string{
		training.Variable + "=" + path,
		"PCSCLITE_CSOCK_NAME=/nowhere",
	}},
		labtest.Program(t, "wardlight"), "--hub", "https://127.0.0.1:9")
	term.Expect(testterm.Contains("Wardlight"))
	end()
	if code := term.Wait(); code != exitInterrupted && code != exitDone {
		t.Errorf("exit code: got %d, want %d or %d", code, exitInterrupted, exitDone)
	}
	term.ExpectModesRestored()
}
