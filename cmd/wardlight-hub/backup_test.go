package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"wardlight/hub/audit"
	"wardlight/internal/lab/labtest"
	"wardlight/internal/nhs"
)

// TestABackupUnderLoadHoldsWhateverWasAnsweredBeforeIt makes a backup during openings, restores it, and starts a hub
// on it.
func TestABackupUnderLoadHoldsWhateverWasAnsweredBeforeIt(t *testing.T) {
	t.Parallel() // mostly waits
	const before, after = 30, 30
	w := newHubProcess(t)
	place := t.TempDir()
	key, checkpoints := filepath.Join(place, "audit.key"), filepath.Join(place, audit.CheckpointFileName)
	if out, code := perform(t, "audit", "key", key, "--name", logName); code != 0 {
		t.Fatal(out)
	}

	w.environ = []string{
		"WARDLIGHT_SERVER_AUDIT_CHECKPOINT_FOLDER=" + place, "WARDLIGHT_SERVER_AUDIT_CHECKPOINT_KEY_FILE=" + key,
		"WARDLIGHT_SERVER_AUDIT_CHECKPOINT_EVERY=5",
	}

	hub := w.start(t)
	session := w.signIn(t)

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	answers := make(chan string)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for ctx.Err() == nil {
				if id := w.open(ctx, t, session); id != "" {
					select {
					case answers <- id:
					case <-ctx.Done():
					}
				}
			}
		})
	}

	var answered []string
	for range before {
		answered = append(answered, <-answers)
	}

	signed := w.awaitCheckpoint(t, checkpoints, answers)
	dest := filepath.Join(place, "backup")
	started := make(chan struct{})
	made := make(chan string, 1)
	go func() {
		close(started)
		out, code := perform(t, "backup", dest, "--data", w.folder)
		if code != 0 {
			t.Errorf("backup: exit code %d, want 0: %s", code, out)
		}
		made <- out
	}()
	<-started

	for n, out := 0, ""; n < after || out == ""; {
		select {
		case <-answers:
			n++
		case out = <-made:
			t.Log(out)
		}
	}

	stop()
	all.Wait()
	stopAndWait(t, hub)

	restored := filepath.Join(place, "restored")
	if out, code := perform(t, "restore", dest, "--data", restored); code != 0 {
		t.Fatal(out)
	}

	if out, code := perform(t, "restore", dest, "--data", restored); code != 1 ||
		!strings.Contains(out, "already has a database") {
		t.Errorf("second restore: exit code %d, want 1 and \"holds books already\": %s", code, out)
	}

	if out, code := perform(t, "audit", "verify", "--data", restored, "--checkpoint", signed, "--checkpoint-key",
		key+".pub"); code != 0 {
		t.Errorf("audit verify with a checkpoint from before the backup: exit code %d, want 0: %s", code, out)
	}

	out, code := perform(t, "audit", "verify", "--data", w.folder, "--checkpoint", checkpoints, "--checkpoint-key",
		key+".pub")
	records := regexp.MustCompile(`is valid: (\d+) records`).FindStringSubmatch(out)
	if code != 0 || records == nil || !strings.Contains(out, "nothing up to record "+records[1]+" was") {
		t.Errorf("audit verify with the checkpoint that the hub signed when it stopped: exit code %d, want 0: %s",
			code, out)
	}

	if out, code := perform(t, "audit", "verify", "--data", restored, "--checkpoint", checkpoints, "--checkpoint-key",
		key+".pub"); code != 1 || !strings.Contains(out, "missing") {
		t.Errorf("audit verify of the restored ledger with a later checkpoint: exit code %d, want 1: %s", code, out)
	}

	w.folder = restored
	w.args[slices.Index(w.args, "--data")+1] = restored
	w.environ[0] = "WARDLIGHT_SERVER_AUDIT_CHECKPOINT_FOLDER=" + t.TempDir()
	hub = w.start(t)
	if w.open(t.Context(), t, w.signIn(t)) == "" {
		t.Error("the hub on the restored ledger did not answer an opening")
	}

	hub.Stop()
	s := w.ledger(t)
	defer s.Close() //nolint:errcheck // it is only read
	must(t, s.Check(t.Context()))
	accesses, err := s.Accesses(t.Context(), []nhs.Number{openedChild}, 1<<20)
	must(t, err)
	of := make(map[string]int)
	for _, a := range accesses {
		of[a.RequestID]++
	}

	for _, id := range answered {
		if of[id] != 1 {
			t.Errorf("request %s, answered before the backup: got %d accesses, want 1", id, of[id])
		}
	}

	t.Logf("%d answered before, %d accesses in the backup", len(answered), len(accesses)-1)
}

// stopAndWait stops the hub with SIGTERM and waits until it exits, because a killed hub signs no last checkpoint.
func stopAndWait(t *testing.T, hub *labtest.Process) {
	t.Helper()
	process, err := os.FindProcess(hub.PID())
	must(t, err)
	must(t, process.Signal(syscall.SIGTERM))
	select {
	case <-hub.Done():
	case <-time.After(time.Minute):
		t.Fatal("the hub did not exit within a minute after SIGTERM")
	}
}

// awaitCheckpoint waits for a checkpoint during openings, and returns the path of a copy of the checkpoint file.
func (w *hubProcess) awaitCheckpoint(t *testing.T, name string, answers <-chan string) string {
	t.Helper()
	deadline := time.After(time.Minute)
	for {
		if text, err := os.ReadFile(name); err == nil && strings.HasSuffix(string(text), "\n") {
			earlier := name + ".earlier"
			must(t, os.WriteFile(earlier, text, 0o600))
			return earlier
		}
		select {
		case <-answers:
		case <-deadline:
			t.Fatalf("the hub wrote no checkpoint in time:\n%s", w.log.String())
		}
	}
}

func TestBackupsOfPostgreSQLAreLeftToItsOwnTools(t *testing.T) {
	t.Setenv("WARDLIGHT_SERVER_STORE_ENGINE", "postgres")
	t.Setenv("WARDLIGHT_SERVER_STORE_DSN", "postgres://hub@db.example/hub")
	for name, tool := range map[string]string{"backup": "pg_dump", "restore": "pg_restore"} {
		if out, code := perform(t, name, filepath.Join(t.TempDir(), "x")); code != 2 || !strings.Contains(out, tool) {
			t.Errorf("%s with PostgreSQL: exit code %d, want 2 and %s: %s", name, code, tool, out)
		}
	}
}
