package storetest

import (
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/internal/translog"
)

// TreeFits checks that the stored tree is that of the audit from the record first+1 on, whose records are all in the
// ledger, and returns its size. It proves the first and the last record with the stored rows.
func TreeFits(t *testing.T, s store.Store, first int64) int64 {
	t.Helper()
	var want translog.Edge
	var hashes [][]byte
	must(t, s.AuditTrail(t.Context(), first+1, func(r store.AuditRecord) error {
		hashes = append(hashes, r.Hash)
		want.Append(translog.Leaf(r.Hash))
		return nil
	}))

	got, err := s.AuditTree(t.Context())
	must(t, err)
	if got.Size != want.Size() || got.Size > 0 && got.Seq != first+got.Size {
		t.Fatalf("AuditTree: got %+v, want %d leaves after record %d", got, want.Size(), first)
	}

	reader := tlog.HashReaderFunc(func(ids []int64) ([]tlog.Hash, error) { return s.TreeHashes(t.Context(), ids) })
	root := want.Root()
	if stored, err := tlog.TreeHash(got.Size, reader); err != nil || stored != root {
		t.Errorf("root of %d leaves: got %s, error %v; want %s", got.Size, stored, err, root)
	}

	for _, i := range []int64{0, got.Size - 1} {
		if i < 0 || got.Size == 0 {
			continue
		}
		p, err := tlog.ProveRecord(got.Size, i, reader)
		must(t, err)
		if err := tlog.CheckRecord(p, got.Size, root, i, translog.Leaf(hashes[i])); err != nil {
			t.Errorf("proof of leaf %d of %d: got error %v, want none", i, got.Size, err)
		}
	}
	return got.Size
}

// Records returns entries that only have an audit record.
func Records(n int) (all []*store.Entry) {
	for i := range n {
		all = append(all, &store.Entry{Audit: record(fmt.Sprint(i))})
	}
	return all
}

// auditHasATree commits groups of many sizes, and compares the tree with the audit after each.
func auditHasATree(t *testing.T, b *fixture) {
	if n := TreeFits(t, b, 0); n != 0 {
		t.Errorf("tree of an empty audit: got %d leaves, want 0", n)
	}

	total := int64(0)
	for _, n := range []int{1, 1, 1, 5, 64, 256, 2, 1} {
		b.recordsAt(0, n)
		total += int64(n)
		if got := TreeFits(t, b, 0); got != total {
			t.Errorf("after a commit of %d: got %d leaves, want %d", n, got, total)
		}
	}

	b.restart()
	b.recordsAt(1, 3)
	if got := TreeFits(t, b, 0); got != total+3 {
		t.Errorf("after a restart: got %d leaves, want %d", got, total+3)
	}

	first, err := b.TreeHashes(b.ctx, []int64{2, 0, 2})
	if err != nil || len(first) != 3 || first[0] != first[2] || first[0] == first[1] {
		t.Errorf("TreeHashes of 2, 0 and 2: got %v, error %v; want each in its position", first, err)
	}
	for _, outside := range []int64{-1, tlog.StoredHashCount(total + 3), 1 << 62} {
		if got, err := b.TreeHashes(b.ctx, []int64{0, outside}); err == nil {
			t.Errorf("TreeHashes of 0 and %d in a tree of %d: got %v, want an error", outside, total+3, got)
		}
	}
}

// refusedEntryHasNoLeaf commits a group of which one entry is refused.
func refusedEntryHasNoLeaf(t *testing.T, b *fixture) {
	once := &store.Once{Hash: []byte("once"), Expires: now}
	must(t, b.commit(&store.Entry{Audit: record("first"), Proof: once}))
	refused, err := b.Commit(b.ctx, []*store.Entry{
		{Audit: record("second")}, {Audit: record("again"), Proof: once}, {Audit: record("third")},
	})
	must(t, err)
	mustBe(t, refused[1], store.ErrProofUsed)
	if got := TreeFits(t, b, 0); got != 3 {
		t.Errorf("got %d leaves, want 3", got)
	}
}

// OldTree checks that the tree of a ledger that an older hub filled has n records, and grows.
func OldTree(t *testing.T, s store.Store, n int64) {
	t.Helper()
	if got := TreeFits(t, s, 0); got != n {
		t.Errorf("after the migration: got %d leaves, want %d", got, n)
	}
	for i := range 3 {
		if refused, err := s.Commit(t.Context(), []*store.Entry{{Audit: record(fmt.Sprint(i))}}); err != nil ||
			refused[0] != nil {
			t.Fatal(refused, err)
		}
	}
	if got := TreeFits(t, s, 0); got != n+3 {
		t.Errorf("after 3 commits: got %d leaves, want %d", got, n+3)
	}
}

// recordsAreProven makes receipts and consistency proofs from the store, also of a record that is sealed afterwards.
func recordsAreProven(t *testing.T, b *fixture) {
	private, public, err := audit.NewCheckpointKey(rand.Reader, "hub.example")
	must(t, err)
	signer, verifier, err := translog.SignerOf(private)
	must(t, err)
	if of, err := translog.VerifierOf(public); err != nil || of.KeyHash() != verifier.KeyHash() {
		t.Errorf("VerifierOf: got %v, error %v; want that of the signer", of, err)
	}

	b.recordsAt(0, 10)
	older, err := audit.TreeCheckpoint(b.ctx, b, signer.Name(), 10)
	must(t, err)
	b.recordsAt(1, 15)
	newer, err := audit.TreeCheckpoint(b.ctx, b, signer.Name(), 25)
	must(t, err)
	signed, err := newer.Sign(signer)
	must(t, err)

	for _, seq := range []int64{1, 10, 25} {
		r, err := audit.NewReceipt(b.ctx, b, seq, newer, signed)
		must(t, err)
		if c, _, err := r.Verify(verifier); err != nil || c != newer || r.Record.Seq != seq {
			t.Errorf("receipt of record %d: got %+v of record %d, error %v; want %+v", seq, c, r.Record.Seq, err, newer)
		}
	}

	b.recordsAt(2, 1)
	if _, err := audit.NewReceipt(b.ctx, b, 26, newer, signed); !errors.As(err, new(*audit.NotCoveredError)) {
		t.Errorf("receipt of a newer record: got error %v, want NotCoveredError", err)
	}
	_, err = audit.NewReceipt(b.ctx, b, 99, newer, signed)
	mustBe(t, err, store.ErrNotFound)

	_, err = segment(filepath.Join(t.TempDir(), "1.ndjson"), 1).Seal(b.ctx, b)
	must(t, err)
	p, err := audit.TreeConsistency(b.ctx, b, older.N, newer.N)
	must(t, err)
	if err := tlog.CheckTree(p, newer.N, newer.Hash, older.N, older.Hash); err != nil {
		t.Errorf("consistency after sealing: got error %v, want none", err)
	}
	_, err = audit.NewReceipt(b.ctx, b, 10, newer, signed)
	mustBe(t, err, store.ErrNotFound) // the record is in the file
	if r, err := audit.NewReceipt(b.ctx, b, 11, newer, signed); err != nil {
		t.Errorf("receipt after sealing: got %+v, error %v; want no error", r, err)
	}
}
