package translog

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// proofHeader is the first line of a proof.
const proofHeader = "c2sp.org/tlog-proof@v1"

// maxProofHashes is the maximum number of hashes in a proof: the height of the largest tree.
const maxProofHashes = 63

// Proof proves that a record is in the log (c2sp.org/tlog-proof).
type Proof struct {
	Index      int64            // the number of the leaf, from 0
	Hashes     tlog.RecordProof // from the leaf to the root
	Checkpoint []byte           // the signed checkpoint of the tree
}

// Text returns the proof as text.
func (p Proof) Text() []byte {
	text := fmt.Appendf(nil, "%s\nindex %d\n", proofHeader, p.Index)
	for _, h := range p.Hashes {
		text = fmt.Appendf(text, "%s\n", h)
	}
	return fmt.Appendf(text, "\n%s", p.Checkpoint)
}

// ParseProof parses the text of a proof, without its checkpoint's signatures. A line with extra data is ignored, as
// tlog-proof requires.
func ParseProof(text []byte) (Proof, error) {
	head, checkpoint, ok := strings.Cut(string(text), "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || lines[0] != proofHeader {
		return Proof{}, fmt.Errorf("not a proof: expected %q in the first line", proofHeader)
	}

	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	if len(lines) == 0 || len(lines) > 1+maxProofHashes {
		return Proof{}, errors.New("not a proof: expected a line with the index, and at most 63 with a hash")
	}

	p := Proof{Checkpoint: []byte(checkpoint)}
	index, ok := strings.CutPrefix(lines[0], "index ")
	var err error
	if p.Index, err = strconv.ParseInt(index, 10, 64); !ok || err != nil || p.Index < 0 ||
		strconv.FormatInt(p.Index, 10) != index {
		return Proof{}, fmt.Errorf("not a proof: expected a line with the index, got %q", lines[0])
	}

	for _, line := range lines[1:] {
		h, err := tlog.ParseHash(line)
		if err != nil {
			return Proof{}, fmt.Errorf("not a proof: expected a hash in base64, got %q", line)
		}
		p.Hashes = append(p.Hashes, h)
	}

	return p, nil
}

// Verify returns the checkpoint, and the witnesses that have signed it, if it proves that the leaf is in the log. Its
// errors are those of [OpenCheckpoint] and a *[NotProvenError].
func (p Proof) Verify(leaf tlog.Hash, log note.Verifier, witnesses ...note.Verifier) (Checkpoint, []string, error) {
	c, by, err := OpenCheckpoint(p.Checkpoint, log, witnesses...)
	if err != nil {
		return Checkpoint{}, nil, err
	}
	if err := tlog.CheckRecord(p.Hashes, c.N, c.Hash, p.Index, leaf); err != nil {
		return Checkpoint{}, nil, &NotProvenError{p.Index, c}
	}
	return c, by, nil
}

// NotProvenError means that a proof's checkpoint is signed by the log, but the record isn't in its tree.
type NotProvenError struct {
	Index      int64
	Checkpoint Checkpoint
}

// Error returns the number of the leaf and the size of the tree.
func (e *NotProvenError) Error() string {
	return fmt.Sprintf("the record is not the one with index %d in the log %s of size %d", e.Index,
		e.Checkpoint.Origin, e.Checkpoint.N)
}
