// Package audit keeps the record of who did what to whose record, so that a later change to it shows.
//
// Each record carries a SHA-256 over itself and the hash of the record before it. Changing, removing or inserting a record
// breaks every hash after it; Verify finds the first. A chain alone does not show that its tail was cut off.
package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"wardlight/hub/store"
)

// version begins every hashed record, so that a later form can't be taken for this one.
const version = "wardlight audit 1"

// Genesis is the hash before the first record.
func Genesis() []byte { return make([]byte, sha256.Size) }

// Seal gives the record its place after the record with hash prev: Seq, Prev and Hash. At is cut to microseconds and made UTC,
// which every engine keeps exactly.
func Seal(r store.AuditRecord, seq int64, prev []byte) store.AuditRecord {
	r.Seq = seq
	r.At = r.At.UTC().Truncate(time.Microsecond)
	r.Prev = bytes.Clone(prev)
	r.Hash = digest(r)
	return r
}

// digest hashes every field with its length before it, so that no two records share an encoding.
func digest(r store.AuditRecord) []byte {
	h := sha256.New()
	number := func(n int64) {
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], uint64(n)) //nolint:gosec // two's complement is what is wanted
		h.Write(b[:])
	}
	field := func(b []byte) {
		number(int64(len(b)))
		h.Write(b)
	}
	field([]byte(version))
	field(r.Prev)
	number(r.Seq)
	number(r.At.UnixMicro())
	for _, s := range []string{r.RequestID, r.Session, r.Person, r.URID, r.OrgODS, r.Action, r.Outcome, r.Reason} {
		field([]byte(s))
	}
	number(int64(len(r.Patients)))
	for _, p := range r.Patients {
		field([]byte(p))
	}
	return h.Sum(nil)
}

// Trail is where records come from, in order.
type Trail interface {
	AuditTrail(ctx context.Context, from int64, visit func(store.AuditRecord) error) error
}

// Head is the end of a chain that holds: how many records, and the last hash.
type Head struct {
	Records int64
	Hash    []byte
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

// Verify reads the whole trail. It gives *BrokenError for the first record that does not fit, or the trail's own error.
func Verify(ctx context.Context, t Trail) (Head, error) {
	head := Head{Hash: Genesis()}
	err := t.AuditTrail(ctx, 1, func(r store.AuditRecord) error {
		switch {
		case r.Seq != head.Records+1:
			return &BrokenError{r.Seq, fmt.Sprintf("stands where record %d should", head.Records+1)}
		case !bytes.Equal(r.Prev, head.Hash):
			return &BrokenError{r.Seq, "does not continue the record before it"}
		case !bytes.Equal(r.Hash, digest(r)):
			return &BrokenError{r.Seq, "is not as it was written"}
		}
		head = Head{Records: r.Seq, Hash: r.Hash}
		return nil
	})
	return head, err
}
