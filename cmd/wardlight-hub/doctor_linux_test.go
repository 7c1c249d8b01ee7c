package main

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/hub/doctor"
	"wardlight/hub/store"
	"wardlight/internal/lab/nationaltest"
	"wardlight/internal/schematest"
	"wardlight/internal/testterm"
)

// TestDoctor_Handbook compares the table in docs/operating.md with the program's. UPDATE_PICTURES=1 writes it again.
func TestDoctor_Handbook(t *testing.T) {
	const path, begin, end = "../../docs/operating.md", "<!-- doctor: from the table -->\n", "<!-- /doctor -->"
	page := readFile(t, path)
	head, rest, found := strings.Cut(page, begin)
	_, tail, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no markers for the doctor's table", path)
	}

	table := "| code | what was found | what to do |\n|---|---|---|\n"
	for _, w := range doctor.Words() {
		table += fmt.Sprintf("| %s | %s | %s |\n", w.Code, w.Sentence, w.Advice)
	}

	want := head + begin + table + end + tail
	if os.Getenv(testterm.UpdateScreenshots) != "" {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}

	if page != want {
		t.Errorf("%s differs from the program's table; run `make docs` and review the change", path)
	}
}

// examined runs the doctor and returns the code of each check, and the exit code.
func examined(t *testing.T, args ...string) (codes map[string]string, exit int) {
	t.Helper()
	out, besides, err := runCommand(t, append([]string{"doctor", "--json"}, args...)...)
	if err != nil {
		exit = reportError(&strings.Builder{}, err)
	}
	var d doctorDocument
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatalf("doctor --json: %v: %s %s", err, out, besides)
	}
	schematest.Output(t, []byte(out))
	if d.ExitCode != exit {
		t.Errorf("exit_code in the document = %d, want the command's, %d", d.ExitCode, exit)
	}
	codes = make(map[string]string)
	for _, c := range d.Checks {
		codes[c.Check] = c.Code
	}
	return codes, exit
}

// listing returns the names, sizes and modification times of all files in a folder.
func listing(t *testing.T, folder string) (all []string) {
	t.Helper()
	if err := filepath.Walk(folder, func(name string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			all = append(all, fmt.Sprint(name, info.Size(), info.ModTime()))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestDoctor(t *testing.T) {
	w, f, folder := newHubProcess(t), newFiles(t), t.TempDir()
	checkpoints, backups, key := filepath.Join(folder, "checkpoints"), filepath.Join(folder, "backups"),
		filepath.Join(folder, "audit.key")
	for _, name := range []string{checkpoints, backups} {
		if err := os.Mkdir(name, 0o700); err != nil {
			t.Fatal(err)
		}
	}

	if _, _, err := runCommand(t, "audit", "key", key, "--name", "hub.example"); err != nil {
		t.Fatal(err)
	}

	value := func(flag string) string { return w.args[slices.Index(w.args, flag)+1] }
	secrets := value("--webhook-secrets")
	t.Setenv("WARDLIGHT_SERVER_AUDIT_CHECKPOINT_FOLDER", checkpoints)
	t.Setenv("WARDLIGHT_SERVER_AUDIT_CHECKPOINT_KEY_FILE", key)
	t.Setenv("WARDLIGHT_SERVER_BACKUP_FOLDER", backups)
	args := []string{
		"--data", w.folder, "--ca", value("--ca"), "--webhook-secrets", secrets, "--tls-cert",
		f.certificate, "--tls-key", f.key,
	}

	hub := w.start(t)
	if w.open(t.Context(), t, w.signIn(t)) == "" {
		t.Fatal("the alert was not opened")
	}

	if _, _, err := runCommand(t, "backup", filepath.Join(backups, "one"), "--data", w.folder); err != nil {
		t.Fatal(err)
	}

	// The test's certificate ends within an hour, which is the only warning, apart from this computer's clock.
	want := map[string]string{
		"settings": "B00", "files": "B20", "certificates": "B31", "books": "B40", "audit": "B50", "checkpoints": "B60",
		"authorities": "B70",
		"outbox":      "B80", "backup": "B90",
	}

	expect := func(what string, exit int, change map[string]string, more ...string) {
		t.Helper()
		codes, got := examined(t, append(slices.Clone(args), more...)...)
		if got != exit {
			t.Errorf("%s: exit code %d, want %d", what, got, exit)
		}
		for check, code := range want {
			if other, is := change[check]; is {
				code = other
			}
			if codes[check] != code {
				t.Errorf("%s: check %s: got code %s, want %s", what, check, codes[check], code)
			}
		}
	}

	expect("a hub that runs", 0, nil)
	hub.Stop() // which signs a checkpoint
	before := listing(t, w.folder)
	expect("a hub that is stopped", 0, nil)
	if after := listing(t, w.folder); !slices.Equal(before, after) {
		t.Errorf("files after the doctor: got %q, want as before, %q", after, before)
	}

	db, err := sql.Open("sqlite", filepath.Join(w.folder, "people.db"))
	if err != nil {
		t.Fatal(err)
	}

	for _, mode := range []struct{ name, code string }{{"delete", "B43"}, {"wal", "B40"}} {
		if _, err := db.ExecContext(t.Context(), "PRAGMA journal_mode = "+mode.name); err != nil {
			t.Fatal(err)
		}
		if codes, _ := examined(t, args...); codes["books"] != mode.code {
			t.Errorf("journal_mode %s: got code %s, want %s", mode.name, codes["books"], mode.code)
		}
	}

	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	missing := filepath.Join(folder, "absent")
	expect("a setting that is wrong", exitSettings, map[string]string{
		"settings": "B01", "files": "B29", "certificates": "B39", "books": "B49", "audit": "B59", "checkpoints": "B69",
		"authorities": "B79",
		"outbox":      "B89", "backup": "B99",
	}, "--listen", "nowhere")

	expect("no books", exitFailed, map[string]string{
		"books": "B42", "audit": "B59", "checkpoints": "B69",
		"authorities": "B79", "outbox": "B89",
	}, "--data", missing)

	expect("a certificate that is not there", exitFailed, map[string]string{"files": "B21", "certificates": "B32"},
		"--tls-cert", missing)

	if err := os.Chmod(f.key, 0o644); err != nil {
		t.Fatal(err)
	}

	expect("a key that everybody reads", exitFailed, map[string]string{"files": "B22"})
	if err := os.Chmod(f.key, 0o600); err != nil {
		t.Fatal(err)
	}

	good := readFile(t, secrets)
	f.write(t, secrets, "V998 whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n")
	expect("an authority without a secret", exitFailed, map[string]string{"authorities": "B72"})
	f.write(t, secrets, good)
	if err := w.authority.Close(); err != nil {
		t.Fatal(err)
	}

	expect("an authority that does not answer", exitFailed, map[string]string{"authorities": "B73"})
	want["authorities"] = "B73"

	if err := os.RemoveAll(filepath.Join(backups, "one")); err != nil {
		t.Fatal(err)
	}

	expect("no backup", exitFailed, map[string]string{"backup": "B93"})
	want["backup"] = "B93"

	s := w.ledger(t)
	waiting := store.Entry{Audit: store.AuditRecord{At: time.Now(), Action: "test", Outcome: "granted"}}
	if _, err := s.Commit(t.Context(), []*store.Entry{&waiting}); err != nil {
		t.Fatal(err)
	}

	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	expect("a record since the checkpoint", exitFailed, nil)
	if err := os.RemoveAll(w.folder); err != nil {
		t.Fatal(err)
	}

	s = w.ledger(t)
	w.fill(t, s)
	must(t, s.Close())
	expect("books from before the last checkpoint", exitFailed, map[string]string{"audit": "B51"})
	if err := os.RemoveAll(checkpoints); err != nil {
		t.Fatal(err)
	}

	expect("no folder for checkpoints", exitFailed, map[string]string{"checkpoints": "B62"})
}

// TestDoctor_Ledger checks the ledger in both stores.
func TestDoctor_Ledger(t *testing.T) {
	onBothStores(t, func(t *testing.T) {
		w := newTwoCAs(t, "uuid", &lockedLog{})
		if refused := w.signIn(t, w.nhs.issue(t, staffUUID, 7)); refused != "" {
			t.Fatal(refused)
		}
		out, _, err := runCommand(t, "doctor")
		if err != nil {
			t.Errorf("doctor: %v: %s", err, out)
		}
		for _, want := range []string{
			"Books              The databases can be read, and are of this version. (B40)",
			"The last record is number ", "No local authority is on file. (B71)",
		} {
			if !strings.Contains(out, want) {
				t.Errorf("doctor: got %s, want %q in it", out, want)
			}
		}
	})
}

func TestDoctor_OlderLedger(t *testing.T) {
	f := newFiles(t)
	data := olderLedger(t)
	before := listing(t, data)
	codes, exit := examined(t, "--data", data, "--ca", f.ca+"=uuid")
	if exit != exitFailed || codes["books"] != "B41" || codes["audit"] != "B59" {
		t.Errorf("doctor with an older ledger: exit code %d, want %d, codes %v", exit, exitFailed, codes)
	}
	if after := listing(t, data); !slices.Equal(before, after) {
		t.Errorf("files after the doctor: got %q, want as before, %q", after, before)
	}
	if _, _, err := runCommand(t, "doctor", "--data", data, "--ca", f.ca+"=uuid"); err == nil ||
		errors.Is(err, store.ErrOlder) {
		t.Errorf("doctor with an older ledger: got error %v, want the number of failed checks", err)
	}
}

// TestDoctor_Summaries checks the files of the Summary Care Record API, and privacy alerts that are late.
func TestDoctor_Summaries(t *testing.T) {
	h, f := newWatchedHub(t), newFiles(t)
	platform := nationaltest.New(t, time.Now)
	for _, variable := range scrEnviron(t, platform, platform.SCR(), accessUser) {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
	check := func(what, row, want string) {
		t.Helper()
		codes, _ := examined(t, "--data", h.folder, "--ca", f.ca+"=uuid")
		if codes[row] != want {
			t.Errorf("%s: got code %s for %s, want %s", what, codes[row], row, want)
		}
	}

	check("no alert", "outbox", "B80")
	check("files", "files", "B20")
	must(t, os.Chmod(os.Getenv("WARDLIGHT_SERVER_SCR_PRIVATE_KEY_FILE"), 0o644))
	check("a key that everybody reads", "files", "B22")
	must(t, os.Remove(os.Getenv("WARDLIGHT_SERVER_SCR_API_KEY_FILE")))
	check("no API key", "files", "B21")
	f.write(t, os.Getenv("WARDLIGHT_SERVER_SCR_CA_FILE"), "malformed")
	check("a CA file that is malformed", "certificates", "B32")

	h.privacyAlert(time.Now().Add(-2 * time.Hour))
	check("an alert that waits", "outbox", "B83")
	h.ledger("UPDATE privacy_alert SET next_attempt = 0, given_up = 1")
	check("an alert that was given up", "outbox", "B84")
}
