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

// backedUp makes a backup of a data folder, and returns where it is and when it was made.
func backedUp(t *testing.T, data string) (folder, at string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "backup")
	if out, err := said(t, "backup", folder, "--data", data); err != nil {
		t.Fatalf("%v: %s", err, out)
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

// TestRestore_AuthoritiesSendAgain goes the way of an operator from a restore until every authority has sent again.
func TestRestore_AuthoritiesSendAgain(t *testing.T) {
	f := newFiles(t)
	backup, at := backedUp(t, booksWithPlans(t))
	data := filepath.Join(t.TempDir(), "data")
	do := doneIn(t, data)
	if out := do("restore", backup); !strings.Contains(out, "has to send again") {
		t.Errorf("restore: %s", out)
	}
	serve := func() string {
		t.Helper()
		var log bytes.Buffer
		_, end := runLogged(t, &log, "serve", "--listen", "127.0.0.1:0", "--operator-listen", "off", "--stop-notice", "0s", "--data", data, "--ca", f.ca+"=uuid", "--webhook-secrets", f.secrets)
		text := log.String()
		if err := end(); err != nil {
			t.Error(err)
		}
		return text
	}
	log := serve()
	for _, want := range []string{`"authority":"V999"`, `"authority":"(not on file)"`, `"since":"` + at + `"`, "ALARM: a backup was restored"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log has no %s: %s", want, log)
		}
	}
	list := do("authority", "list")
	for _, want := range []string{"TO SEND AGAIN SINCE", "(not on file)"} {
		if !strings.Contains(list, want) {
			t.Errorf("no %s in the list: %s", want, list)
		}
	}
	marked := strings.Count(list, at)
	if marked < 2 || strings.Count(list, "\n") != marked+1 {
		t.Errorf("%d are marked in the list: %s", marked, list)
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
		if out, err := said(t, append(append([]string{"authority"}, args...), "--data", data)...); err == nil {
			t.Errorf("%v: %s", args, out)
		}
	}
	if out := do("authority", "resent", "V999"); strings.Contains(out, "V999") || !strings.Contains(out, "(not on file) has to send again") {
		t.Errorf("V999 has sent: %s", out)
	}
	if out := do("authority", "resent", "--all"); !strings.Contains(out, "No authority has to send again") {
		t.Errorf("all have sent: %s", out)
	}
	if log := serve(); strings.Contains(log, "ALARM") {
		t.Errorf("an alarm after all have sent: %s", log)
	}
	if out := do("authority", "resend", "V999", "--others", "--since", "2026-07-15T02:00:00Z"); strings.Count(out, "2026-07-15T02:00:00Z") != 2 {
		t.Errorf("resend: %s", out)
	}
	got := recorded(t, data)
	for _, want := range []string{
		audit.ConfirmPlansAgain + "/V999/granted/" + byOperator(),
		audit.ConfirmPlansAgain + "//granted/" + byOperator("authorities that are not on file"),
		audit.AskPlansAgain + "/V999/granted/" + byOperator("since 2026-07-15T02:00:00Z"),
		audit.AskPlansAgain + "//granted/" + byOperator("authorities that are not on file since 2026-07-15T02:00:00Z"),
	} {
		if !strings.Contains(got+", ", want+", ") {
			t.Errorf("the audit has %s, not %s", got, want)
		}
	}
}

// A backup that an earlier build made has no table of who has to send again: it is restored with one.
func TestRestore_BackupOfAnEarlierBuild(t *testing.T) {
	old := booksWithPlans(t)
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
	if out, err := said(t, "restore", backup, "--data", data); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if out, err := said(t, "authority", "list", "--data", data); err != nil || strings.Count(out, at) < 2 {
		t.Errorf("%v: %s", err, out)
	}
}
