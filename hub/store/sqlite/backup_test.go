package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/hub/summary"
	"wardlight/internal/nhs"
)

func clock() time.Time { return time.Date(2026, 7, 15, 13, 0, 0, 0, time.UTC) }

// filled returns a folder with data, and its open store.
func filled(t *testing.T) (*Store, string) {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "data")
	s := open(t, folder)
	t.Cleanup(func() { _ = s.Close() })
	must(t, s.PutAuthority(t.Context(), store.Authority{Code: "V999", Name: "EXAMPLESHIRE COUNCIL"}))
	must(t, s.PutPlan(t.Context(), store.Plan{
		ID: "p", Number: "9990000018", Kind: store.ChildProtection,
		Authority: "V999",
	}))
	must(t, s.PutPatients(t.Context(), []store.Patient{{Number: "9990000018", Body: []byte("{}")}}))
	for range 3 {
		post(t, s)
	}
	return s, folder
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func post(t *testing.T, s *Store) {
	t.Helper()
	if _, err := s.Commit(t.Context(),
		[]*store.Entry{{Audit: store.AuditRecord{
			At: clock(), Action: "x",
			Patients: []nhs.Number{"9990000018"},
		}}}); err != nil {
		t.Fatal(err)
	}
}

func backupOf(t *testing.T, folder string) (Manifest, string) {
	t.Helper()
	r, err := OpenReadOnly(t.Context(), folder)
	must(t, err)
	defer r.Close() //nolint:errcheck // it was only read
	dest := filepath.Join(t.TempDir(), "backup")
	m, err := r.Backup(t.Context(), dest, "1.0", clock)
	must(t, err)
	return m, dest
}

func TestABackupOfOpenBooksIsRestoredWhole(t *testing.T) {
	s, folder := filled(t)
	must(t, s.PutSummary(t.Context(), summary.Document{Number: "9990000018", ID: "S1", Body: []byte("{}")}))
	_, err := s.Commit(t.Context(), []*store.Entry{{
		Audit:  store.AuditRecord{At: clock(), Action: "x"},
		Change: &store.Change{Alert: &summary.Alert{ID: "alert", Number: "9990000018"}},
	}})
	must(t, err)
	m, dest := backupOf(t, folder)
	post(t, s) // after the backup
	if m.Audit.Records != 4 || m.Version != "1.0" || !m.Started.Equal(clock()) ||
		!strings.HasPrefix(m.Files[0].Migration, "0") {
		t.Errorf("Backup = %+v, want 4 audit records, version 1.0 and the time", m)
	}

	for _, name := range []string{"", ledgerName, peopleName, manifestName} {
		if mode := stat(t, filepath.Join(dest, name)).Mode().Perm(); mode&0o077 != 0 {
			t.Errorf("mode of %q = %v, want access for the owner only", name, mode)
		}
	}

	if all, err := os.ReadDir(dest); err != nil || len(all) != 3 {
		t.Errorf("files in the backup: got %v, %v; want 3", all, err)
	}

	if _, err := os.Stat(dest + ".partial"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Stat of the partial folder: got error %v, want ErrNotExist", err)
	}

	again := filepath.Join(t.TempDir(), "data")
	got, err := Restore(t.Context(), dest, again)
	must(t, err)
	if got.Audit.Records != 4 {
		t.Errorf("Restore = %+v, want 4 audit records", got)
	}

	r := open(t, again)
	defer r.Close() //nolint:errcheck // the test is over
	must(t, r.Ready(t.Context()))
	must(t, r.Check(t.Context()))
	if head, err := audit.Verify(t.Context(), r); err != nil || head.Records != 4 {
		t.Errorf("Verify of the restored audit = %+v, %v; want 4 records", head, err)
	}

	if plans, err := r.Plans(t.Context(), []nhs.Number{"9990000018"}); err != nil || len(plans) != 1 {
		t.Errorf("restored plans: got %v, %v; want 1", plans, err)
	}

	if _, err := r.Patient(t.Context(), "9990000018"); err != nil {
		t.Error(err)
	}

	if all, err := r.Summaries(t.Context(), []nhs.Number{"9990000018"}); err != nil || len(all) != 1 {
		t.Errorf("restored summaries: got %v, %v; want 1", all, err)
	}
	if _, err := r.PrivacyAlert(t.Context(), "alert"); err != nil {
		t.Errorf("restored privacy alert: got %v", err)
	}

	post(t, r)
	for _, change := range []string{"UPDATE audit SET action = 'y'", "DELETE FROM audit"} {
		if _, err := r.ledger.write.ExecContext(t.Context(), change); err == nil {
			t.Errorf("%s succeeded after the restore, want error", change)
		}
	}
}

func TestABackupThatFailsLeavesNothing(t *testing.T) {
	_, folder := filled(t)
	r, err := OpenReadOnly(t.Context(), folder)
	must(t, err)
	defer r.Close() //nolint:errcheck // it was only read
	place := t.TempDir()
	taken := filepath.Join(place, "taken")
	must(t, os.Mkdir(taken, 0o700))
	must(t, os.Mkdir(filepath.Join(place, "running.partial"), 0o700))
	interrupted, cancel := context.WithCancel(t.Context())
	cancel()

	for name, c := range map[string]struct {
		ctx  context.Context //nolint:containedctx // the test case's context
		dest string
	}{
		"a place that is taken": {t.Context(), taken},
		"another one runs":      {t.Context(), filepath.Join(place, "running")},
		"no such place":         {t.Context(), filepath.Join(place, "no", "where")},
		"interrupted":           {interrupted, filepath.Join(place, "interrupted")},
	} {
		if _, err := r.Backup(c.ctx, c.dest, "1.0", clock); err == nil {
			t.Errorf("Backup with %s succeeded, want error", name)
		}
	}

	if all, err := os.ReadDir(place); err != nil || len(all) != 2 {
		t.Errorf("failed backups left %v, %v; want nothing new", all, err)
	}
}

func TestABackupThatIsNotAsItWasMadeIsNotRestored(t *testing.T) {
	_, folder := filled(t)
	change := func(t *testing.T, dest, statement string) {
		t.Helper()
		db, err := sql.Open("sqlite", filepath.Join(dest, ledgerName))
		must(t, err)
		defer db.Close() //nolint:errcheck // errors of the change are checked
		_, err = db.ExecContext(t.Context(), statement)
		must(t, err)
	}

	// resum updates the checksums in the manifest, so that only later checks can find the change.
	resum := func(t *testing.T, dest string, also func(*Manifest)) {
		t.Helper()
		m, err := readManifest(dest)
		must(t, err)
		for i := range m.Files {
			f, err := os.Open(filepath.Join(dest, m.Files[i].Name))
			must(t, err)
			m.Files[i].SHA256, m.Files[i].Bytes, err = sum(f, discard{})
			must(t, errors.Join(err, f.Close()))
		}
		if also != nil {
			also(&m)
		}
		must(t, os.Remove(filepath.Join(dest, manifestName)))
		must(t, m.write(dest))
	}

	for name, c := range map[string]struct {
		spoil func(t *testing.T, dest string)
		says  string
	}{
		"no manifest": {func(t *testing.T, d string) {
			must(t, os.Remove(filepath.Join(d, manifestName)))
		}, manifestName},
		"no ledger": {func(t *testing.T, d string) {
			must(t, os.Remove(filepath.Join(d, ledgerName)))
		}, ledgerName},
		"no people": {func(t *testing.T, d string) {
			must(t, os.Remove(filepath.Join(d, peopleName)))
		}, peopleName},
		"a file changed": {func(t *testing.T, d string) { change(t, d, "DELETE FROM plan") }, "changed or damaged"},
		"a file cut": {func(t *testing.T, d string) {
			must(t, os.Truncate(filepath.Join(d, peopleName), 4096))
		}, "changed or damaged"},
		"another form": {func(t *testing.T, d string) {
			resum(t, d, func(m *Manifest) { m.Schema = "wardlight.backup/2" })
		}, "wardlight.backup/2"},
		"a file more": {func(t *testing.T, d string) {
			resum(t, d, func(m *Manifest) { m.Files = append(m.Files, ManifestFile{Name: "../x"}) })
		}, "does not name"},
		"another name": {func(t *testing.T, d string) {
			resum(t, d, func(m *Manifest) { m.Files[0].Name = "../ledger.db" })
		}, "does not name"},
		"another head": {func(t *testing.T, d string) {
			resum(t, d, func(m *Manifest) { m.Audit.Records = 4 })
		}, "the manifest names record 4"},
		"another hash": {func(t *testing.T, d string) {
			resum(t, d, func(m *Manifest) { m.Audit.Hash[0]++ })
		}, "their hashes differ"},
		"an audit that breaks": {func(t *testing.T, d string) {
			change(t, d, "DROP TRIGGER audit_is_not_changed")
			change(t, d, "UPDATE audit SET person = 'x' WHERE seq = 2")
			resum(t, d, nil)
		}, "audit record 2"},
		"a newer hub's": {func(t *testing.T, d string) {
			change(t, d, "INSERT INTO migration (ordinal, name, checksum) VALUES (1000, '1000_later.sql', '')")
			resum(t, d, nil)
		}, "newer hub"},
		"a row without its authority": {func(t *testing.T, d string) {
			change(t, d, "DELETE FROM authority")
			resum(t, d, nil)
		}, "plan refers to authority"},
		"pages that are damaged": {func(t *testing.T, d string) {
			damage(t, filepath.Join(d, peopleName))
			resum(t, d, nil)
		}, "people"},
	} {
		t.Run(name, func(t *testing.T) {
			_, dest := backupOf(t, folder)
			c.spoil(t, dest)
			into := filepath.Join(t.TempDir(), "data")
			if _, err := Restore(t.Context(), dest, into); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("Restore: got error %v, want %q in it", err, c.says)
			}
			if left, err := os.ReadDir(into); err == nil && len(left) > 0 {
				t.Errorf("the failed Restore left %v, want nothing", left)
			}
		})
	}
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }

// damage overwrites all pages of a database except the first.
func damage(t *testing.T, name string) {
	t.Helper()
	const page = 4096
	text, err := os.ReadFile(name)
	must(t, err)
	for i := page; i < len(text); i++ {
		text[i] = 0xff
	}
	must(t, os.WriteFile(name, text, 0o600))
}

func TestARestoreOverwritesNoBooks(t *testing.T) {
	_, folder := filled(t)
	_, dest := backupOf(t, folder)
	for _, name := range []string{ledgerName, peopleName, ledgerName + "-wal", unfinishedName} {
		into := t.TempDir()
		must(t, os.WriteFile(filepath.Join(into, name), []byte("books"), 0o600))
		if _, err := Restore(t.Context(), dest, into); err == nil ||
			!strings.Contains(err.Error(), "already has a database") {
			t.Errorf("Restore with existing %s: got error %v, want a refusal", name, err)
		}
		if text, err := os.ReadFile(filepath.Join(into, name)); err != nil || string(text) != "books" {
			t.Errorf("after the refused Restore %s contains %q, %v; want it unchanged", name, text, err)
		}
	}
	into := t.TempDir()
	must(t, os.WriteFile(filepath.Join(into, "signing-key.pem"), nil, 0o600))
	if _, err := Restore(t.Context(), dest, into); err != nil {
		t.Errorf("Restore beside an unrelated file: %v", err)
	}
}

func TestAHubDoesNotTakeHalfARestoreForItsBooks(t *testing.T) {
	folder := t.TempDir()
	must(t, os.WriteFile(filepath.Join(folder, unfinishedName), nil, 0o600))
	if _, err := Open(t.Context(), folder); err == nil || !strings.Contains(err.Error(), "did not finish") {
		t.Errorf("Open after an unfinished restore: got error %v, want a refusal", err)
	}
}

func FuzzParseManifest(f *testing.F) {
	good, err := json.Marshal(Manifest{Schema: manifestSchema, Files: []ManifestFile{
		{Name: ledgerName},
		{Name: peopleName},
	}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"schema":"wardlight.backup/1","files":[]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := parseManifest(text)
		if err == nil && (m.Schema != manifestSchema || len(m.Files) != 2 || m.Files[0].Name != ledgerName ||
			m.Files[1].Name != peopleName) {
			t.Errorf("parseManifest accepted %+v, want error", m)
		}
	})
}
