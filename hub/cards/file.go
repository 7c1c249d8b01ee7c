package cards

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"time"
)

// racy is how young a file's last change may be for another one to have the same time (file systems count in steps).
const racy = 3 * time.Second

// file is a file that may be replaced or rewritten at any time.
type file struct {
	name string
	info fs.FileInfo // of what was read; nil before
	read time.Time   // by the machine's clock, as the file's own time is
	sum  [sha256.Size]byte
}

// changed returns what is in the file when it is not what it was; nil when it is.
func (f *file) changed() ([]byte, error) {
	info, err := os.Stat(f.name)
	if err != nil {
		f.info = nil
		return nil, err
	}
	if !info.Mode().IsRegular() { // reading a pipe waits until somebody writes into it
		f.info = nil
		return nil, errors.New("it is not a regular file")
	}
	if f.info != nil && os.SameFile(f.info, info) && f.info.Size() == info.Size() && f.info.ModTime().Equal(info.ModTime()) &&
		f.read.Sub(info.ModTime()) > racy {
		return nil, nil
	}
	at := time.Now()
	text, err := os.ReadFile(f.name)
	if err != nil {
		f.info = nil
		return nil, err
	}
	sum := sha256.Sum256(text)
	if f.info != nil && sum == f.sum {
		f.info, f.read = info, at
		return nil, nil
	}
	f.info, f.read, f.sum = info, at, sum
	return text, nil
}
