package translog

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint contains the size and the root of a log's tree (c2sp.org/tlog-checkpoint). It has no extension lines.
type Checkpoint struct {
	Origin string // the log's name, which is also the name of the key that signs
	tlog.Tree
}

// checkpointLines is the number of lines of a checkpoint, each of which ends with a newline.
const checkpointLines = 3

// Text returns the text that is signed.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.N, base64.StdEncoding.EncodeToString(c.Hash[:]))
}

// Sign returns the checkpoint as a signed note. The log signs first, then witnesses.
func (c Checkpoint) Sign(signers ...note.Signer) ([]byte, error) {
	return note.Sign(&note.Note{Text: c.Text()}, signers...)
}

// parseCheckpoint parses the text of a checkpoint. It accepts only what Text returns.
func parseCheckpoint(text string) (Checkpoint, error) {
	bad := errors.New("not a checkpoint: expected three lines with the log's name, the size and the root in base64")
	lines := strings.Split(text, "\n")
	if len(lines) != checkpointLines+1 || lines[0] == "" {
		return Checkpoint{}, bad
	}

	c := Checkpoint{Origin: lines[0]}
	var err error
	if c.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.N < 0 {
		return Checkpoint{}, bad
	}
	if c.Hash, err = tlog.ParseHash(lines[2]); err != nil || c.Text() != text {
		return Checkpoint{}, bad
	}

	return c, nil
}

// OpenCheckpoint parses a signed checkpoint. It returns an error unless the log has signed it and its origin is the
// log's name. It also returns the names of those of the witnesses that have signed it, in the order of the signatures.
// A signature of a witness that isn't valid is an error; signatures of others are ignored.
func OpenCheckpoint(msg []byte, log note.Verifier, witnesses ...note.Verifier) (Checkpoint, []string, error) {
	n, err := note.Open(msg, note.VerifierList(append([]note.Verifier{log}, witnesses...)...))
	if err != nil {
		return Checkpoint{}, nil, fmt.Errorf("no valid signature by %s: %w", log.Name(), err)
	}

	signed := false
	var by []string
	for _, s := range n.Sigs {
		if s.Name == log.Name() && s.Hash == log.KeyHash() {
			signed = true
			continue
		}
		by = append(by, s.Name)
	}
	if !signed {
		return Checkpoint{}, nil, fmt.Errorf("no valid signature by %s", log.Name())
	}

	c, err := parseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, nil, err
	}
	if c.Origin != log.Name() {
		return Checkpoint{}, nil, fmt.Errorf("the checkpoint is of the log %q, want %q", c.Origin, log.Name())
	}

	return c, by, nil
}
