package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/hub/audit"
	"wardlight/internal/lab/labtest"
	"wardlight/internal/need"
)

// openersAtWork makes all terminals but the first open alerts. stop ends that, and waits until each opening was
// answered.
func (s *soak) openersAtWork() (stop func()) {
	ctx, cancel := context.WithCancel(s.t.Context())
	var all sync.WaitGroup
	for _, x := range s.terminals[1:] {
		all.Go(func() {
			for ctx.Err() == nil {
				if x.attempt(s.t.Context(), "open an alert", (*soakTerminal).open) {
					s.answered.Add(1)
				}
			}
			for x.pending != nil && s.t.Context().Err() == nil {
				x.attempt(s.t.Context(), "open an alert", (*soakTerminal).open)
			}
		})
	}
	return func() { cancel(); all.Wait() }
}

// opensMore waits until the terminals have opened n alerts more.
func (s *soak) opensMore(n int64) {
	s.t.Helper()
	to := s.answered.Load() + n
	s.hub.Until(s.t, "openings", func() bool { return s.answered.Load() >= to })
}

// isOut checks that the hub answers a terminal neither with plans nor with "none recorded".
func (s *soak) isOut(x *soakTerminal) {
	s.t.Helper()
	lamp := x.nurse.Lamp(s.t.Context(), s.plain[0])
	var failed *client.Error
	if lamp.State != client.CouldNotCheck || !errors.As(lamp.Err, &failed) || !strings.HasPrefix(failed.Code(), "H16") {
		s.t.Errorf("lamp: got %s, error %v, want could not check with the code H16", lamp.State, lamp.Err)
	}

	err := x.open(s.t.Context())
	if !errors.As(err, &failed) || failed.Kind != client.Failing || !failed.OutcomeUnknown {
		s.t.Errorf("opening: got error %v, want one that says that it may be recorded", err)
	}

	if got := status(s.t, s.operator, "/livez"); got != http.StatusOK {
		s.t.Errorf("GET /livez: got status %d, want 200", got)
	}
}

// isBack waits until the same process of the hub answers the terminal in its old session.
func (s *soak) isBack(x *soakTerminal) {
	s.t.Helper()
	s.hub.Until(s.t, "an answer to the same opening", func() bool {
		return x.attempt(s.t.Context(), "open an alert", (*soakTerminal).open)
	})
	s.hub.Until(s.t, "its being ready", func() bool { return status(s.t, s.operator, "/readyz") == http.StatusOK })
}

// TestPostgres_RestartedUnderRequests stops PostgreSQL while alerts are being opened, and starts it again. No answered
// opening may be lost, and the hub must not need a restart.
func TestPostgres_RestartedUnderRequests(t *testing.T) {
	t.Parallel() // mostly waits
	for name, by := range map[string]syscall.Signal{"fast": syscall.SIGINT, "immediate": syscall.SIGQUIT} {
		t.Run(name, func(t *testing.T) {
			s := newSoak(t, "postgres", soakSeed)
			s.idle = s.hubResources()
			x := s.terminals[0]
			must(t, x.signIn(t.Context()))
			must(t, x.open(t.Context()))

			stop := s.openersAtWork()
			s.opensMore(20)
			s.database.Halt(by)
			s.isOut(x)
			s.hub.Until(s.t, "its not being ready", func() bool {
				return status(t, s.operator, "/readyz") == http.StatusServiceUnavailable
			})
			must(t, s.database.Resume(t.Context()))
			s.isBack(x)
			s.opensMore(20)
			stop()
			s.check()
		})
	}
}

// TestPostgres_DiskFull fills the disk of PostgreSQL while alerts are being opened. What could not be recorded must not
// have been answered, and the hub must not need a restart.
func TestPostgres_DiskFull(t *testing.T) {
	labtest.Program(t, "wardlight-hub")
	disk, folder := need.Mount(t, "-t", "tmpfs", "-o", "size=192m,mode=0777", "wardlight"), t.TempDir()
	t.Setenv("TMPDIR", disk) // for the server's folder
	s := newSoak(t, "postgres", soakSeed)
	t.Setenv("TMPDIR", filepath.Dir(folder))
	s.idle = s.hubResources()
	x := s.terminals[0]
	must(t, x.signIn(t.Context()))

	free := need.FillDisk(t, disk)
	s.hub.Until(t, "an opening that is not recorded", func() bool {
		return !x.attempt(t.Context(), "open an alert", (*soakTerminal).open)
	})
	s.isOut(x)
	free()
	s.isBack(x)
	s.check()
}

// TestCheckpoints_DiskFull fills the disk of the checkpoints. The hub answers as before, raises an alarm, and signs
// what is missing once there is space.
func TestCheckpoints_DiskFull(t *testing.T) {
	t.Parallel() // mostly waits
	disk := need.Mount(t, "-t", "tmpfs", "-o", "size=64k", "wardlight")
	h := newWatchedHub(t)
	for i, set := range h.environ {
		if strings.HasPrefix(set, "WARDLIGHT_SERVER_AUDIT_CHECKPOINT_FOLDER=") {
			h.environ[i] = "WARDLIGHT_SERVER_AUDIT_CHECKPOINT_FOLDER=" + disk
		}
	}
	h.run()
	session := h.signIn(t)
	h.logs("An audit checkpoint was signed.")

	free := need.FillDisk(t, disk)
	const signed, alarm = "An audit checkpoint was signed.", "ALARM: an audit checkpoint could not be written"
	for !strings.Contains(h.log.String(), alarm) { // the last page of the file may have space for some checkpoints
		before := strings.Count(h.log.String(), signed)
		if opened, err := session.Open(t.Context(), openedChild, ""); err != nil || len(opened.Plans) != 1 {
			t.Fatalf("opening with a full disk of checkpoints: got %d plans, error %v, want 1", len(opened.Plans), err)
		}
		h.process.Until(t, "a checkpoint or an alarm", func() bool {
			return strings.Count(h.log.String(), signed) > before || strings.Contains(h.log.String(), alarm)
		})
	}
	free()
	h.logs("Audit checkpoints can be written again.")
	h.process.Stop() // the last checkpoint covers all records

	key := h.environ[1][strings.Index(h.environ[1], "=")+1:] + ".pub"
	out := h.command("audit", "verify", "--data", h.folder, "--checkpoint",
		filepath.Join(disk, audit.CheckpointFileName), "--checkpoint-key", key)
	if !strings.Contains(out, "The audit is valid") || !strings.Contains(out, "It matches") {
		t.Errorf("audit verify: got %q, want a valid audit that matches its checkpoints", out)
	}
}

// TestBackup_DiskFull backs up to a disk that has no space. Nothing of the backup may remain, and the next one must
// work.
func TestBackup_DiskFull(t *testing.T) {
	disk := need.Mount(t, "-t", "tmpfs", "-o", "size=8m", "wardlight")
	w := newHubProcess(t)
	free := need.FillDisk(t, disk)
	to := filepath.Join(disk, "one")
	out, err := command(t, "backup", to, "--data", w.folder)
	if err == nil || !strings.Contains(err.Error(), "space") && !strings.Contains(err.Error(), "full") {
		t.Errorf("backup to a full disk: got %q, error %v, want one that says that the disk is full", out, err)
	}
	if left, err := os.ReadDir(disk); err != nil || len(left) != 1 {
		t.Errorf("files after a failed backup: got %v, error %v, want the ballast only", left, err)
	}

	free()
	if out, err := command(t, "backup", to, "--data", w.folder); err != nil {
		t.Errorf("backup to a disk with space: got %q, error %v, want none", out, err)
	}
}

// TestFolders_ReadOnly starts a hub whose folder of checkpoints is on a disk that is read-only, and backs up to it.
// Both must be refused with the reason.
func TestFolders_ReadOnly(t *testing.T) {
	disk := need.Mount(t, "-t", "tmpfs", "-o", "size=64k,ro", "wardlight")
	h := newWatchedHub(t)
	t.Setenv("WARDLIGHT_SERVER_AUDIT_CHECKPOINT_FOLDER", disk)
	t.Setenv("WARDLIGHT_SERVER_AUDIT_CHECKPOINT_KEY_FILE", h.environ[1][strings.Index(h.environ[1], "=")+1:])
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for name, args := range map[string][]string{
		"serve": h.args, "backup": {"backup", filepath.Join(disk, "one"), "--data", h.folder},
	} {
		var out labtest.Output
		root := newRoot(&out, &out)
		root.SetArgs(args)
		if err := root.ExecuteContext(ctx); err == nil || !strings.Contains(err.Error(), "read-only file system") {
			t.Errorf("%s: got error %v, want one that says that the disk is read-only", name, err)
		}
	}
}
