package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// logged is the number of records in the audit of these tests. logName is the name of the checkpoint key.
const (
	logged  = 12
	logName = "hub.example"
)

// perform runs the program with these arguments and returns its output and exit code.
func perform(t *testing.T, args ...string) (out string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	root := newRoot(&stdout, &stderr)
	root.SetArgs(args)
	if err := root.ExecuteContext(t.Context()); err != nil {
		code = reportError(&stderr, err)
	}
	return stdout.String() + stderr.String(), code
}

// ledger is a data folder with an audit, the keys, and a checkpoint every fourth record in another folder.
type ledger struct {
	t                               *testing.T
	data, checkpoints, private, pub string
}

func newLedger(t *testing.T) ledger {
	t.Helper()
	folder := t.TempDir()
	l := ledger{
		t, filepath.Join(folder, "data"), filepath.Join(folder, audit.CheckpointFileName),
		filepath.Join(folder, "audit.key"), filepath.Join(folder, "audit.key.pub"),
	}

	if out, code := perform(t, "audit", "key", l.private, "--name", logName); code != 0 {
		t.Fatal(out)
	}

	private, err := os.ReadFile(l.private)
	must(t, err)
	file, err := audit.OpenCheckpointFile(folder, string(private))
	must(t, err)
	s, err := sqlite.Open(t.Context(), l.data)
	must(t, err)
	defer s.Close() //nolint:errcheck // the data was committed
	at := time.Date(2026, 7, 15, 13, 0, 0, 123456000, time.UTC)
	for i := range logged {
		r := store.AuditRecord{
			At: at.Add(time.Duration(i) * time.Minute), RequestID: "60e0b220-8136-4ca5-ae46-1d97ef59d068",
			Session: "s1", Person: "999000000111",
			URID: "999000000222", OrgODS: "RX1", Action: audit.Search, Outcome: audit.Granted,
			Patients: []nhs.Number{"9990000018", "9990000026"},
		}

		if i == logged-1 {
			r.Outcome, r.Reason, r.Patients = audit.Refused, "ACCESS_DENIED", nil
		}

		refused, err := s.Commit(t.Context(), []*store.Entry{{Audit: r}})
		must(t, err)
		must(t, refused[0])
		if i%4 == 3 {
			head, err := s.AuditHead(t.Context())
			must(t, err)
			_, err = file.Append(audit.Checkpoint{Origin: logName, Records: head.Seq, Hash: head.Hash, At: at})
			must(t, err)
		}
	}

	return l
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (l ledger) verify(more ...string) (string, int) {
	l.t.Helper()
	return perform(l.t, append([]string{"audit", "verify", "--data", l.data}, more...)...)
}

func (l ledger) verifySigned() (string, int) {
	return l.verify("--checkpoint", l.checkpoints, "--checkpoint-key", l.pub)
}

// tamper runs SQL statements on the database directly, as somebody with access to the file could: no trigger stops
// them.
func (l ledger) tamper(statements ...string) {
	l.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(l.data, "ledger.db"))
	must(l.t, err)
	defer db.Close() //nolint:errcheck // the change was committed
	for _, s := range append([]string{
		"DROP TRIGGER IF EXISTS audit_is_not_changed", "DROP TRIGGER IF EXISTS audit_is_not_deleted",
		"DROP TRIGGER IF EXISTS audit_is_not_replaced", "DROP TRIGGER IF EXISTS tree_is_not_deleted",
		"DROP TRIGGER IF EXISTS access_is_not_changed", "DROP TRIGGER IF EXISTS access_is_not_deleted",
	}, statements...) {
		_, err := db.ExecContext(l.t.Context(), s)
		must(l.t, err)
	}
}

// rehash recalculates the hashes of the records from one on.
func (l ledger) rehash(from int64) {
	l.t.Helper()
	s, err := sqlite.Open(l.t.Context(), l.data)
	must(l.t, err)
	var all []store.AuditRecord
	must(l.t, s.AuditTrail(l.t.Context(), 1, func(r store.AuditRecord) error {
		all = append(all, r)
		return nil
	}))

	must(l.t, s.Close())
	var statements []string
	for i, r := range all {
		if r.Seq < from {
			continue
		}
		prev := audit.Genesis()
		if i > 0 {
			prev = all[i-1].Hash
		}
		r.Person = "999000000112"
		all[i] = audit.Seal(r, r.Seq, prev)
		statements = append(statements, fmt.Sprintf("UPDATE audit SET person = '%s', prev = x'%x', hash = x'%x' "+
			"WHERE seq = %d", r.Person, all[i].Prev, all[i].Hash, r.Seq))
	}

	l.tamper(statements...)
}

func TestAnAuditThatHolds(t *testing.T) {
	l := newLedger(t)
	out, code := l.verify()
	if code != 0 || !strings.Contains(out, "is valid: 12 records") || !strings.Contains(out, "Without a checkpoint") {
		t.Errorf("audit verify: exit code %d, want 0 and 12 records: %s", code, out)
	}
	out, code = l.verifySigned()
	if code != 0 || !strings.Contains(out, "matches 3 checkpoints of hub.example") ||
		!strings.Contains(out, "up to record 12") {
		t.Errorf("audit verify with checkpoints: exit code %d, want 0 and 3 checkpoints: %s", code, out)
	}
}

func TestWhateverIsChangedInTheFileIsFoundAndTheFirstRecordNamed(t *testing.T) {
	cases := map[string]struct {
		do    []string
		first int
	}{
		"one removed":   {[]string{"DELETE FROM audit WHERE seq = 5"}, 6},
		"the first one": {[]string{"DELETE FROM audit WHERE seq = 1"}, 2},
		"one moved":     {[]string{"UPDATE audit SET seq = 100 WHERE seq = 12"}, 100},
		"two swapped": {[]string{
			"UPDATE audit SET seq = -1 WHERE seq = 5",
			"UPDATE audit SET seq = 5 WHERE seq = 6", "UPDATE audit SET seq = 6 WHERE seq = -1",
		}, 5},
		"one put in": {[]string{copyRecord(13, 12)}, 13},
		"one put between": {[]string{
			"UPDATE audit SET seq = -seq WHERE seq > 5",
			"UPDATE audit SET seq = 1 - seq WHERE seq < 0", copyRecord(6, 5),
		}, 6},
		"one before all": {[]string{copyRecord(0, 1)}, 0},
		"a space":        {[]string{"UPDATE audit SET patients = patients || ' ' WHERE seq = 5"}, 5},
		"two spaces":     {[]string{"UPDATE audit SET patients = replace(patients, ' ', '  ') WHERE seq = 5"}, 5},
		"a zero byte":    {[]string{"UPDATE audit SET person = person || x'00' WHERE seq = 5"}, 5},
	}

	for _, column := range []string{
		"at", "request_id", "session", "person", "urid", "org_ods", "action", "outcome",
		"reason", "patients", "prev", "hash",
	} {
		change := column + " || 'x'"
		switch column {
		case "at":
			change = "at + 1"
		case "prev", "hash":
			change = "randomblob(32)"
		}
		cases["the column "+column] = struct {
			do    []string
			first int
		}{[]string{fmt.Sprintf("UPDATE audit SET %s = %s WHERE seq = 5", column, change)}, 5}
	}

	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			l := newLedger(t)
			l.tamper(c.do...)
			out, code := l.verify()
			if code != 1 || !strings.Contains(out, fmt.Sprintf("audit record %d: ", c.first)) ||
				strings.Contains(out, "holds") {
				t.Errorf("audit verify: exit code %d, want 1 and record %d: %s", code, c.first, out)
			}
			if out, code := l.verifySigned(); code != 1 {
				t.Errorf("audit verify with checkpoints: exit code %d, want 1: %s", code, out)
			}
		})
	}
}

func TestACutOrRestampedAuditIsFoundByItsCheckpointAlone(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(ledger)
		says []string
	}{
		"the end cut off": {func(l ledger) {
			l.tamper("DELETE FROM audit WHERE seq > 9")
		}, []string{"records 10 to 12 are missing", "Records 1 to 8 match a signed checkpoint"}},
		"all of it removed": {func(l ledger) {
			l.tamper("DELETE FROM audit")
		}, []string{"records 1 to 4 are missing", "No checkpoint matches the records."}},
		"the end written new": {func(l ledger) {
			l.rehash(7)
		}, []string{"records 5 to 8 are not those", "Records 1 to 4 match a signed checkpoint"}},
		"all of it anew": {func(l ledger) { l.rehash(1) }, []string{"records 1 to 4 are not those"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLedger(t)
			c.do(l)
			if out, code := l.verify(); code != 1 || !strings.Contains(out, "audit record") {
				t.Errorf("audit verify with the tree: exit code %d, want 1 and a record: %s", code, out)
			}
			l.tamper("DELETE FROM tree")
			if out, code := l.verify(); code != 0 || !strings.Contains(out, "Without a checkpoint, deleted records") {
				t.Errorf("audit verify without checkpoints: exit code %d, want 0 and a note: %s", code, out)
			}
			out, code := l.verifySigned()
			if code != 1 || strings.Contains(out, "holds") {
				t.Errorf("audit verify with checkpoints: exit code %d, want 1: %s", code, out)
			}
			for _, want := range c.says {
				if !strings.Contains(out, want) {
					t.Errorf("audit verify does not print %q: %s", want, out)
				}
			}
		})
	}
}

func TestAuditVerify_Unchecked(t *testing.T) {
	l := newLedger(t)
	other := newLedger(t)
	empty := filepath.Join(t.TempDir(), "empty")
	must(t, os.Mkdir(empty, 0o700))
	damaged := newLedger(t)
	must(t, os.WriteFile(filepath.Join(damaged.data, "ledger.db"), bytes.Repeat([]byte("rubbish "), 4096), 0o600))
	newer := newLedger(t)
	newer.tamper("INSERT INTO migration (ordinal, name, checksum) VALUES (1000, '1000_later.sql', '')")
	tableless := newLedger(t)
	tableless.tamper("DROP TABLE audit")

	for name, args := range map[string][]string{
		"no such folder":           {"--data", empty + "x"},
		"no books":                 {"--data", empty},
		"a file of nothing":        {"--data", damaged.data},
		"a newer hub's":            {"--data", newer.data},
		"no table":                 {"--data", tableless.data},
		"no such checkpoint file":  {"--data", l.data, "--checkpoint", empty + "x", "--checkpoint-key", l.pub},
		"no checkpoint in it":      {"--data", l.data, "--checkpoint", os.DevNull, "--checkpoint-key", l.pub},
		"a key and no checkpoint":  {"--data", l.data, "--checkpoint-key", l.pub},
		"a checkpoint and no key":  {"--data", l.data, "--checkpoint", l.checkpoints},
		"another's key":            {"--data", l.data, "--checkpoint", l.checkpoints, "--checkpoint-key", other.pub},
		"the private key":          {"--data", l.data, "--checkpoint", l.checkpoints, "--checkpoint-key", l.private},
		"a word too many":          {"--data", l.data, "now"},
		"a flag that there is not": {"--data", l.data, "--checkpoints", "x"},
		"a bad setting":            {"--data", l.data, "--session-idle", "never"},
	} {
		out, code := perform(t, append([]string{"audit", "verify"}, args...)...)
		if code != 2 || strings.Contains(out, "holds:") {
			t.Errorf("audit verify, %s: exit code %d, want 2: %s", name, code, out)
		}
	}

	if _, err := os.Stat(filepath.Join(empty, "ledger.db")); err == nil {
		t.Error("audit verify created a ledger")
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	root := newRoot(&bytes.Buffer{}, &bytes.Buffer{})
	root.SetArgs([]string{"audit", "verify", "--data", l.data})
	if err := root.ExecuteContext(ctx); err == nil || reportError(&bytes.Buffer{}, err) != 2 {
		t.Errorf("interrupted audit verify: got error %v, want one with exit code 2", err)
	}
}

func TestTheKeyOfCheckpointsIsItsOwnersAloneAndOverwritesNothing(t *testing.T) {
	name := filepath.Join(t.TempDir(), "audit.key")
	if out, code := perform(t, "audit", "key", name, "--name", "two words"); code != 1 ||
		!strings.Contains(out, "--name") {
		t.Errorf("audit key with an invalid name: exit code %d, want 1 and --name: %s", code, out)
	}

	if out, code := perform(t, "audit", "key", name, "--name", logName); code != 0 || strings.Contains(out, "PRIVATE") {
		t.Fatalf("audit key: exit code %d, want 0 and no private key printed: %s", code, out)
	}

	info, err := os.Stat(name)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the private key: got %v, want 0600", info.Mode())
	}

	before, err := os.ReadFile(name)
	must(t, err)
	must(t, os.Remove(name+".pub"))
	if _, code := perform(t, "audit", "key", name, "--name", logName); code != 1 {
		t.Error("audit key overwrote a private key")
	}

	if after, err := os.ReadFile(name); err != nil || !bytes.Equal(before, after) {
		t.Errorf("private key after a refused command: changed, or error %v", err)
	}

	must(t, os.Rename(name, name+".pub"))
	if _, code := perform(t, "audit", "key", name, "--name", logName); code != 1 {
		t.Error("audit key overwrote a public key")
	}

	if _, err := os.Stat(name); err == nil {
		t.Error("audit key left a private key without its public key")
	}
}

func TestAnExportIsAuditEventsThatTieToTheChain(t *testing.T) {
	l := newLedger(t)
	name := filepath.Join(t.TempDir(), "audit.ndjson")
	out, code := perform(t, "audit", "export", "--data", l.data, "--out", name)
	if code != 0 || !strings.Contains(out, "12 records") {
		t.Fatalf("audit export: exit code %d, want 0 and 12 records: %s", code, out)
	}

	info, err := os.Stat(name)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the export: got %v, want 0600", info.Mode())
	}

	text, err := os.ReadFile(name)
	must(t, err)
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	ledger, err := sqlite.OpenReadOnly(t.Context(), l.data)
	must(t, err)
	defer ledger.Close() //nolint:errcheck // it was only read
	var hashes []string
	must(t, ledger.AuditTrail(t.Context(), 1, func(r store.AuditRecord) error {
		hashes = append(hashes, fmt.Sprintf("%x", r.Hash))
		return nil
	}))

	for i, line := range lines {
		var e fhir.AuditEvent
		must(t, json.Unmarshal([]byte(line), &e))
		place := e.Entity[len(e.Entity)-1]
		if e.ResourceType != "AuditEvent" || e.ID != fmt.Sprint(i+1) || place.Detail[0].ValueString != e.ID ||
			place.Detail[2].ValueString != hashes[i] {
			t.Errorf("line %d: got %s, want AuditEvent %d with its sequence number and hash", i+1, line, i+1)
		}
	}

	if len(lines) != logged {
		t.Errorf("lines of the export: got %d, want %d", len(lines), logged)
	}

	if out, code := perform(t, "audit", "export", "--data", l.data, "--out", name); code != 1 {
		t.Errorf("audit export overwrote a file: %s", out)
	}

	for want, args := range map[int][]string{
		4: {"--since-seq", "8"},
		3: {"--from", "2026-07-15T13:01:00Z", "--to", "2026-07-15T13:04:00Z"},
		0: {"--from", "2026-07-16"},
		2: {"--since-seq", "8", "--to", "2026-07-15T13:10:00Z"},
	} {
		out, code := perform(t, append([]string{"audit", "export", "--data", l.data}, args...)...)
		if n := strings.Count(out, `"resourceType":"AuditEvent"`); code != 0 || n != want {
			t.Errorf("audit export %v: got %d records and exit code %d, want %d and 0", args, n, code, want)
		}
	}

	for _, args := range [][]string{{"--from", "yesterday"}, {"--since-seq", "-1"}, {"--data", name}} {
		if out, code := perform(t, append([]string{"audit", "export", "--data", l.data}, args...)...); code == 0 {
			t.Errorf("audit export %v succeeded, want an error: %s", args, out)
		}
	}

	l.tamper("UPDATE audit SET person = '1' WHERE seq = 5")
	broken := name + ".2"
	if out, code := perform(t, "audit", "export", "--data", l.data, "--out", broken); code != 1 ||
		!strings.Contains(out, "audit record 5") {
		t.Errorf("audit export of a changed record: exit code %d, want 1 and record 5: %s", code, out)
	}

	if _, err := os.Stat(broken); err == nil {
		t.Error("audit export left an incomplete file")
	}
}

// copyRecord returns the statement that adds record from again as record seq.
func copyRecord(seq, from int) string {
	const columns = "at, request_id, session, person, urid, org_ods, action, outcome, reason, patients, prev, " +
		"hash, source"
	return fmt.Sprintf("INSERT INTO audit (seq, %s) SELECT %d, %s FROM audit WHERE seq = %d", columns, seq, columns,
		from)
}
