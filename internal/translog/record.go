package translog

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// The version is the first field of the hashed encoding, so that the two formats can't be confused. A record with a
// source uses version 2, whose last field is the source. All others use version 1, like records from before sources
// were added.
const (
	version           = "wardlight audit 1"
	versionWithSource = "wardlight audit 2"
)

// Record is an audit record without its hash, as receipts contain it. store.AuditRecord describes the fields.
type Record struct {
	Seq       int64     `json:"seq"`
	At        time.Time `json:"at"` // exact to the microsecond
	RequestID string    `json:"request_id"`
	Session   string    `json:"session"`
	Person    string    `json:"person"`
	URID      string    `json:"urid"`
	OrgODS    string    `json:"org_ods"`
	Action    string    `json:"action"`
	Outcome   string    `json:"outcome"`
	Reason    string    `json:"reason"`
	Patients  []string  `json:"patients"` // NHS numbers
	Source    string    `json:"source"`
	Prev      []byte    `json:"prev"` // hash of the record before
}

// Hash returns the hash of the record in the chain. Each field is preceded by its length, so that no two records have
// the same encoding.
func (r Record) Hash() []byte {
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
