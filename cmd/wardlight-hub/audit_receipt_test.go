package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/internal/translog"
)

// receiptOf makes a receipt of a record with the command.
func (l ledger) receiptOf(seq, file string) (string, int) {
	l.t.Helper()
	l.t.Setenv("WARDLIGHT_SERVER_AUDIT_CHECKPOINT_FOLDER", filepath.Dir(l.checkpoints))
	l.t.Setenv("WARDLIGHT_SERVER_AUDIT_CHECKPOINT_KEY_FILE", l.private)
	return perform(l.t, "audit", "receipt", seq, "--out", file, "--data", l.data)
}

func TestAuditReceipt(t *testing.T) {
	l := newLedger(t)
	file := filepath.Join(t.TempDir(), "receipt.json")
	if out, code := l.receiptOf("5", file); code != 0 || !strings.Contains(out, "proves record 5") {
		t.Fatalf("audit receipt: exit code %d, want 0 and record 5: %s", code, out)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the receipt: got %v, error %v; want 0600", info, err)
	}

	text, err := os.ReadFile(file)
	must(t, err)
	public, err := os.ReadFile(l.pub)
	must(t, err)
	log, err := translog.VerifierOf(string(public))
	must(t, err)
	r, err := translog.ParseReceipt(text)
	must(t, err)
	c, _, err := r.Verify(log)
	if err != nil || c.N != logged || c.Origin != logName+"/tree" || r.Record.Seq != 5 ||
		r.Record.Person != "999000000111" {
		t.Errorf("Verify: got %+v, record %+v, error %v; want record 5 in a log of %d", c, r.Record, err, logged)
	}

	for seq, want := range map[string]string{
		"13": "no audit record 13", "0": "not the number of a record", "x": "not the number of a record",
	} {
		out, code := l.receiptOf(seq, filepath.Join(t.TempDir(), "r.json"))
		if code != 1 || !strings.Contains(out, want) {
			t.Errorf("audit receipt %s: exit code %d, want 1 and %q: %s", seq, code, want, out)
		}
	}
	if out, code := l.receiptOf("6", file); code != 1 || !strings.Contains(out, "exists") {
		t.Errorf("audit receipt into the same file: exit code %d, want 1: %s", code, out)
	}
}

// TestAuditReceipt_OfAChangedRecord changes a record and computes all hashes again. The tree has the hash of before.
func TestAuditReceipt_OfAChangedRecord(t *testing.T) {
	l := newLedger(t)
	l.rehash(4)
	for _, seq := range []string{"4", "5"} {
		file := filepath.Join(t.TempDir(), "receipt.json")
		out, code := l.receiptOf(seq, file)
		if code != 1 || !strings.Contains(out, "audit record "+seq+": was changed") {
			t.Errorf("audit receipt %s: exit code %d, want 1 and that it was changed: %s", seq, code, out)
		}
		if _, err := os.Stat(file); err == nil {
			t.Errorf("audit receipt %s: a file was written, want none", seq)
		}
	}
}
