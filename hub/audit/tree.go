package audit

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"wardlight/hub/store"
	"wardlight/internal/translog"
)

// TreeLog is the part of store.Store that proofs read.
type TreeLog interface {
	Trail
	AuditTree(ctx context.Context) (store.AuditTree, error)
	TreeHashes(ctx context.Context, indexes []int64) ([]tlog.Hash, error)
}

// reader returns the hashes of the tree.
func reader(ctx context.Context, l TreeLog) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) { return l.TreeHashes(ctx, indexes) })
}

// TreeCheckpoint returns the checkpoint of the tree with that number of leaves. The name is that
// of translog.SignerOf's signer.
func TreeCheckpoint(ctx context.Context, l TreeLog, name string, size int64) (translog.Checkpoint, error) {
	root, err := tlog.TreeHash(size, reader(ctx, l))
	return translog.Checkpoint{Origin: name, Tree: tlog.Tree{N: size, Hash: root}}, err
}

// TreeConsistency returns the proof that the tree of size newer continues that of size older.
func TreeConsistency(ctx context.Context, l TreeLog, older, newer int64) (tlog.TreeProof, error) {
	return tlog.ProveTree(newer, older, reader(ctx, l))
}

// NewReceipt returns the receipt of a record with a signed checkpoint of the tree. Its errors are store.ErrNotFound if
// the ledger has no such record, a *[NotCoveredError], and those of the store.
func NewReceipt(ctx context.Context, l TreeLog, seq int64, c translog.Checkpoint,
	signed []byte,
) (translog.Receipt, error) {
	record, err := recordWith(ctx, l, seq)
	if err != nil {
		return translog.Receipt{}, err
	}
	end, err := l.AuditTree(ctx)
	if err != nil {
		return translog.Receipt{}, err
	}

	index := seq - 1 - (end.Seq - end.Size) // records from before the tree have no leaf
	if index < 0 || index >= c.N {
		return translog.Receipt{}, &NotCoveredError{seq, c.N}
	}

	hashes, err := tlog.ProveRecord(c.N, index, reader(ctx, l))
	if err != nil {
		return translog.Receipt{}, err
	}
	proof := translog.Proof{Index: index, Hashes: hashes, Checkpoint: signed}
	return translog.Receipt{Record: plain(record), Proof: string(proof.Text())}, nil
}

// SignReceipt returns the receipt of a record with a checkpoint of the whole tree, which it signs. Its errors are those
// of [NewReceipt], and a *[BrokenError] if the record is not the one whose hash the tree has.
func SignReceipt(ctx context.Context, l TreeLog, seq int64, signer note.Signer) (translog.Receipt, error) {
	end, err := l.AuditTree(ctx)
	if err != nil {
		return translog.Receipt{}, err
	}
	c, err := TreeCheckpoint(ctx, l, signer.Name(), end.Size)
	if err != nil {
		return translog.Receipt{}, err
	}
	signed, err := c.Sign(signer)
	if err != nil {
		return translog.Receipt{}, err
	}

	return provenReceipt(ctx, l, seq, c, signed)
}

// provenReceipt returns the receipt of NewReceipt, or a *[BrokenError] if the record is not the one whose hash the tree
// has.
func provenReceipt(ctx context.Context, l TreeLog, seq int64, c translog.Checkpoint,
	signed []byte,
) (translog.Receipt, error) {
	r, err := NewReceipt(ctx, l, seq, c, signed)
	if err != nil {
		return translog.Receipt{}, err
	}
	p, err := translog.ParseProof([]byte(r.Proof))
	if err != nil {
		return translog.Receipt{}, err
	}
	if tlog.CheckRecord(p.Hashes, c.N, c.Hash, p.Index, translog.Leaf(r.Record.Hash())) != nil {
		return translog.Receipt{}, &BrokenError{seq, "was changed after it was written"}
	}
	return r, nil
}

// NotCoveredError means that a checkpoint of the tree doesn't cover a record: the record is newer, or it was sealed
// before the ledger had a tree.
type NotCoveredError struct{ Seq, Size int64 }

// Error returns the record and the size of the tree.
func (e *NotCoveredError) Error() string {
	return fmt.Sprintf("audit record %d is not in the tree of %d leaves", e.Seq, e.Size)
}

// recordWith returns the record with that number, or store.ErrNotFound.
func recordWith(ctx context.Context, t Trail, seq int64) (found store.AuditRecord, err error) {
	err = t.AuditTrail(ctx, seq, func(r store.AuditRecord) error {
		found = r
		return errEnough
	})
	switch {
	case err != nil && !errors.Is(err, errEnough):
		return found, err
	case found.Seq != seq:
		return found, store.ErrNotFound
	}
	return found, nil
}

// plain returns the record as receipts contain it.
func plain(r store.AuditRecord) translog.Record {
	patients := make([]string, len(r.Patients))
	for i, p := range r.Patients {
		patients[i] = string(p)
	}
	return translog.Record{
		Seq: r.Seq, At: r.At, RequestID: r.RequestID, Session: r.Session, Person: r.Person, URID: r.URID,
		OrgODS: r.OrgODS, Action: r.Action, Outcome: r.Outcome, Reason: r.Reason, Patients: patients,
		Source: r.Source, Prev: r.Prev,
	}
}
