package audit

import (
	"fmt"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"
)

// CheckpointFileName is the name of the file of checkpoints.
const CheckpointFileName = "audit-checkpoints.txt"

// CheckpointFiles is a pattern (filepath.Match) of the names of this file and of [TreeFileName].
const CheckpointFiles = "audit-*checkpoints.txt"

// CheckpointFile is a file to which checkpoints are appended (see [AppendNote]). Only one hub may write to it.
type CheckpointFile struct {
	folder   string
	signer   note.Signer
	verifier note.Verifier
}

// OpenCheckpointFile returns the file in folder, which must exist, with the private key that signs. It doesn't create
// the file.
func OpenCheckpointFile(folder, private string) (*CheckpointFile, error) {
	signer, verifier, err := keys(private)
	if err != nil {
		return nil, err
	}
	return &CheckpointFile{folder, signer, verifier}, existingFolder(folder)
}

// Origin returns the name of the log.
func (f *CheckpointFile) Origin() string { return f.signer.Name() }

// Last returns the last checkpoint in the file, or false if there is none. It ignores incomplete checkpoints, which
// interrupted writes leave.
func (f *CheckpointFile) Last() (Checkpoint, bool, error) {
	msg, err := LastNote(f.folder, CheckpointFileName)
	if err != nil || msg == nil {
		return Checkpoint{}, false, err
	}
	c, err := openCheckpoint(msg, f.verifier)
	if err != nil {
		return Checkpoint{}, false, fmt.Errorf("the last checkpoint in %s: %w",
			filepath.Join(f.folder, CheckpointFileName), err)
	}
	return c, true, nil
}

// Append signs the checkpoint, appends it and returns it when it is durable.
func (f *CheckpointFile) Append(c Checkpoint) (SignedCheckpoint, error) {
	msg, err := c.sign(f.signer)
	if err != nil {
		return SignedCheckpoint{}, err
	}
	incomplete, err := AppendNote(f.folder, CheckpointFileName, msg)
	return SignedCheckpoint{c, string(msg), incomplete}, err
}

// SignedCheckpoint is a checkpoint that was appended.
type SignedCheckpoint struct {
	Checkpoint
	Note            string // the signed note
	AfterIncomplete bool   // the text before it in the file is not complete: an earlier write was interrupted
}
