package audit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"
)

// CheckpointFileName is the name of the file of checkpoints.
const CheckpointFileName = "audit-checkpoints.txt"

// CheckpointFiles is a pattern (filepath.Match) of the names of this file and of [TreeFileName].
const CheckpointFiles = "audit-*checkpoints.txt"

// CheckpointFile is a file to which checkpoints are appended. Only one hub may write to it.
type CheckpointFile struct {
	noteFile
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
	file, err := openNoteFile(folder, CheckpointFileName)
	return &CheckpointFile{file, signer, verifier}, err
}

// Origin returns the name of the log.
func (f *CheckpointFile) Origin() string { return f.signer.Name() }

// Last returns the last checkpoint in the file, or false if there is none. It ignores an incomplete checkpoint at the
// end, which an interrupted write leaves.
func (f *CheckpointFile) Last() (Checkpoint, bool, error) {
	msg, err := f.last()
	if err != nil || msg == nil {
		return Checkpoint{}, false, err
	}
	c, err := openCheckpoint(msg, f.verifier)
	if err != nil {
		return Checkpoint{}, false, fmt.Errorf("the last checkpoint in %s: %w", f.name, err)
	}
	return c, true, nil
}

// Append signs the checkpoint, writes it and returns when it is durable.
func (f *CheckpointFile) Append(c Checkpoint) error {
	msg, err := c.sign(f.signer)
	if err != nil {
		return err
	}
	return f.add(msg)
}

// noteFile is a file to which signed notes are appended, separated by empty lines. Only one hub may write to it.
type noteFile struct{ name string }

// openNoteFile returns the file of that name in a folder, which must exist. It doesn't create the file.
func openNoteFile(folder, name string) (noteFile, error) {
	info, err := os.Stat(folder)
	if err != nil {
		return noteFile{}, err
	}
	if !info.IsDir() {
		return noteFile{}, fmt.Errorf("%s is not a folder", folder)
	}
	return noteFile{filepath.Join(folder, name)}, nil
}

// last returns the last note in the file, or nil if there is none. It ignores an incomplete note at the end, which an
// interrupted write leaves.
func (f noteFile) last() ([]byte, error) {
	file, err := os.Open(f.name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // the file is only read
	whole, tail, err := f.whole(file)
	if err != nil || whole == 0 {
		return nil, err
	}

	// The last note begins after the last empty line that isn't part of it.
	begin := 0
	if i := bytes.LastIndex(tail, []byte("\n\n"+signatureMark)); i >= 0 {
		if j := bytes.LastIndex(tail[:i], []byte("\n\n")); j >= 0 {
			begin = j + len("\n\n")
		}
	}

	return tail[begin:], nil
}

// whole returns the length of the file up to the end of its last complete checkpoint, and the last bytes before that.
func (f noteFile) whole(file *os.File) (int64, []byte, error) {
	info, err := file.Stat()
	if err != nil || info.Size() == 0 {
		return 0, nil, err
	}

	from := max(0, info.Size()-maxNoteBytes)
	tail, err := io.ReadAll(io.NewSectionReader(file, from, info.Size()-from))
	if err != nil {
		return 0, nil, err
	}

	for end := bytes.LastIndexByte(tail, '\n'); end >= 0; {
		line := tail[bytes.LastIndexByte(tail[:end], '\n')+1 : end]
		if bytes.HasPrefix(line, []byte(signatureMark)) {
			return from + int64(end) + 1, tail[:end+1], nil
		}
		end = bytes.LastIndexByte(tail[:end], '\n')
	}

	if from > 0 {
		return 0, nil, fmt.Errorf("%s ends with text that is not a checkpoint", f.name)
	}

	return 0, nil, nil
}

// add writes a note and returns when it is durable. It first removes an incomplete note that a crash or a full disk
// has left.
func (f noteFile) add(msg []byte) error {
	file, err := os.OpenFile(f.name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.append(file, msg), file.Close())
}

func (f noteFile) append(file *os.File, msg []byte) error {
	whole, _, err := f.whole(file)
	if err != nil {
		return err
	}
	if err := file.Truncate(whole); err != nil {
		return err
	}
	if whole > 0 {
		msg = append([]byte("\n"), msg...)
	}
	if _, err := file.WriteAt(msg, whole); err != nil {
		return errors.Join(err, file.Truncate(whole))
	}
	if err := file.Sync(); err != nil {
		return errors.Join(err, file.Truncate(whole))
	}
	return syncFolder(filepath.Dir(f.name))
}

// syncFolder makes new directory entries durable.
func syncFolder(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
