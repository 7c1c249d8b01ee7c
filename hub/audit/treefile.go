package audit

import (
	"fmt"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"

	"wardlight/internal/translog"
)

// TreeFileName is the name of the file of the tree's checkpoints.
const TreeFileName = "audit-tree-checkpoints.txt"

// TreeNote is a signed checkpoint of the tree.
type TreeNote struct {
	translog.Checkpoint
	Text []byte // the signed note
}

// TreeFile is a file to which checkpoints of the tree are appended (see [AppendNote]). Only one hub may write to it.
type TreeFile struct {
	folder   string
	signer   note.Signer
	verifier *translog.LogVerifier
}

// OpenTreeFile returns the file in folder, which must exist, with the private key of the audit's checkpoints. It
// doesn't create the file.
func OpenTreeFile(folder, private string) (*TreeFile, error) {
	signer, verifier, err := translog.SignerOf(private)
	if err != nil {
		return nil, err
	}
	return &TreeFile{folder, signer, verifier}, existingFolder(folder)
}

// Signer returns the signer of the tree's checkpoints.
func (f *TreeFile) Signer() note.Signer { return f.signer }

// Verifier returns the verifier of the tree's checkpoints.
func (f *TreeFile) Verifier() note.Verifier { return f.verifier }

// LogVerifier is like Verifier. Its String method returns the public key that witnesses need.
func (f *TreeFile) LogVerifier() *translog.LogVerifier { return f.verifier }

// Last returns the last checkpoint in the file, or false if there is none. It ignores incomplete checkpoints, which
// interrupted writes leave.
func (f *TreeFile) Last() (TreeNote, bool, error) {
	msg, err := LastNote(f.folder, TreeFileName)
	if err != nil || msg == nil {
		return TreeNote{}, false, err
	}
	c, _, err := translog.OpenCheckpoint(msg, f.verifier)
	if err != nil {
		return TreeNote{}, false, fmt.Errorf("the last checkpoint in %s: %w",
			filepath.Join(f.folder, TreeFileName), err)
	}
	return TreeNote{c, msg}, true, nil
}

// Append appends a checkpoint and returns when it is durable. It reports whether the text before it in the file is
// incomplete, because an earlier write was interrupted.
func (f *TreeFile) Append(n TreeNote) (afterIncomplete bool, err error) {
	return AppendNote(f.folder, TreeFileName, n.Text)
}
