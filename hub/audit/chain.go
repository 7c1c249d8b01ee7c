// Package audit records who did what with which patient's record, so that later changes of the audit can be detected.
//
// Each record contains a SHA-256 of its contents and the hash of the record before it. Changing, removing or inserting
// a record invalidates the hashes that follow; [Verify] finds the first one. The chain alone doesn't show that its end
// was cut off, or that it was rewritten as a whole. Signed checkpoints that are stored elsewhere show that.
package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"wardlight/hub/store"
)

// The version is the first field of the hashed encoding, so that the two formats can't be confused. A record with a
// source uses version 2, whose last field is the source. All others use version 1, like records from before sources
// were added.
const (
	version           = "wardlight audit 1"
	versionWithSource = "wardlight audit 2"
)

// Genesis returns the hash that precedes the first record.
func Genesis() []byte { return make([]byte, sha256.Size) }

// Seal returns the record with Seq, Prev and Hash set, for its position after the record with hash prev. It truncates
// At to microseconds in UTC, which every engine stores exactly.
func Seal(r store.AuditRecord, seq int64, prev []byte) store.AuditRecord {
	r.Seq = seq
	r.At = r.At.UTC().Truncate(time.Microsecond)
	r.Prev = bytes.Clone(prev)
	r.Hash = digest(r)
	return r
}

// digest returns the hash of the record. Each field is preceded by its length, so that no two records have the same
// encoding.
func digest(r store.AuditRecord) []byte {
	h := sha256.New()
	number := func(n int64) {
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], uint64(n)) //nolint:gosec // two's complement is intended
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
