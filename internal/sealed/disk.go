package sealed

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// maxFile is the maximum size of an encrypted file, in bytes: age adds 16 bytes to each 64 KiB, and a header.
const maxFile = MaxSize + MaxSize/1024 + 4096

// read returns the contents of the file, or nil if it does not exist.
func read(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, &Error{Kind: Disk, Err: err}
	case !info.Mode().IsRegular(), info.Size() > maxFile:
		return nil, &Error{Kind: Damaged, Err: errors.New("not a file of ours")}
	}

	file, err := os.Open(path)
	if err != nil {
		return nil, &Error{Kind: Disk, Err: err}
	}
	defer func() { _ = file.Close() }()
	b, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	switch {
	case err != nil:
		return nil, &Error{Kind: Disk, Err: err}
	case len(b) > maxFile:
		return nil, &Error{Kind: Damaged, Err: errors.New("too long")}
	}

	return b, nil
}

// replaceFile writes b to path atomically: even after a power cut, the file has either the old or the new contents. The
// caller must have locked the folder.
func replaceFile(path string, b []byte) error {
	if err := replaceAt(path, b); err != nil {
		return &Error{Kind: Disk, Err: err}
	}
	return nil
}

func replaceAt(path string, b []byte) (err error) {
	file, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()

	_, err = file.Write(b)
	if err == nil {
		err = file.Sync()
	}

	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err = os.Rename(file.Name(), path); err != nil {
		return err
	}

	return syncFolder(filepath.Dir(path))
}

// syncFolder makes a rename durable. Windows has no such call and needs none.
func syncFolder(folder string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// withLock calls do while it has an exclusive lock on the folder, against other processes and goroutines. The lock ends
// with the process.
func withLock(folder string, do func() error) error {
	file, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return &Error{Kind: Disk, Err: err}
	}
	defer func() { _ = file.Close() }() // releases the lock
	if err := lock(file); err != nil {
		return &Error{Kind: Disk, Err: err}
	}
	return do()
}
