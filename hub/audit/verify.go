package audit

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"math"
	"strings"

	"wardlight/hub/store"
)

// Trail is a source of audit records in order.
type Trail interface {
	AuditTrail(ctx context.Context, from int64, visit func(store.AuditRecord) error) error
	// AuditSeals returns the seals of the trail, which begins after the last one.
	AuditSeals(ctx context.Context) ([]store.AuditSeal, error)
}

// base returns the head with which a trail begins: that of its last seal, which it also returns, or the genesis.
func base(ctx context.Context, t Trail) (Head, store.AuditSeal, error) {
	seals, err := t.AuditSeals(ctx)
	if err != nil || len(seals) == 0 {
		return Head{Hash: Genesis()}, store.AuditSeal{}, err
	}
	last := seals[len(seals)-1]
	return Head{last.Last, last.Hash}, last, nil
}

// Head is the end of a valid chain: the number of records and the last hash.
type Head struct {
	Records int64
	Hash    []byte
}

// follow returns the head after the next record, or a *BrokenError if the record doesn't continue the chain.
func (h Head) follow(r store.AuditRecord) (Head, error) {
	switch {
	case r.Seq != h.Records+1:
		return h, &BrokenError{r.Seq, fmt.Sprintf("stands where record %d should", h.Records+1)}
	case !bytes.Equal(r.Prev, h.Hash):
		return h, &BrokenError{r.Seq, "does not follow from the record before it"}
	case !bytes.Equal(r.Hash, digest(r)):
		return h, &BrokenError{r.Seq, "was changed after it was written"}
	}
	return Head{Records: r.Seq, Hash: r.Hash}, nil
}

// next returns the number of the next record. At the start of the trail it is the lowest int64, to find records that
// precede record 1.
func (h Head) next() int64 {
	if h.Records == 0 {
		return math.MinInt64
	}
	return h.Records + 1
}

// BrokenError means that the chain is invalid from a record on.
type BrokenError struct {
	Seq  int64 // the first record that doesn't continue the chain
	What string
}

// Error returns the record and the difference.
func (e *BrokenError) Error() string {
	return fmt.Sprintf("audit record %d: %s", e.Seq, e.What)
}

// ContradictedError means that a chain is valid but differs from a signed checkpoint: its end was cut off, or it was
// rewritten.
type ContradictedError struct {
	Checkpoint Checkpoint
	Records    int64 // length of the chain; less than the checkpoint's if its end was cut off
	Confirmed  int64 // the last record that a matching checkpoint covers
}

// Error returns the records that can't be trusted.
func (e *ContradictedError) Error() string {
	c := e.Checkpoint
	if e.Records < c.Records {
		return fmt.Sprintf("audit records %d to %d are missing: the checkpoint of %s covers %d records", e.Records+1,
			c.Records, stamp(c.At), c.Records)
	}
	return fmt.Sprintf("audit records %d to %d are not those that the checkpoint of %s was signed for: at least "+
		"one of them was rewritten",
		e.Confirmed+1, c.Records, stamp(c.At))
}

// Verify verifies the records of a trail that aren't sealed. It returns a *[BrokenError] for the first record that
// doesn't continue the chain, with the Head before it, and errors of the trail.
func Verify(ctx context.Context, t Trail) (Head, error) { return Check{}.Verify(ctx, t) }

// Check is a verification with additional information. The zero value is that of the function [Verify].
type Check struct {
	From        Head         // a valid head after which to start; zero means the last seal
	Checkpoints []Checkpoint // of this log, in ascending order
	Progress    func(Head)   // called for every record; may be nil
}

// Verify verifies the trail from From on. Its errors are those of the function [Verify], and *[ContradictedError]. If
// the trail is sealed meanwhile, it verifies the remaining records.
func (c Check) Verify(ctx context.Context, t Trail) (Head, error) {
	if c.From.Hash != nil {
		return c.verify(ctx, t, c.From, store.AuditSeal{})
	}
	from, seal, err := base(ctx, t)
	if err != nil {
		return from, err
	}
	for {
		head, failed := c.verify(ctx, t, from, seal)
		if failed == nil {
			return head, nil
		}
		next, now, err := base(ctx, t)
		if err != nil || next.Records == from.Records {
			return head, failed
		}
		from, seal = next, now
	}
}

// verify verifies the trail from a head on. If the head is a seal's, a later record must confirm the seal. Otherwise
// anybody with access to the ledger could remove the beginning of the audit.
func (c Check) verify(ctx context.Context, t Trail, head Head, seal store.AuditSeal) (Head, error) {
	recorded := seal.Last == 0
	confirmed, ahead := head.Records, c.Checkpoints
	for len(ahead) > 0 && ahead[0].Records < head.Records {
		ahead = ahead[1:]
	}

	agree := func() error {
		if len(ahead) == 0 || ahead[0].Records != head.Records {
			return nil
		}
		if !bytes.Equal(ahead[0].Hash, head.Hash) {
			return &ContradictedError{ahead[0], head.Records, confirmed}
		}
		confirmed, ahead = head.Records, ahead[1:]
		return nil
	}

	if err := agree(); err != nil {
		return head, err
	}

	err := t.AuditTrail(ctx, head.next(), func(r store.AuditRecord) error {
		next, err := head.follow(r)
		if err != nil {
			return err
		}
		head = next
		recorded = recorded || r.Action == SealAudit && strings.Contains(r.Reason, hex.EncodeToString(seal.Digest))
		if c.Progress != nil {
			c.Progress(head)
		}
		return agree()
	})
	if err == nil && !recorded {
		err = &BrokenError{seal.Last + 1, "is the first record, and no record says that those before it were sealed"}
	}

	if err == nil && len(ahead) > 0 {
		err = &ContradictedError{ahead[0], head.Records, confirmed}
	}

	return head, err
}
