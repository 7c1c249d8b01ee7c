package storetest

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/store"
)

// recordsAt commits so many audit records of a day.
func (b *bench) recordsAt(day, n int) {
	b.t.Helper()
	var entries []*store.Entry
	for i := range n {
		r := record(fmt.Sprintf("%d of day %d", i, day))
		r.At = now.AddDate(0, 0, day).Add(time.Duration(i) * time.Millisecond)
		entries = append(entries, &store.Entry{Audit: r})
	}
	_, err := b.Commit(b.ctx, entries)
	must(b.t, err)
}

// segment returns what seals the records before a day.
func segment(file string, day int) audit.Segment {
	return audit.Segment{
		File: file, Before: now.AddDate(0, 0, day), Source: "test", Now: now.AddDate(0, 0, 30),
		Reason: func(what string) string { return "operator: " + what },
	}
}

// verified checks the audit from where it is sealed, and as a whole with the files, and wants so many records.
func (b *bench) verified(records int64, files ...string) audit.Head {
	b.t.Helper()
	head, err := audit.Verify(b.ctx, b)
	if err != nil || head.Records != records {
		b.t.Errorf("%d records, %v; want %d", head.Records, err, records)
	}
	whole, err := audit.Unseal(b.ctx, b, files)
	must(b.t, err)
	n := int64(0)
	all, err := audit.Check{Progress: func(audit.Head) { n++ }}.Verify(b.ctx, whole)
	if err != nil || !bytes.Equal(all.Hash, head.Hash) || n != records {
		b.t.Errorf("with the files: %d of %d records, %v; want %d", n, all.Records, err, records)
	}
	return head
}

// kept returns the first record that is in the ledger, and how many are.
func (b *bench) kept() (first int64, n int) {
	b.t.Helper()
	all := b.trail()
	return all[0].Seq, len(all)
}

func auditIsSealed(t *testing.T, b *bench) {
	folder := t.TempDir()
	one, two := filepath.Join(folder, "1.ndjson"), filepath.Join(folder, "2.ndjson")
	b.recordsAt(0, 2500)
	b.recordsAt(1, 10)
	before := b.verified(2510)
	seal, err := segment(one, 1).Seal(b.ctx, b)
	must(t, err)
	if seal.First != 1 || seal.Last != 2500 || seal.File != "1.ndjson" {
		t.Errorf("sealed %+v", seal)
	}
	b.verified(2511, one)
	if first, n := b.kept(); first != 2501 || n != 11 {
		t.Errorf("%d records are left, from %d on", n, first)
	}
	if last, err := b.AuditHead(b.ctx); err != nil || last.Action != audit.SealAudit || last.Seq != 2511 {
		t.Errorf("the last record is %+v, %v", last, err)
	}
	// A trail that is known to hold up to a record of before, as a hub's signed checkpoints have it, goes on from it.
	if head, err := (audit.Check{From: before}).Verify(b.ctx, b); err != nil || head.Records != 2511 {
		t.Errorf("from record 2510 on: %+v, %v", head, err)
	}
	b.restart()
	b.recordsAt(2, 5)
	again, err := segment(one, 2).Seal(b.ctx, b) // the file is sealed already
	if err != nil || again.Last != seal.Last {
		t.Errorf("again: %+v, %v", again, err)
	}
	seal, err = segment(two, 25).Seal(b.ctx, b) // the record of the sealing, of day 30, stays
	if err != nil || seal.First != 2501 || seal.Last != 2510 {
		t.Errorf("sealed %+v, %v", seal, err)
	}
	b.verified(2517, one, two)
	if _, err := audit.Unseal(b.ctx, b, []string{two}); !errors.As(err, new(*audit.MissingFileError)) {
		t.Errorf("without the first file: %v", err)
	}
	text, err := os.ReadFile(one)
	must(t, err)
	must(t, os.WriteFile(one, bytes.Replace(text, []byte("7 of day 0"), []byte("8 of day 0"), 1), 0o600))
	if _, err := audit.Unseal(b.ctx, b, []string{one, two}); !errors.As(err, new(*audit.BrokenError)) {
		t.Errorf("with a file that was changed: %v", err)
	}
	// The last record is never sealed, and what is a day old at most neither.
	if _, err := segment(filepath.Join(folder, "3"), 30).Seal(b.ctx, b); err == nil {
		t.Error("records of the last day were sealed")
	}
	later := segment(filepath.Join(folder, "3"), 40)
	later.Now = now.AddDate(0, 0, 41)
	seal, err = later.Seal(b.ctx, b)
	if err != nil || seal.Last != 2516 {
		t.Errorf("sealed %+v, %v", seal, err)
	}
	if first, n := b.kept(); first != 2517 || n != 2 {
		t.Errorf("%d records are left, from %d on", n, first)
	}
	var file bytes.Buffer
	if n, err := (audit.Export{}).Write(b.ctx, b, &file); err != nil || n != 2 {
		t.Errorf("exported %d, %v", n, err)
	}
	if _, err := (audit.Export{Since: 3}).Write(b.ctx, b, &file); err == nil {
		t.Error("what is sealed was exported")
	}
}

// sealsFitTheAudit commits seals that do not fit: nothing of them is stored, and nothing is deleted.
func sealsFitTheAudit(t *testing.T, b *bench) {
	b.recordsAt(0, 10)
	all := b.trail()
	good := store.AuditSeal{First: 1, Last: 5, Hash: all[4].Hash, File: "f", Digest: []byte("d"), At: now}
	for name, change := range map[string]func(*store.AuditSeal){
		"it does not begin at the beginning": func(s *store.AuditSeal) { s.First = 2 },
		"another hash":                       func(s *store.AuditSeal) { s.Hash = all[5].Hash },
		"no hash":                            func(s *store.AuditSeal) { s.Hash, s.Last = nil, 50 },
		"past the end":                       func(s *store.AuditSeal) { s.Last = 11 },
		"nothing":                            func(s *store.AuditSeal) { s.Last = 0 },
	} {
		s := good
		change(&s)
		if err := b.commit(&store.Entry{Audit: record("seal"), Change: &store.Change{Seal: &s}}); !errors.Is(err, store.ErrNotSealed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, b.DeleteSealed(b.ctx))
	if seals, err := b.AuditSeals(b.ctx); err != nil || len(seals) != 0 || len(b.trail()) != 10 {
		t.Errorf("%v, %v, %d records", seals, err, len(b.trail()))
	}
	next := store.AuditSeal{First: 6, Last: 10, Hash: all[9].Hash, File: "g", Digest: []byte("e"), At: now}
	refused, err := b.Commit(b.ctx, []*store.Entry{{Audit: record("x"), Change: &store.Change{Seal: &good}}, {Audit: record("x"), Change: &store.Change{Seal: &good}}})
	if err != nil || refused[0] != nil || !errors.Is(refused[1], store.ErrNotSealed) {
		t.Errorf("the same twice: %v, %v", refused, err)
	}
	if _, err := audit.Verify(b.ctx, b); !errors.As(err, new(*audit.BrokenError)) {
		t.Errorf("a seal of which there is no record: %v", err)
	}
	said := record(audit.SealAudit)
	said.Reason = "SHA-256 " + hex.EncodeToString(next.Digest)
	must(t, b.commit(&store.Entry{Audit: said, Change: &store.Change{Seal: &next}}))
	// Sealed and not deleted yet, as where a hub's machine failed then.
	if head, err := audit.Verify(b.ctx, b); err != nil || head.Records != 12 || len(b.trail()) != 12 {
		t.Errorf("%+v, %v", head, err)
	}
	must(t, b.DeleteSealed(b.ctx))
	if head, err := audit.Verify(b.ctx, b); err != nil || head.Records != 12 || len(b.trail()) != 2 {
		t.Errorf("%+v, %v", head, err)
	}
	if seals, err := b.AuditSeals(b.ctx); err != nil || len(seals) != 2 || seals[1].Last != 10 || !seals[1].At.Equal(now) || string(seals[1].Digest) != "e" {
		t.Errorf("%+v, %v", seals, err)
	}
}

var errKilled = errors.New("killed")

// cutShort is a ledger whose machine fails after so many of the steps of a sealing.
type cutShort struct {
	store.Store
	left int
}

func (c *cutShort) step() error {
	if c.left--; c.left < 0 {
		return errKilled
	}
	return nil
}

func (c *cutShort) DeleteSealed(ctx context.Context) error {
	if err := c.step(); err != nil {
		return err
	}
	return c.Store.DeleteSealed(ctx)
}

func (c *cutShort) Commit(ctx context.Context, entries []*store.Entry) ([]error, error) {
	if err := c.step(); err != nil {
		return nil, err
	}
	refused, err := c.Store.Commit(ctx, entries)
	return refused, errors.Join(err, c.step())
}

func (c *cutShort) AuditTrail(ctx context.Context, from int64, visit func(store.AuditRecord) error) error {
	return c.Store.AuditTrail(ctx, from, func(r store.AuditRecord) error {
		if r.Seq == 3 {
			if err := c.step(); err != nil {
				return err
			}
		}
		return visit(r)
	})
}

// sealingIsCutShort cuts a sealing short at each step and runs it again: nothing is lost, and nothing is sealed twice.
func sealingIsCutShort(t *testing.T, b *bench) {
	file := filepath.Join(t.TempDir(), "1.ndjson")
	b.recordsAt(0, 5)
	b.recordsAt(1, 5)
	must(t, os.WriteFile(file+".partial", []byte("half a li"), 0o600)) // of a process that was killed while it wrote
	cuts := 0
	for ; ; cuts++ {
		_, err := segment(file, 1).Seal(b.ctx, &cutShort{b.Store, cuts})
		var files []string
		if _, missing := os.Stat(file); missing == nil {
			files = []string{file}
		}
		whole, unsealed := audit.Unseal(b.ctx, b, files)
		must(t, unsealed)
		n := 0
		if _, err := (audit.Check{Progress: func(audit.Head) { n++ }}).Verify(b.ctx, whole); err != nil || n < 10 || n > 11 {
			t.Errorf("after %d steps: %d records, %v", cuts, n, err)
		}
		if _, err := audit.Verify(b.ctx, b); err != nil {
			t.Errorf("after %d steps, from the seal: %v", cuts, err)
		}
		if err == nil {
			break
		}
		if !errors.Is(err, errKilled) {
			t.Fatalf("after %d steps: %v", cuts, err)
		}
	}
	if cuts < 4 {
		t.Errorf("a sealing has %d steps", cuts)
	}
	b.verified(11, file)
	if first, n := b.kept(); first != 6 || n != 6 {
		t.Errorf("%d records are left, from %d on", n, first)
	}
	if seals, err := b.AuditSeals(b.ctx); err != nil || len(seals) != 1 {
		t.Errorf("%v, %v", seals, err)
	}
	other := filepath.Join(t.TempDir(), "2.ndjson")
	must(t, os.WriteFile(other, []byte("something else"), 0o600))
	if _, err := segment(other, 2).Seal(b.ctx, b); err == nil {
		t.Error("a file that is there was taken for an export")
	}
	if text, err := os.ReadFile(other); err != nil || string(text) != "something else" {
		t.Errorf("a file that is there was changed: %q, %v", text, err)
	}
}

// OldAudit checks a store whose ledger an earlier build made, with two records of the day, and is of this build now: its
// audit is sealed as any other.
func OldAudit(t *testing.T, s store.Store) {
	t.Helper()
	b := &bench{Store: s, t: t, ctx: t.Context()}
	file := filepath.Join(t.TempDir(), "1.ndjson")
	if seal, err := segment(file, 1).Seal(b.ctx, b); err != nil || seal.Last != 1 {
		t.Errorf("%+v, %v", seal, err)
	}
	b.verified(3, file)
	if first, n := b.kept(); first != 2 || n != 2 {
		t.Errorf("%d records are left, from %d on", n, first)
	}
}
