//go:build linux

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"wardlight/internal/keep/keeptest"
	"wardlight/internal/lab/people"
)

// without runs one command as a script does that has no passcode to give, with more of an environment.
func (w *ward) without(env []string, args ...string) (code int, document map[string]any) {
	w.t.Helper()
	c := exec.CommandContext(w.t.Context(), w.program, append(args, "--config", w.hub.ConfigFile(), "--json")...)
	c.Env = append(append(os.Environ(), w.socket()), env...)
	out, err := c.Output()
	if c.ProcessState == nil {
		w.t.Fatal(err)
	}
	if err := json.Unmarshal(out, &document); err != nil {
		w.t.Fatalf("%v: %s", err, out)
	}
	return c.ProcessState.ExitCode(), document
}

// revocations is how many sessions the hub was told to end.
func (w *ward) revocations() int {
	w.t.Helper()
	log, err := os.ReadFile(w.hub.Status().Log)
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Count(string(log), `"route":"POST /oauth2/revoke","status":200`)
}

func TestASignInIsKeptInTheRealKeyringWhileTheCardStaysIn(t *testing.T) {
	gnome := keeptest.Start(t)
	w := newWard(t)
	w.insertAndSee("nurse")
	for _, entry := range gnome.Env { // for the commands that get the passcode
		name, value, _ := strings.Cut(entry, "=")
		t.Setenv(name, value)
	}
	if code, out, errs := w.command("login"); code != exitDone || !strings.Contains(out, "GNOME Keyring") {
		t.Fatalf("login: exit %d: %s%s", code, out, errs)
	}
	code, d := w.without(nil, "alert", people.OnPlan.Digits())
	if code != exitDone || d["state"] != "alert" {
		t.Fatalf("exit %d, %v", code, d)
	}
	if code, d = w.without(nil, "status"); code != exitDone {
		t.Fatalf("exit %d, %v", code, d)
	}
	if n := w.revocations(); n != 0 {
		t.Errorf("%d sessions were revoked", n)
	}

	// The commands in between are short: nobody watches. The next one sees by the reader's count that the card was out.
	w.card.Pull()
	w.insert("nurse")
	deadline := time.Now().Add(time.Minute)
	for code == exitDone && time.Now().Before(deadline) {
		code, d = w.without(nil, "status")
	}
	if code != exitSignIn || w.revocations() != 1 {
		t.Errorf("after the card was out: exit %d, %d sessions revoked: %v", code, w.revocations(), d)
	}
	if code, d = w.without(nil, "logout"); code != exitDone || d["signed_out"] != false {
		t.Errorf("exit %d, %v", code, d)
	}

	gnome.Lock()
	if code, d = w.without(nil, "login"); code != exitKeyring {
		t.Errorf("a locked keyring: exit %d, %v", code, d)
	}
	gnome.Die()
	if code, d = w.without(nil, "login"); code != exitKeyring {
		t.Errorf("no keyring: exit %d, %v", code, d)
	}
}
