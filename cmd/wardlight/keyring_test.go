//go:build linux

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"wardlight/internal/lab/people"
	"wardlight/internal/secretstore/secretstoretest"
)

// without runs one command without a passcode descriptor, with additional environment variables.
func (w *testSite) without(env []string, args ...string) (code int, document map[string]any) {
	w.t.Helper()
	c := exec.CommandContext(w.t.Context(), w.program, append(args, "--config", w.hub.ConfigFile(), "--json")...)
	c.Env = append(append(os.Environ(), w.socket()), env...)
	out, err := c.Output()
	if c.ProcessState == nil {
		w.t.Fatal(err)
	}
	if err := json.Unmarshal(out, &document); err != nil {
		w.t.Fatalf("%q: %v: %s", args, err, out)
	}
	return c.ProcessState.ExitCode(), document
}

// revocations returns how many sessions were revoked at the hub.
func (w *testSite) revocations() int {
	w.t.Helper()
	log, err := os.ReadFile(w.hub.Status().Log)
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Count(string(log), `"route":"POST /oauth2/revoke","status":200`)
}

func TestASignInIsKeptInTheRealKeyringWhileTheCardStaysIn(t *testing.T) {
	gnome := secretstoretest.Start(t)
	w := newTestSite(t)
	w.insertAndSee("nurse")
	for _, entry := range gnome.Env { // for the commands that pass a passcode
		name, value, _ := strings.Cut(entry, "=")
		t.Setenv(name, value)
	}

	if code, out, errs := w.command("login"); code != exitDone || !strings.Contains(out, "GNOME Keyring") {
		t.Fatalf("login: exit code %d, want %d and the GNOME Keyring: %s%s", code, exitDone, out, errs)
	}

	code, d := w.without(nil, "alert", people.OnPlan.Digits())
	if code != exitDone || d["state"] != "alert" {
		t.Fatalf("alert with the saved sign-in: exit code %d, want %d and an alert: %v", code, exitDone, d)
	}

	if code, d = w.without(nil, "status"); code != exitDone {
		t.Fatalf("status with the saved sign-in: exit code %d, want %d: %v", code, exitDone, d)
	}

	if n := w.revocations(); n != 0 {
		t.Errorf("revoked sessions: got %d, want 0", n)
	}

	// No command is running when the card is removed. The next one detects it by the reader's event counter.
	w.card.Pull()
	w.insert("nurse")
	deadline := time.Now().Add(time.Minute)
	for code == exitDone && time.Now().Before(deadline) {
		code, d = w.without(nil, "status")
	}

	if code != exitSignIn || w.revocations() != 1 {
		t.Errorf("status after the card was removed: exit code %d, %d sessions revoked, want %d and 1: %v",
			code, w.revocations(), exitSignIn, d)
	}

	if code, d = w.without(nil, "logout"); code != exitDone || d["signed_out"] != false {
		t.Errorf("logout without a sign-in: exit code %d, want %d and signed_out false: %v", code, exitDone, d)
	}

	gnome.Lock()
	if code, d = w.without(nil, "login"); code != exitKeyring {
		t.Errorf("login with a locked keyring: exit code %d, want %d: %v", code, exitKeyring, d)
	}

	gnome.Kill()
	if code, d = w.without(nil, "login"); code != exitKeyring {
		t.Errorf("login without a keyring: exit code %d, want %d: %v", code, exitKeyring, d)
	}
}
