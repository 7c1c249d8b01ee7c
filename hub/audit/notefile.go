package audit

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	// minSignatureBytes is the minimum length of a note's signature: the key's number and an Ed25519 signature. A
	// shorter one was not written completely.
	minSignatureBytes = 4 + ed25519.SignatureSize
	// maxTailBytes is how much of the end of a file is searched for its last note.
	maxTailBytes = 1 << 20
)

// AppendNote appends a signed note to the file with that name in the folder, and returns when it is durable. It creates
// a missing file with mode 0600. It changes nothing that is in the file, so file and folder may be append-only
// (chattr +a). Empty lines separate notes. If an earlier write was interrupted, the note begins on a new line, and
// AppendNote reports that the text before it is incomplete. With an empty msg it writes nothing, and returns an error
// if a note could not be appended.
func AppendNote(folder, name string, msg []byte) (incomplete bool, err error) {
	file, err := os.OpenFile(filepath.Join(folder, name), os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	tail, size, err := tailOf(file, maxNoteBytes)
	if err != nil {
		return false, err
	}

	_, end := lastSignature(tail)
	incomplete = size > 0 && end < len(bytes.TrimRight(tail, "\n"))
	if len(msg) > 0 {
		switch {
		case size > 0 && !bytes.HasSuffix(tail, []byte("\n")):
			msg = append([]byte("\n\n"), msg...)
		case size > 0:
			msg = append([]byte("\n"), msg...)
		}
		// One call, so that notes of two processes never mix.
		if _, err := file.Write(msg); err != nil {
			return incomplete, err
		}
	}

	if err := file.Sync(); err != nil {
		return incomplete, err
	}
	return incomplete, syncFolder(folder)
}

// LastNote returns the last complete note in the file with that name in the folder, or nil if there is none. It skips
// incomplete notes, which interrupted writes leave.
func LastNote(folder, name string) ([]byte, error) {
	name = filepath.Join(folder, name)
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // the file is only read

	tail, size, err := tailOf(file, maxTailBytes)
	if err != nil {
		return nil, err
	}
	begin, end := lastSignature(tail)
	for end > 0 { // of several signatures, to the first
		before := bytes.LastIndexByte(tail[:max(begin-1, 0)], '\n') + 1
		if !bytes.HasPrefix(tail[before:begin], []byte(signatureMark)) {
			break
		}
		begin = before
	}
	if end == 0 && size > maxNoteBytes {
		return nil, fmt.Errorf("%s ends with text that is not a checkpoint", name)
	}
	if end == 0 {
		return nil, nil
	}

	// A note begins after the last empty line that isn't part of it: the text is followed by one, too.
	text := bytes.TrimRight(tail[:begin], "\n")
	if i := bytes.LastIndex(text, []byte("\n\n")); i >= 0 {
		return tail[i+len("\n\n") : end], nil
	}
	return tail[:end], nil
}

// existingFolder returns an error unless there is a folder with that name.
func existingFolder(name string) error {
	info, err := os.Stat(name)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a folder", name)
	}
	return err
}

// tailOf returns the last bytes of a file, at most n, and its size.
func tailOf(file *os.File, n int64) ([]byte, int64, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, 0, err
	}
	n = min(n, info.Size())
	tail, err := io.ReadAll(io.NewSectionReader(file, info.Size()-n, n))
	return tail, info.Size(), err
}

// lastSignature returns where the last complete line with a signature begins and ends, or 0 and 0 if there is none. The
// end is after the newline.
func lastSignature(text []byte) (begin, end int) {
	for last := bytes.LastIndexByte(text, '\n'); last >= 0; {
		begin := bytes.LastIndexByte(text[:last], '\n') + 1
		if completeSignature(text[begin:last]) {
			return begin, last + 1
		}
		last = begin - 1
	}
	return 0, 0
}

// completeSignature reports whether a line without its newline is a note's signature, and was written completely. It
// doesn't verify the signature.
func completeSignature(line []byte) bool {
	rest, ok := bytes.CutPrefix(line, []byte(signatureMark))
	i := bytes.LastIndexByte(rest, ' ')
	if !ok || i < 1 {
		return false
	}
	signature, err := base64.StdEncoding.DecodeString(string(rest[i+1:]))
	return err == nil && len(signature) >= minSignatureBytes
}

// syncFolder makes new directory entries durable.
func syncFolder(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
