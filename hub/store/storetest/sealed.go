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

// recordsAt commits n audit records of a day.
func (b *fixture) recordsAt(day, n int) {
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

// segment returns the segment of the records before a day.
func segment(file string, day int) audit.Segment {
	return audit.Segment{
		File: file, Before: now.AddDate(0, 0, day), Source: "test", Now: now.AddDate(0, 0, 30),
		Reason: func(what string) string { return "operator: " + what },
	}
}

// verified verifies the audit from its seal, and as a whole with the files, and checks the number of records.
func (b *fixture) verified(records int64, files ...string) audit.Head {
	b.t.Helper()
	head, err := audit.Verify(b.ctx, b)
	if err != nil || head.Records != records {
		b.t.Errorf("Verify from the seal: got %d records, error %v; want %d", head.Records, err, records)
	}
	whole, err := audit.Unseal(b.ctx, b, files)
	must(b.t, err)
	n := int64(0)
	all, err := audit.Check{Progress: func(audit.Head) { n++ }}.Verify(b.ctx, whole)
	if err != nil || !bytes.Equal(all.Hash, head.Hash) || n != records {
		b.t.Errorf("Verify with the files: got %d of %d records, error %v; want %d", n, all.Records, err, records)
	}
	return head
}

// stored returns the number of the first record in the ledger, and their count.
func (b *fixture) stored() (first int64, n int) {
	b.t.Helper()
	all := b.trail()
	return all[0].Seq, len(all)
}

func auditIsSealed(t *testing.T, b *fixture) {
	folder := t.TempDir()
	one, two := filepath.Join(folder, "1.ndjson"), filepath.Join(folder, "2.ndjson")
	b.recordsAt(0, 2500)
	b.recordsAt(1, 10)
	before := b.verified(2510)
	seal, err := segment(one, 1).Seal(b.ctx, b)
	must(t, err)
	if seal.First != 1 || seal.Last != 2500 || seal.File != "1.ndjson" {
		t.Errorf("Seal = %+v, want records 1 to 2500", seal)
	}

	b.verified(2511, one)
	if first, n := b.stored(); first != 2501 || n != 11 {
		t.Errorf("got %d records from %d on, want 11 from 2501 on", n, first)
	}

	if last, err := b.AuditHead(b.ctx); err != nil || last.Action != audit.SealAudit || last.Seq != 2511 {
		t.Errorf("AuditHead = %+v, %v; want the record of the sealing", last, err)
	}

	// A verification that begins with a record that is now sealed, such as a hub's signed checkpoint, continues with
	// the rest.
	if head, err := (audit.Check{From: before}).Verify(b.ctx, b); err != nil || head.Records != 2511 {
		t.Errorf("Verify from record 2510 on = %+v, %v; want 2511 records", head, err)
	}

	b.restart()
	b.recordsAt(2, 5)
	again, err := segment(one, 2).Seal(b.ctx, b) // the file has been sealed
	if err != nil || again.Last != seal.Last {
		t.Errorf("repeated Seal = %+v, %v; want the same seal", again, err)
	}

	seal, err = segment(two, 25).Seal(b.ctx, b) // the record of the sealing, of day 30, remains
	if err != nil || seal.First != 2501 || seal.Last != 2510 {
		t.Errorf("Seal = %+v, %v; want records 2501 to 2510", seal, err)
	}

	b.verified(2517, one, two)
	if _, err := audit.Unseal(b.ctx, b, []string{two}); !errors.As(err, new(*audit.MissingFileError)) {
		t.Errorf("Unseal without the first file: got error %v, want MissingFileError", err)
	}

	text, err := os.ReadFile(one)
	must(t, err)
	must(t, os.WriteFile(one, bytes.Replace(text, []byte("7 of day 0"), []byte("8 of day 0"), 1), 0o600))
	if _, err := audit.Unseal(b.ctx, b, []string{one, two}); !errors.As(err, new(*audit.BrokenError)) {
		t.Errorf("Unseal with a changed file: got error %v, want BrokenError", err)
	}

	// The last record is never sealed, and none of the last day.
	if _, err := segment(filepath.Join(folder, "3"), 30).Seal(b.ctx, b); err == nil {
		t.Error("Seal of records of the last day succeeded, want error")
	}

	later := segment(filepath.Join(folder, "3"), 40)
	later.Now = now.AddDate(0, 0, 41)
	seal, err = later.Seal(b.ctx, b)
	if err != nil || seal.Last != 2516 {
		t.Errorf("Seal = %+v, %v; want the records up to 2516", seal, err)
	}

	if first, n := b.stored(); first != 2517 || n != 2 {
		t.Errorf("got %d records from %d on, want 2 from 2517 on", n, first)
	}

	var file bytes.Buffer
	if n, err := (audit.Export{}).Write(b.ctx, b, &file); err != nil || n != 2 {
		t.Errorf("Export.Write = %d, %v; want 2 records", n, err)
	}

	if _, err := (audit.Export{Since: 3}).Write(b.ctx, b, &file); err == nil {
		t.Error("Export.Write of sealed records succeeded, want error")
	}
}

// sealsFitTheAudit commits seals that don't match the audit. They must be refused, and nothing may be deleted.
func sealsFitTheAudit(t *testing.T, b *fixture) {
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
		if err := b.commit(&store.Entry{Audit: record("seal"), Change: &store.Change{Seal: &s}}); !errors.Is(err,
			store.ErrNotSealed) {
			t.Errorf("%s: got error %v, want ErrNotSealed", name, err)
		}
	}

	must(t, b.DeleteSealed(b.ctx))
	if seals, err := b.AuditSeals(b.ctx); err != nil || len(seals) != 0 || len(b.trail()) != 10 {
		t.Errorf("after refused seals: got seals %v, error %v and %d records; want none and 10", seals, err,
			len(b.trail()))
	}

	next := store.AuditSeal{First: 6, Last: 10, Hash: all[9].Hash, File: "g", Digest: []byte("e"), At: now}
	refused, err := b.Commit(b.ctx, []*store.Entry{
		{Audit: record("x"), Change: &store.Change{Seal: &good}},
		{Audit: record("x"), Change: &store.Change{Seal: &good}},
	})
	if err != nil || refused[0] != nil || !errors.Is(refused[1], store.ErrNotSealed) {
		t.Errorf("Commit of the same seal twice: got %v, %v; want ErrNotSealed for the second", refused, err)
	}

	if _, err := audit.Verify(b.ctx, b); !errors.As(err, new(*audit.BrokenError)) {
		t.Errorf("Verify of a seal without a record: got error %v, want BrokenError", err)
	}

	said := record(audit.SealAudit)
	said.Reason = "SHA-256 " + hex.EncodeToString(next.Digest)
	must(t, b.commit(&store.Entry{Audit: said, Change: &store.Change{Seal: &next}}))

	// The records are sealed but not deleted yet, as after a crash.
	if head, err := audit.Verify(b.ctx, b); err != nil || head.Records != 12 || len(b.trail()) != 12 {
		t.Errorf("Verify of sealed records = %+v, %v; want 12 records", head, err)
	}

	must(t, b.DeleteSealed(b.ctx))
	if head, err := audit.Verify(b.ctx, b); err != nil || head.Records != 12 || len(b.trail()) != 2 {
		t.Errorf("Verify after DeleteSealed = %+v, %v; want 12 records, 2 of them in the ledger", head, err)
	}

	if seals, err := b.AuditSeals(b.ctx); err != nil || len(seals) != 2 || seals[1].Last != 10 ||
		!seals[1].At.Equal(now) || string(seals[1].Digest) != "e" {
		t.Errorf("AuditSeals = %+v, %v; want two", seals, err)
	}
}

var errKilled = errors.New("killed")

// cutShort is a ledger that fails after a number of steps of a sealing.
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

// sealingIsCutShort interrupts a sealing after each step and repeats it. No record may be lost or sealed twice.
func sealingIsCutShort(t *testing.T, b *fixture) {
	file := filepath.Join(t.TempDir(), "1.ndjson")
	b.recordsAt(0, 5)
	b.recordsAt(1, 5)
	must(t, os.WriteFile(file+".partial", []byte("half a li"), 0o600)) // as a killed process leaves it
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
		if _, err := (audit.Check{Progress: func(audit.Head) {
			n++
		}}).Verify(b.ctx, whole); err != nil || n < 10 || n > 11 {
			t.Errorf("after %d steps: Verify with the files got %d records, error %v; want 10 or 11", cuts, n, err)
		}

		if _, err := audit.Verify(b.ctx, b); err != nil {
			t.Errorf("after %d steps: Verify from the seal: %v", cuts, err)
		}

		if err == nil {
			break
		}

		if !errors.Is(err, errKilled) {
			t.Fatalf("after %d steps: got error %v, want errKilled", cuts, err)
		}
	}

	if cuts < 4 {
		t.Errorf("got %d steps of a sealing, want at least 4", cuts)
	}

	b.verified(11, file)
	if first, n := b.stored(); first != 6 || n != 6 {
		t.Errorf("got %d records from %d on, want 6 from 6 on", n, first)
	}

	if seals, err := b.AuditSeals(b.ctx); err != nil || len(seals) != 1 {
		t.Errorf("AuditSeals = %v, %v; want one", seals, err)
	}

	other := filepath.Join(t.TempDir(), "2.ndjson")
	must(t, os.WriteFile(other, []byte("something else"), 0o600))
	if _, err := segment(other, 2).Seal(b.ctx, b); err == nil {
		t.Error("Seal with an unrelated file succeeded, want error")
	}

	if text, err := os.ReadFile(other); err != nil || string(text) != "something else" {
		t.Errorf("the unrelated file is now %q, %v; want it unchanged", text, err)
	}
}

// OldAudit checks a store that an earlier version created, with two audit records of the day, and this version has
// migrated. Its audit must be sealed like any other.
func OldAudit(t *testing.T, s store.Store) {
	t.Helper()
	b := &fixture{Store: s, t: t, ctx: t.Context()}
	file := filepath.Join(t.TempDir(), "1.ndjson")
	if seal, err := segment(file, 1).Seal(b.ctx, b); err != nil || seal.Last != 1 {
		t.Errorf("Seal = %+v, %v; want record 1", seal, err)
	}
	b.verified(3, file)
	if first, n := b.stored(); first != 2 || n != 2 {
		t.Errorf("got %d records from %d on, want 2 from 2 on", n, first)
	}
}
