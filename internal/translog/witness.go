package translog

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Addition asks a witness to sign a checkpoint (c2sp.org/tlog-witness, add-checkpoint).
type Addition struct {
	Old        int64          // size of the last checkpoint that the witness has signed; 0 for none
	Proof      tlog.TreeProof // that the checkpoint continues the tree of that size
	Checkpoint []byte         // signed by the log
}

// Text returns the body of the request.
func (a Addition) Text() []byte {
	text := fmt.Appendf(nil, "old %d\n", a.Old)
	for _, h := range a.Proof {
		text = fmt.Appendf(text, "%s\n", h)
	}
	return fmt.Appendf(text, "\n%s", a.Checkpoint)
}

// OldSizeError means that the last checkpoint that a witness has signed has another size than the request says. If it
// has the size of the checkpoint in the request, their hashes differ.
type OldSizeError struct{ Size int64 }

// Error returns the size.
func (e *OldSizeError) Error() string {
	return fmt.Sprintf("the last checkpoint that the witness has signed has the size %d", e.Size)
}

// ErrInconsistent means that a witness has signed a checkpoint that the one in the request does not continue.
var ErrInconsistent = errors.New("the checkpoint does not continue the last one that the witness has signed")

// AddCosignature returns the signed checkpoint with the signature of a witness that is in its answer. The answer may
// have signatures with other keys, which are ignored. It returns an error unless the witness has signed the checkpoint.
func AddCosignature(checkpoint, answer []byte, log note.Verifier, witness *WitnessVerifier) ([]byte, error) {
	n, err := note.Open(slices.Concat(checkpoint, answer), note.VerifierList(log, witness))
	if err != nil {
		return nil, fmt.Errorf("the answer of the witness: %w", err)
	}
	for _, s := range n.Sigs {
		if s.Name == witness.Name() && s.Hash == witness.KeyHash() {
			return fmt.Appendf(bytes.Clone(checkpoint), "— %s %s\n", s.Name, s.Base64), nil
		}
	}
	return nil, fmt.Errorf("the answer has no signature of %s", witness.Name())
}
