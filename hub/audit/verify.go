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

// Trail is where records come from, in order.
type Trail interface {
	AuditTrail(ctx context.Context, from int64, visit func(store.AuditRecord) error) error
	// AuditSeals lists how far the trail was sealed: it begins behind the last of these.
	AuditSeals(ctx context.Context) ([]store.AuditSeal, error)
}

// base returns the head from which a trail goes on: that of its last seal, or the genesis; and that seal.
func base(ctx context.Context, t Trail) (Head, store.AuditSeal, error) {
	seals, err := t.AuditSeals(ctx)
	if err != nil || len(seals) == 0 {
		return Head{Hash: Genesis()}, store.AuditSeal{}, err
	}
	last := seals[len(seals)-1]
	return Head{last.Last, last.Hash}, last, nil
}

// Head is the end of a chain that holds: how many records, and the last hash.
type Head struct {
	Records int64
	Hash    []byte
}

// follow returns the head with the next record; *BrokenError when the record does not fit.
func (h Head) follow(r store.AuditRecord) (Head, error) {
	switch {
	case r.Seq != h.Records+1:
		return h, &BrokenError{r.Seq, fmt.Sprintf("stands where record %d should", h.Records+1)}
	case !bytes.Equal(r.Prev, h.Hash):
		return h, &BrokenError{r.Seq, "does not continue the record before it"}
	case !bytes.Equal(r.Hash, digest(r)):
		return h, &BrokenError{r.Seq, "is not as it was written"}
	}
	return Head{Records: r.Seq, Hash: r.Hash}, nil
}

// next returns where to read on. Of the whole trail it is the least number that there is: nothing stands before
// record 1.
func (h Head) next() int64 {
	if h.Records == 0 {
		return math.MinInt64
	}
	return h.Records + 1
}

// BrokenError says where a chain breaks.
type BrokenError struct {
	Seq  int64 // of the first record that does not fit
	What string
}

// Error names the place and what does not fit.
func (e *BrokenError) Error() string {
	return fmt.Sprintf("audit record %d: %s", e.Seq, e.What)
}

// ContradictedError says that a chain holds in itself, and is not the one that a checkpoint was signed of: its end
// was cut off, or it was written anew.
type ContradictedError struct {
	Checkpoint Checkpoint
	Records    int64 // of the chain; fewer than the checkpoint counts when its end was cut off
	Confirmed  int64 // up to this record the checkpoints before agree
}

// Error names the records that can't be trusted.
func (e *ContradictedError) Error() string {
	c := e.Checkpoint
	if e.Records < c.Records {
		return fmt.Sprintf("audit records %d to %d are missing: the checkpoint of %s counts %d records", e.Records+1, c.Records, stamp(c.At), c.Records)
	}
	return fmt.Sprintf("audit records %d to %d are not those that the checkpoint of %s was signed of: one of them or more was written anew",
		e.Confirmed+1, c.Records, stamp(c.At))
}

// Verify reads the whole trail, or what is not sealed of it. It gives *BrokenError for the first record that does not fit, or the trail's own
// error; the Head is then what holds before it.
func Verify(ctx context.Context, t Trail) (Head, error) { return Check{}.Verify(ctx, t) }

// Check is a verification with more to go by. Its zero value is that of Verify.
type Check struct {
	From        Head         // known to hold: the trail is read from the record after it; when zero, from where it is sealed
	Checkpoints []Checkpoint // ascending, all of this log
	Progress    func(Head)   // told of every record; nil tells nobody
}

// Verify reads the trail from From on. It gives what the function Verify does, or *ContradictedError. Of a trail that is
// sealed meanwhile, it reads what is left.
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

// verify reads the trail from a head on. Where that is a seal's, a record after it has to say so: otherwise whoever has
// the ledger could take away the beginning of the audit.
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
		err = &BrokenError{seal.Last + 1, "is the first that is left, and no record says that those before it were sealed"}
	}
	if err == nil && len(ahead) > 0 {
		err = &ContradictedError{ahead[0], head.Records, confirmed}
	}
	return head, err
}
