//go:build unix

package tui

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/session"
)

// slowEnv names a folder with a pipe for each kind of session call. The program's call returns when a byte is written
// to its pipe.
const slowEnv = "WARDLIGHT_TUI_SLOW"

// slowSessions is a fakeSessions whose calls return when the test decides, like a hub at the end of a slow line. The
// waiting screens are then always drawn.
type slowSessions struct {
	*fakeSessions
	folder string
}

// slowQuestions are the calls that slowSessions delays.
var slowQuestions = []string{"sign in", "find", "patient", "lamp", "open", "summary"}

func (d *slowSessions) wait(question string) {
	pipe, err := os.OpenFile(filepath.Join(d.folder, question), os.O_RDONLY, 0)
	if err != nil {
		panic(err)
	}
	defer pipe.Close() //nolint:errcheck // only read from
	if _, err := pipe.Read(make([]byte, 1)); err != nil {
		panic(err)
	}
}

func (d *slowSessions) SignIn(ctx context.Context, p *cardreader.Passcode) (session.SignedIn, error) {
	d.wait("sign in")
	return d.fakeSessions.SignIn(ctx, p)
}

func (d *slowSessions) Find(ctx context.Context, q client.Query) (client.Found, error) {
	d.wait("find")
	return d.fakeSessions.Find(ctx, q)
}

func (d *slowSessions) Patient(ctx context.Context, n nhs.Number) (client.Patient, error) {
	d.wait("patient")
	return d.fakeSessions.Patient(ctx, n)
}

func (d *slowSessions) Lamp(ctx context.Context, n nhs.Number) client.Lamp {
	d.wait("lamp")
	return d.fakeSessions.Lamp(ctx, n)
}

func (d *slowSessions) Open(ctx context.Context, n nhs.Number) (client.Opened, error) {
	d.wait("open")
	return d.fakeSessions.Open(ctx, n)
}

// slowHub creates the pipes of a slowSessions. It returns the environment variable for the program, and a function that
// lets one call return.
func slowHub(t *testing.T) (env string, answer func(question string)) {
	t.Helper()
	folder := t.TempDir()
	pipes := make(map[string]*os.File)
	for _, q := range slowQuestions {
		name := filepath.Join(folder, q)
		if err := unix.Mkfifo(name, 0o600); err != nil {
			t.Fatal(err)
		}
		pipe, err := os.OpenFile(name, os.O_RDWR, 0) // read and write, so that opening does not block
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = pipe.Close() })
		pipes[q] = pipe
	}

	return slowEnv + "=" + folder, func(question string) {
		t.Helper()
		if _, err := pipes[question].Write([]byte{'.'}); err != nil {
			t.Fatal(err)
		}
	}
}

func (d *slowSessions) ViewSummary(ctx context.Context, n nhs.Number, v client.SummaryView) client.Summary {
	d.wait("summary")
	return d.fakeSessions.ViewSummary(ctx, n, v)
}
