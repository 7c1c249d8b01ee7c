package translog

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Addition asks a witness to sign a checkpoint (c2sp.org/tlog-witness, add-checkpoint).
type Addition struct {
	Old        int64          // size of the last checkpoint that the witness has signed; 0 for none
	Proof      tlog.TreeProof // that the checkpoint continues the tree of that size
	Checkpoint []byte         // signed by the log
}

// additionOld begins the first line of an Addition.
const additionOld = "old "

// Text returns the body of the request.
func (a Addition) Text() []byte {
	text := fmt.Appendf(nil, "%s%d\n", additionOld, a.Old)
	for _, h := range a.Proof {
		text = fmt.Appendf(text, "%s\n", h)
	}
	return fmt.Appendf(text, "\n%s", a.Checkpoint)
}

// ParseAddition parses the body of a request.
func ParseAddition(body []byte) (Addition, error) {
	head, checkpoint, ok := strings.Cut(string(body), "\n\n")
	lines := strings.Split(head, "\n")
	size, isOld := strings.CutPrefix(lines[0], additionOld)
	old, err := strconv.ParseInt(size, 10, 64)
	if !ok || !isOld || err != nil || old < 0 || strconv.FormatInt(old, 10) != size {
		return Addition{}, fmt.Errorf("not a request for a signature: expected a line with the old size, got %q",
			lines[0])
	}
	if len(lines) > 1+maxProofHashes {
		return Addition{}, errors.New("not a request for a signature: expected at most 63 hashes")
	}

	a := Addition{Old: old, Checkpoint: []byte(checkpoint)}
	for _, line := range lines[1:] {
		h, err := tlog.ParseHash(line)
		if err != nil {
			return Addition{}, fmt.Errorf("not a request for a signature: expected a hash in base64, got %q", line)
		}
		a.Proof = append(a.Proof, h)
	}
	return a, nil
}

// OldSizeError means that the last checkpoint that a witness has signed has another size than the request says.
type OldSizeError struct{ Size int64 }

// Error returns the size.
func (e *OldSizeError) Error() string {
	return fmt.Sprintf("the last checkpoint that the witness has signed has the size %d", e.Size)
}

// Refusals of a witness.
var (
	ErrInconsistent = errors.New("the checkpoint does not continue the last one that the witness has signed")
	ErrSmaller      = errors.New("the checkpoint is smaller than the old size")
)

// Cosign returns the line with the signature of a witness, and the checkpoint that it must store before it answers.
// last is the last checkpoint that it has signed, or the zero Checkpoint. Its errors are those of [OpenCheckpoint], a
// *[OldSizeError], ErrSmaller and ErrInconsistent.
func (a Addition) Cosign(last Checkpoint, log note.Verifier, signer *WitnessSigner) ([]byte, Checkpoint, error) {
	c, _, err := OpenCheckpoint(a.Checkpoint, log)
	switch {
	case err != nil:
		return nil, last, err
	case a.Old > c.N:
		return nil, last, ErrSmaller
	case a.Old != last.N:
		return nil, last, &OldSizeError{last.N}
	}

	// Every tree continues the empty one. A tree of the same size has the same hash.
	if a.Old == 0 && len(a.Proof) > 0 || a.Old == c.N && a.Old > 0 && c.Hash != last.Hash {
		return nil, last, ErrInconsistent
	}
	if a.Old > 0 && tlog.CheckTree(a.Proof, c.N, c.Hash, last.N, last.Hash) != nil {
		return nil, last, ErrInconsistent
	}

	signed, err := c.Sign(signer)
	if err != nil {
		return nil, last, err
	}
	return signed[bytes.LastIndex(signed, []byte("\n\n"))+2:], c, nil
}

// AddCosignature returns the signed checkpoint with the line that a witness answered. It returns an error unless the
// line is the witness's signature of the checkpoint.
func AddCosignature(checkpoint, answer []byte, log note.Verifier, witness *WitnessVerifier) ([]byte, error) {
	both := append(bytes.Clone(checkpoint), answer...)
	_, by, err := OpenCheckpoint(both, log, witness)
	if err != nil {
		return nil, err
	}
	if len(by) != 1 {
		return nil, fmt.Errorf("the answer has no signature of %s", witness.Name())
	}
	return both, nil
}
