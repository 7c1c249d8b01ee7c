package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/hub/audit"
)

// backedUp makes a backup of a data folder, and returns its path and time.
func backedUp(t *testing.T, data string) (folder, at string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "backup")
	if out, err := runForOutput(t, "backup", folder, "--data", data); err != nil {
		t.Fatalf("backup: %v: %s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct{ Begun time.Time }
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	return folder, manifest.Begun.UTC().Format(time.RFC3339)
}

// TestRestore_AuthoritiesSendAgain restores a backup and runs the operator's commands until every authority has sent
// its plans again.
func TestRestore_AuthoritiesSendAgain(t *testing.T) {
	f := newFiles(t)
	backup, at := backedUp(t, ledgerWithPlans(t))
	data := filepath.Join(t.TempDir(), "data")
	do := runnerIn(t, data)
	if out := do("restore", backup); !strings.Contains(out, "has to send again") {
		t.Errorf("restore: got %s, want \"has to send again\" in it", out)
	}

	serve := func() string {
		t.Helper()
		var log bytes.Buffer
		_, end := runLogged(t, &log, "serve", "--listen", "127.0.0.1:0", "--operator-listen", "off", "--stop-notice",
			"0s", "--data", data, "--ca", f.ca+"=uuid", "--webhook-secrets", f.secrets)
		text := log.String()
		if err := end(); err != nil {
			t.Error(err)
		}
		return text
	}

	log := serve()
	for _, want := range []string{
		`"authority":"V999"`, `"authority":"(not on file)"`, `"since":"` + at + `"`,
		"ALARM: a backup was restored",
	} {
		if !strings.Contains(log, want) {
			t.Errorf("log of serve: no %s in %s", want, log)
		}
	}

	list := do("authority", "list")
	for _, want := range []string{"TO SEND AGAIN SINCE", "(not on file)"} {
		if !strings.Contains(list, want) {
			t.Errorf("authority list: no %s in %s", want, list)
		}
	}

	marked := strings.Count(list, at)
	if marked < 2 || strings.Count(list, "\n") != marked+1 {
		t.Errorf("authority list: %d rows are marked, want all of at least 2: %s", marked, list)
	}

	for _, args := range [][]string{
		{"resent"},
		{"resent", "V000"},
		{"resent", "--all", "V999"},
		{"resend", "V999"},
		{"resend", "--since", at},
		{"resend", "V000", "--since", at},
		{"resend", "--all", "--since", "2999-01-01"},
	} {
		if out, err := runForOutput(t, append(append([]string{"authority"}, args...), "--data", data)...); err == nil {
			t.Errorf("authority %v succeeded, want an error: %s", args, out)
		}
	}

	if out := do("authority", "resent", "V999"); strings.Contains(out, "V999") ||
		!strings.Contains(out, "(not on file) has to send again") {
		t.Errorf("authority resent V999: got %s, want only (not on file) listed", out)
	}

	if out := do("authority", "resent", "--all"); !strings.Contains(out, "No authority has to send plans again") {
		t.Errorf("authority resent --all: got %s, want no authority listed", out)
	}

	if log := serve(); strings.Contains(log, "ALARM") {
		t.Errorf("log of serve after all have sent: got an alarm: %s", log)
	}

	if out := do("authority", "resend", "V999", "--others", "--since", "2026-07-15T02:00:00Z"); strings.Count(out,
		"2026-07-15T02:00:00Z") != 2 {
		t.Errorf("authority resend: got %s, want the time twice", out)
	}

	got := recorded(t, data)
	for _, want := range []string{
		audit.ConfirmPlansAgain + "/V999/granted/" + operatorReason(),
		audit.ConfirmPlansAgain + "//granted/" + operatorReason("authorities that are not on file"),
		audit.AskPlansAgain + "/V999/granted/" + operatorReason("since 2026-07-15T02:00:00Z"),
		audit.AskPlansAgain + "//granted/" +
			operatorReason("authorities that are not on file since 2026-07-15T02:00:00Z"),
	} {
		if !strings.Contains(got+", ", want+", ") {
			t.Errorf("audit records: got %s, want %s in them", got, want)
		}
	}
}

// The backup of an earlier build has no table of authorities that must send again. Restoring it adds the table.
func TestRestore_BackupOfAnEarlierBuild(t *testing.T) {
	old := ledgerWithPlans(t)
	db, err := sql.Open("sqlite", filepath.Join(old, "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), newestScripts); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	backup, at := backedUp(t, old)
	data := filepath.Join(t.TempDir(), "data")
	if out, err := runForOutput(t, "restore", backup, "--data", data); err != nil {
		t.Fatalf("restore: %v: %s", err, out)
	}
	if out, err := runForOutput(t, "authority", "list", "--data", data); err != nil || strings.Count(out, at) < 2 {
		t.Errorf("authority list: got error %v, want the time in each row: %s", err, out)
	}
}
