package sqlite

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"

	"wardlight/hub/audit"
	"wardlight/hub/store"
)

// The crash test runs this test binary again as a process that writes until it is killed.
const (
	crashFolder = "WARDLIGHT_CRASH_FOLDER"
	crashRound  = "WARDLIGHT_CRASH_ROUND"
)

// writeUntilKilled writes entries concurrently and prints each after it is stored.
func writeUntilKilled(t *testing.T, folder, round string) {
	t.Helper()
	w := audit.NewWriter(open(t, folder))
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := 0; ; j++ {
				action := fmt.Sprintf("%s-%d-%d", round, i, j)
				if err := w.Write(t.Context(), &store.Entry{Audit: store.AuditRecord{Action: action}}); err != nil {
					t.Error(err)
					return
				}
				fmt.Println("stored " + action)
			}
		})
	}
	all.Wait()
}

func TestWhatWasAnsweredSurvivesAKill(t *testing.T) {
	if folder := os.Getenv(crashFolder); folder != "" {
		writeUntilKilled(t, folder, os.Getenv(crashRound))
		return
	}

	const rounds, acknowledged = 3, 300
	folder := t.TempDir()
	var stored []string
	for round := range rounds {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), crashFolder+"="+folder, fmt.Sprint(crashRound, "=", round))
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}

		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}

		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); {
			var action string
			if _, err := fmt.Sscanf(lines.Text(), "stored %s", &action); err != nil {
				continue
			}
			stored = append(stored, action)
			if n++; n == acknowledged {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}

		if cmd.Wait() == nil {
			t.Fatal("the process ended by itself, want it killed")
		}

		s := open(t, folder)
		if _, err := audit.Verify(t.Context(), s); err != nil {
			t.Errorf("Verify in round %d: %v", round, err)
		}

		present := make(map[string]bool)
		if err := s.AuditTrail(t.Context(), 1, func(r store.AuditRecord) error {
			present[r.Action] = true
			return nil
		}); err != nil {
			t.Error(err)
		}

		for _, action := range stored {
			if !present[action] {
				t.Errorf("round %d: entry %s was acknowledged but is not stored", round, action)
			}
		}

		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}

	if len(stored) < rounds*acknowledged {
		t.Errorf("got %d acknowledged entries, want at least %d", len(stored), rounds*acknowledged)
	}
}
