package recordsystem_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"wardlight/internal/lab/record"
	"wardlight/internal/recordsystem"
	"wardlight/internal/sealed"
	"wardlight/internal/secretstore"
)

// Environment variables for the process that is killed: the record system's URL, and the folder with the pending flags
// and the key.
const victimURL, victimFolder = "WARDLIGHT_TEST_VICTIM_URL", "WARDLIGHT_TEST_VICTIM_FOLDER"

// fileKeys is a keyring in a folder, which two processes of this test share.
type fileKeys string

func (f fileKeys) Get(_ context.Context, name string) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(string(f), name))
	if err != nil {
		return nil, &secretstore.Error{Kind: secretstore.NotFound, Err: err}
	}
	return b, nil
}

func (f fileKeys) Set(_ context.Context, name string, secret []byte) error {
	return os.WriteFile(filepath.Join(string(f), name), secret, 0o600)
}

// killedProcess runs in the process that is killed while it waits for a response.
func killedProcess() {
	system, err := recordsystem.NewSystem(recordsystem.Config{
		BaseURL: os.Getenv(victimURL), Token: func(context.Context) ([]byte, error) { return []byte(token), nil },
		NewID: func() string { return "victim" }, Timeout: time.Hour,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	folder := os.Getenv(victimFolder)
	f := recordsystem.NewFlags(system, "", sealed.Open(fileKeys(folder), folder, "flags"), now, func() string {
		return "victim"
	})
	f.Set(context.Background(), flagTimeout(tess))
}

// The record system stores the flag, but the program is killed with SIGKILL before it receives the response.
func TestAFlagOfAKilledProgramIsOfferedAgainAndReceivedOnce(t *testing.T) {
	s := newSite(t)
	s.records.Fail(record.Hang)
	folder := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), victimURL+"="+s.url, victimFolder+"="+folder)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}

	s.until("the flag", func() bool { return len(s.records.Flags()) == 1 })
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}

	_ = cmd.Wait()

	next := recordsystem.NewFlags(s.system(0), "", sealed.Open(fileKeys(folder), folder, "flags"), now, func() string {
		return "next"
	})

	expectPending(t, next.Pending(t.Context()), recordsystem.OnDisk, tess)
	expectPending(t, next.Retry(t.Context()), recordsystem.OnDisk)
	s.expectFlags(tess)
}
