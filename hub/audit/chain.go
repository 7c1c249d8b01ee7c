// Package audit records who did what with which patient's record, so that later changes of the audit can be detected.
//
// Each record contains a SHA-256 of its contents and the hash of the record before it. Changing, removing or inserting
// a record invalidates the hashes that follow; [Verify] finds the first one. The chain alone doesn't show that its end
// was cut off, or that it was rewritten as a whole. Signed checkpoints that are stored elsewhere show that.
package audit

import (
	"bytes"
	"crypto/sha256"
	"time"

	"wardlight/hub/store"
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

// digest returns the hash of the record, which translog.Record defines.
func digest(r store.AuditRecord) []byte { return plain(r).Hash() }
