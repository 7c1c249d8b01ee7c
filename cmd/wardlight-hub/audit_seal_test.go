package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/hub/audit"
)

// TestAuditSeal follows an operator: seal, verify with and without the sealed files, back up, restore, and seal again.
func TestAuditSeal(t *testing.T) {
	l := newLedger(t) // twelve records, a minute apart, and a checkpoint every fourth record
	t.Setenv("WARDLIGHT_SERVER_AUDIT_CHECKPOINT_FOLDER", filepath.Dir(l.checkpoints))
	t.Setenv("WARDLIGHT_SERVER_AUDIT_CHECKPOINT_KEY_FILE", l.private)
	folder := t.TempDir()
	one, two := filepath.Join(folder, "one.ndjson"), filepath.Join(folder, "two.ndjson")
	seal := func(before, file string) (string, int) {
		t.Helper()
		return perform(t, "audit", "seal", "--data", l.data, "--before", before, "--out", file)
	}

	if out, code := seal("2026-07-15T13:06:00Z", one); code != 0 ||
		!strings.Contains(out, "Records 1 to 6 are sealed in "+one) {
		t.Fatalf("audit seal: exit code %d, want 0 and records 1 to 6: %s", code, out)
	}

	info, err := os.Stat(one)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the sealed file: got %s, want 0600", info.Mode())
	}

	holds := func(out string, code int, says ...string) {
		t.Helper()
		for _, want := range append(says, "The audit is valid: 13 records") {
			if code != 0 || !strings.Contains(out, want) {
				t.Errorf("audit verify: exit code %d, want 0 and %q: %s", code, want, out)
			}
		}
	}

	out, code := l.verify()
	holds(out, code, "Records 1 to 6 are sealed, the last of them in one.ndjson")
	out, code = l.verifySigned()
	holds(out, code, "matches 2 checkpoints")
	out, code = l.verify("--sealed", one, "--checkpoint", l.checkpoints, "--checkpoint-key", l.pub)
	holds(out, code, "matches 3 checkpoints")
	if strings.Contains(out, "not checked") {
		t.Errorf("audit verify with the sealed file: got %s, want all checkpoints checked", out)
	}

	if out, code := l.verify("--sealed", l.pub); code != 2 ||
		!strings.Contains(out, "records 1 to 6 are sealed in one.ndjson, but no file") {
		t.Errorf("audit verify with an unrelated file: exit code %d, want 2 and the name of the sealed file: %s",
			code, out)
	}

	if got := recorded(t, l.data); !strings.Contains(got, audit.SealAudit+"//granted/"+
		operatorReason("records 1 to 6, the last with the hash ")) {
		t.Errorf("audit records: got %s, want one of the seal", got)
	}

	if out, code := seal("2026-07-15T13:06:00Z", one); code != 0 || !strings.Contains(out, "Records 1 to 6") {
		t.Errorf("audit seal with the same arguments: exit code %d, want 0 and records 1 to 6: %s", code, out)
	}

	for name, c := range map[string]struct{ before, file, says string }{
		"another file that is there": {"2026-07-15T13:09:00Z", l.pub, "does not hold the records from 7 on"},
		"nothing so old":             {"2026-07-15T13:06:00Z", two, "no unsealed record"},
		"too young":                  {"2999-01-01", two, "a day old"},
		"no such folder":             {"2026-07-16", filepath.Join(folder, "x", "y"), "no such file"},
	} {
		if out, code := seal(c.before, c.file); code != 1 || !strings.Contains(out, c.says) {
			t.Errorf("audit seal, %s: exit code %d, want 1 and %q: %s", name, code, c.says, out)
		}
	}

	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
		t.Errorf("files in the folder: got %v, error %v, want 1", entries, err)
	}

	backup, _ := backedUp(t, l.data)
	restored := filepath.Join(t.TempDir(), "data")
	if out, code := perform(t, "restore", backup, "--data", restored); code != 0 {
		t.Fatalf("restore: exit code %d, want 0: %s", code, out)
	}

	l.data = restored
	out, code = l.verify("--sealed", one)
	holds(out, code)
	if out, code := perform(t, "audit", "export", "--data", restored, "--out",
		filepath.Join(t.TempDir(), "rest.ndjson")); code != 0 || !strings.Contains(out, "7 records") {
		t.Errorf("audit export after sealing: exit code %d, want 0 and 7 records: %s", code, out)
	}

	if out, code := seal("2026-07-16", two); code != 0 || !strings.Contains(out, "Records 7 to 12 are sealed") {
		t.Errorf("second audit seal: exit code %d, want 0 and records 7 to 12: %s", code, out)
	}

	if out, code := l.verify("--sealed", two, "--sealed", one, "--checkpoint", l.checkpoints, "--checkpoint-key",
		l.pub); code != 0 || !strings.Contains(out, "is valid: 14 records") {
		t.Errorf("audit verify with both files: exit code %d, want 0 and 14 records: %s", code, out)
	}

	text, err := os.ReadFile(one)
	must(t, err)
	must(t, os.WriteFile(one, []byte(strings.Replace(string(text), "999000000111", "999000000112", 1)), 0o600))
	if out, code := l.verify("--sealed", two, "--sealed", one); code != 1 || !strings.Contains(out, "been changed") {
		t.Errorf("audit verify with a modified file: exit code %d, want 1 and \"was changed\": %s", code, out)
	}
}

// An audit that was modified, or contradicts a signed checkpoint, is not sealed, so that the evidence is preserved.
func TestAuditSeal_AuditThatDoesNotHold(t *testing.T) {
	for name, change := range map[string]func(ledger){
		"a record changed": func(l ledger) { l.tamper("UPDATE audit SET person = 'x' WHERE seq = 9") },
		"rewritten":        func(l ledger) { l.rehash(7) },
		"its end cut off":  func(l ledger) { l.tamper("DELETE FROM audit WHERE seq > 9") },
		"a seal that nobody made": func(l ledger) {
			l.tamper("INSERT INTO sealed (last, first, hash, file, digest, at) SELECT seq, 1, hash, 'f', x'00', 1 "+
				"FROM audit WHERE seq = 2", "DELETE FROM audit WHERE seq <= 2")
		},
	} {
		l := newLedger(t)
		t.Setenv("WARDLIGHT_SERVER_AUDIT_CHECKPOINT_FOLDER", filepath.Dir(l.checkpoints))
		t.Setenv("WARDLIGHT_SERVER_AUDIT_CHECKPOINT_KEY_FILE", l.private)
		change(l)
		file := filepath.Join(t.TempDir(), "f.ndjson")
		if out, code := perform(t, "audit", "seal", "--data", l.data, "--before", "2026-07-15T13:04:00Z", "--out",
			file); code != 1 {
			t.Errorf("audit seal, %s: exit code %d, want 1: %s", name, code, out)
		}

		if _, err := os.Stat(file); err == nil {
			t.Errorf("audit seal, %s: a file was written", name)
		}

		if out, code := l.verifySigned(); code != 1 {
			t.Errorf("audit verify, %s: exit code %d, want 1: %s", name, code, out)
		}
	}
}

// Records after the last signed checkpoint are not sealed, because the hub's next checkpoint covers them.
func TestAuditSeal_UpToTheLastCheckpoint(t *testing.T) {
	l := newLedger(t)
	t.Setenv("WARDLIGHT_SERVER_AUDIT_CHECKPOINT_FOLDER", filepath.Dir(l.checkpoints))
	t.Setenv("WARDLIGHT_SERVER_AUDIT_CHECKPOINT_KEY_FILE", l.private)
	text, err := os.ReadFile(l.checkpoints)
	must(t, err)
	first := strings.Index(string(text), "\n\n"+logName)
	must(t, os.WriteFile(l.checkpoints, text[:first+1], 0o600))
	file := filepath.Join(t.TempDir(), "f.ndjson")
	args := []string{"audit", "seal", "--data", l.data, "--before", "2026-07-15T13:09:00Z", "--out", file}
	if out, code := perform(t, args...); code != 0 || !strings.Contains(out, "Records 1 to 4 are sealed") {
		t.Errorf("audit seal: exit code %d, want 0 and records 1 to 4: %s", code, out)
	}
	must(t, os.Remove(l.checkpoints))
	args[len(args)-1] = filepath.Join(t.TempDir(), "g.ndjson")
	if out, code := perform(t, args...); code != 1 || !strings.Contains(out, "no checkpoint yet") {
		t.Errorf("audit seal without a checkpoint: exit code %d, want 1 and the reason: %s", code, out)
	}
}
