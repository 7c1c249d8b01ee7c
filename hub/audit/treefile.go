package audit

import (
	"fmt"

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

// TreeFile is a file to which checkpoints of the tree are appended. Only one hub may write to it.
type TreeFile struct {
	noteFile
	signer   note.Signer
	verifier note.Verifier
}

// OpenTreeFile returns the file in folder, which must exist, with the private key of the audit's checkpoints. It
// doesn't create the file.
func OpenTreeFile(folder, private string) (*TreeFile, error) {
	signer, verifier, err := translog.SignerOf(private)
	if err != nil {
		return nil, err
	}
	file, err := openNoteFile(folder, TreeFileName)
	return &TreeFile{file, signer, verifier}, err
}

// Signer returns the signer of the tree's checkpoints.
func (f *TreeFile) Signer() note.Signer { return f.signer }

// Verifier returns the verifier of the tree's checkpoints.
func (f *TreeFile) Verifier() note.Verifier { return f.verifier }

// Last returns the last checkpoint in the file, or false if there is none. It ignores an incomplete checkpoint at the
// end, which an interrupted write leaves.
func (f *TreeFile) Last() (TreeNote, bool, error) {
	msg, err := f.last()
	if err != nil || msg == nil {
		return TreeNote{}, false, err
	}
	c, _, err := translog.OpenCheckpoint(msg, f.verifier)
	if err != nil {
		return TreeNote{}, false, fmt.Errorf("the last checkpoint in %s: %w", f.name, err)
	}
	return TreeNote{c, msg}, true, nil
}

// Append writes a checkpoint and returns when it is durable.
func (f *TreeFile) Append(n TreeNote) error { return f.add(n.Text) }
