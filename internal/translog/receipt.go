package translog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Receipt proves to somebody without access to the hub that an audit record is in its log.
type Receipt struct {
	Record Record `json:"record"`
	Proof  string `json:"proof"` // the text of a [Proof]
}

// ParseReceipt parses a receipt in JSON. It refuses unknown members, because a receipt doesn't prove them.
func ParseReceipt(text []byte) (Receipt, error) {
	var r Receipt
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return Receipt{}, fmt.Errorf("not a receipt: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Receipt{}, errors.New("not a receipt: expected one JSON object and nothing after it")
	}
	if !r.Record.At.Equal(r.Record.At.Truncate(time.Microsecond)) {
		return Receipt{}, errors.New("not a receipt: the time is more exact than a microsecond, which isn't proven")
	}
	return r, nil
}

// Verify returns the checkpoint that covers the record, and the witnesses that have signed it. Its errors are those of
// [ParseProof] and [Proof.Verify].
func (r Receipt) Verify(log note.Verifier, witnesses ...note.Verifier) (Checkpoint, []string, error) {
	p, err := ParseProof([]byte(r.Proof))
	if err != nil {
		return Checkpoint{}, nil, err
	}
	return p.Verify(Leaf(r.Record.Hash()), log, witnesses...)
}
