package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// hashedBytes is how many bytes of a file's beginning, and of the part before the position, are hashed to recognise the
// file.
const hashedBytes = 64 << 10

// Bookmark is a saved position in a file. It is stored in a file of its own.
type Bookmark struct {
	path string
	file *os.File
	name string // absolute path of the file
}

// bookmarkJSON is the JSON form of a bookmark.
type bookmarkJSON struct {
	File   string `json:"file"`
	Before string `json:"before"` // SHA-256 of the file's beginning and of the part before the position, in hexadecimal
	Position
}

// NewBookmark returns the bookmark of a file. It is stored in folder, which is created if missing.
func NewBookmark(folder string, file *os.File) (*Bookmark, error) {
	name, err := filepath.Abs(file.Name())
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("bookmark: %w", err)
	}
	sum := sha256.Sum256([]byte(name))
	return &Bookmark{path: filepath.Join(folder, hex.EncodeToString(sum[:8])+".json"), file: file, name: name}, nil
}

// Position returns the saved position, or the beginning of the file if there is no bookmark or the file has changed.
// changed reports the latter.
func (b *Bookmark) Position() (at Position, changed bool, err error) {
	text, err := os.ReadFile(b.path)
	if errors.Is(err, fs.ErrNotExist) {
		return Position{}, false, nil
	}
	if err != nil {
		return Position{}, false, fmt.Errorf("bookmark: %w", err)
	}
	var k bookmarkJSON
	if readable := json.Unmarshal(text, &k) == nil; !readable || k.Offset < 0 || k.File != b.name {
		return Position{}, true, nil
	}
	before, err := b.before(k.Offset)
	switch {
	case err != nil:
		return Position{}, false, fmt.Errorf("bookmark: %w", err)
	case before == "" || before != k.Before:
		return Position{}, true, nil
	}
	return k.Position, false, nil
}

// Save saves a position atomically.
func (b *Bookmark) Save(at Position) error {
	before, err := b.before(at.Offset)
	if err != nil {
		return fmt.Errorf("bookmark: %w", err)
	}

	text, err := json.Marshal(bookmarkJSON{File: b.name, Before: before, Position: at})
	if err != nil {
		return fmt.Errorf("bookmark: %w", err)
	}

	next, err := os.OpenFile(b.path+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("bookmark: %w", err)
	}

	_, err = next.Write(text)
	if err = errors.Join(err, next.Sync(), next.Close()); err == nil {
		err = os.Rename(next.Name(), b.path)
	}

	if err != nil {
		return fmt.Errorf("bookmark: %w", err)
	}

	return nil
}

// Remove deletes the bookmark.
func (b *Bookmark) Remove() error {
	if err := os.Remove(b.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("bookmark: %w", err)
	}
	return nil
}

// before returns the hash that identifies the file up to an offset, or "" if the file is shorter.
func (b *Bookmark) before(offset int64) (string, error) {
	sum := sha256.New()
	for _, from := range []int64{0, max(0, offset-hashedBytes)} {
		size := min(hashedBytes, offset-from)
		n, err := io.Copy(sum, io.NewSectionReader(b.file, from, size))
		if err != nil || n < size {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
