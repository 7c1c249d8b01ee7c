// Package audit keeps the record of who did what to whose record, so that a later change to it shows.
//
// Each record carries a SHA-256 over itself and the hash of the record before it. Changing, removing or inserting a
// record breaks every hash after it; Verify finds the first. A chain alone does not show that its end was cut off, or
// that all of it was written anew: that a signed checkpoint shows, which is kept in another place.
package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"wardlight/hub/store"
)

// A version begins every hashed record, so that one form can't be taken for another. A record with a source has the
// second form, whose last field is the source; all others have the first, as records of before there were sources do.
const (
	version           = "wardlight audit 1"
	versionWithSource = "wardlight audit 2"
)

// Genesis returns the hash before the first record.
func Genesis() []byte { return make([]byte, sha256.Size) }

// Seal returns the record its place after the record with hash prev: Seq, Prev and Hash. At is cut to microseconds and
// made UTC, which every engine keeps exactly.
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
	form := version
	if r.Source != "" {
		form = versionWithSource
	}
	field([]byte(form))
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
	if r.Source != "" {
		field([]byte(r.Source))
	}
	return h.Sum(nil)
}
