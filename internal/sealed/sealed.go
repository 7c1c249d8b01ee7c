// Package sealed is small files that only this user on this computer can read: each is encrypted with age to an
// X25519 key that lives in the keyring of the operating system. Patients stand in the files, never in their names.
//
// Without a keyring nothing is written: the caller keeps what it has in memory, and says so.
package sealed

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"filippo.io/age"
	"github.com/adrg/xdg"
)

// MaxSize bounds what a file holds, in bytes.
const MaxSize = 4 << 20

// Keys is where the key is kept: keep.Ring. Get and Set give keep's errors.
type Keys interface {
	Get(ctx context.Context, name string) ([]byte, error)
	Set(ctx context.Context, name string, secret []byte) error
}

// File is one sealed file. Its methods may be called from any goroutine, and several programs may use the same file.
type File struct {
	keys   Keys
	folder string
	name   string
}

// Folder returns where the files of this user stand: the XDG state folder.
func Folder() string { return filepath.Join(xdg.StateHome, "wardlight") }

// Open returns the file with the name in the folder. Neither it nor the folder needs to be there, and nothing is
// touched yet. The name is plain: letters, digits and hyphens.
func Open(keys Keys, folder, name string) *File { return &File{keys: keys, folder: folder, name: name} }

func (f *File) path() string { return filepath.Join(f.folder, f.name+".age") }

// Load reads the file: nil when there is none, and then the keyring is not asked. The caller clears what it gets.
// Errors are *Error: NoKeyring, NoKey, OtherKey, Damaged, Disk.
func (f *File) Load(ctx context.Context) ([]byte, error) {
	sealed, err := read(f.path())
	if sealed == nil || err != nil {
		return nil, err
	}
	key, err := storedKey(ctx, f.keys)
	if err != nil {
		return nil, err
	}
	return unseal(key, f.name, sealed)
}

// Save puts the secret in the place of what the file held: after a crash one or the other is there, whole. A file
// that cannot be read is not written over (see SetAside). The caller clears secret. Errors are those of Load, and
// TooBig.
func (f *File) Save(ctx context.Context, secret []byte) error {
	if secret == nil {
		secret = []byte{}
	}
	return f.Change(ctx, func([]byte) ([]byte, error) { return secret, nil })
}

// Change reads the file, hands what it held (nil when there was none) to change and saves what that gives, or removes
// the file when it gives nil. No other program changes the file meanwhile. Errors are those of Save, and change's
// own.
func (f *File) Change(ctx context.Context, change func(held []byte) ([]byte, error)) error {
	return f.change(ctx, false, change)
}

// ChangeAnew returns Change, but a file that cannot be read is set aside, and change gets nil.
func (f *File) ChangeAnew(ctx context.Context, change func(held []byte) ([]byte, error)) error {
	return f.change(ctx, true, change)
}

func (f *File) change(ctx context.Context, anew bool, change func(held []byte) ([]byte, error)) error {
	if err := f.makeFolder(); err != nil {
		return err
	}
	key, err := theKey(ctx, f.keys, f.folder)
	if err != nil {
		return err
	}
	return locked(f.folder, func() error {
		held, err := f.held(key)
		if anew && Unreadable(err) {
			held = nil
			_, err = f.setAside()
		}
		if err != nil {
			return err
		}
		defer clear(held)
		now, err := change(held)
		if err != nil {
			return err
		}
		if now == nil {
			return f.remove()
		}
		sealed, err := seal(key, f.name, now)
		if err != nil {
			return err
		}
		return replace(f.path(), sealed)
	})
}

// held returns what the file holds; nil when there is none. Errors are *Error: OtherKey, Damaged, Disk.
func (f *File) held(key *age.X25519Identity) ([]byte, error) {
	sealed, err := read(f.path())
	if sealed == nil || err != nil {
		return nil, err
	}
	return unseal(key, f.name, sealed)
}

// Remove removes the file, whether it can be read or not; one that is not there is no error. Errors are *Error of
// kind Disk.
func (f *File) Remove() error { return f.lockedIfThere(f.remove) }

func (f *File) remove() error {
	if err := os.Remove(f.path()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &Error{Kind: Disk, Err: err}
	}
	return nil
}

// SetAside returns a file that cannot be read another name, so that a new one can be begun and nothing is lost. It
// returns the new path, or "" when there was no file, or one that can be read: another program may have begun it
// meanwhile. Errors are *Error: NoKeyring, Disk.
func (f *File) SetAside(ctx context.Context) (aside string, err error) {
	err = f.lockedIfThere(func() error {
		sealed, err := read(f.path())
		if err == nil {
			if sealed == nil {
				return nil
			}
			var key *age.X25519Identity
			if key, err = storedKey(ctx, f.keys); err == nil {
				var held []byte
				held, err = unseal(key, f.name, sealed)
				clear(held)
			}
		}
		if err == nil || !Unreadable(err) {
			return err
		}
		aside, err = f.setAside()
		return err
	})
	return aside, err
}

// setAside renames the file.
func (f *File) setAside() (string, error) {
	for i := 1; ; i++ {
		aside := filepath.Join(f.folder, f.name+".unreadable-"+strconv.Itoa(i))
		if _, err := os.Lstat(aside); err == nil {
			continue
		}
		switch err := os.Rename(f.path(), aside); {
		case errors.Is(err, fs.ErrNotExist):
			return "", nil
		case err != nil:
			return "", &Error{Kind: Disk, Err: err}
		}
		return aside, nil
	}
}

// lockedIfThere returns locked for a folder that need not be there: then there is nothing to do.
func (f *File) lockedIfThere(do func() error) error {
	if _, err := os.Stat(f.folder); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return locked(f.folder, do)
}

// makeFolder makes the folder, for this user alone.
func (f *File) makeFolder() error {
	err := os.MkdirAll(f.folder, 0o700)
	if err == nil {
		err = os.Chmod(f.folder, 0o700)
	}
	if err != nil {
		return &Error{Kind: Disk, Err: err}
	}
	return nil
}
