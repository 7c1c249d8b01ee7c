// Package sealed stores small files that only this user on this computer can read. Each is encrypted with age to an
// X25519 key in the keyring of the operating system. File contents may include patient data; file names don't.
//
// Without a keyring nothing is written: the caller then keeps the data in memory only, and must tell the user.
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

// MaxSize is the maximum size of a file's contents, in bytes.
const MaxSize = 4 << 20

// Keys stores the key; *keep.Ring implements it. Get and Set return the errors of package keep.
type Keys interface {
	Get(ctx context.Context, name string) ([]byte, error)
	Set(ctx context.Context, name string, secret []byte) error
}

// File is a sealed file. Its methods are safe for concurrent use, also by several processes.
type File struct {
	keys   Keys
	folder string
	name   string
}

// Folder returns the folder for the files of this user, in the XDG state folder.
func Folder() string { return filepath.Join(xdg.StateHome, "wardlight") }

// Open returns the file called name in folder, without accessing either; they need not exist. name must consist of
// letters, digits and hyphens.
func Open(keys Keys, folder, name string) *File { return &File{keys: keys, folder: folder, name: name} }

func (f *File) path() string { return filepath.Join(f.folder, f.name+".age") }

// Load returns the contents of the file, or nil if it does not exist; the keyring is not used then. The caller must
// clear the result. Errors are *[Error] of kind NoKeyring, NoKey, OtherKey, Damaged or Disk.
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

// Save replaces the contents of the file atomically. It does not overwrite a file that can't be decrypted (see
// RenameUnreadable). The caller must clear secret. Errors are those of Load, and TooLong.
func (f *File) Save(ctx context.Context, secret []byte) error {
	if secret == nil {
		secret = []byte{}
	}
	return f.Change(ctx, func([]byte) ([]byte, error) { return secret, nil })
}

// Change calls change with the contents of the file, or nil if it does not exist, and saves the result. If the result
// is nil the file is removed. The folder is locked meanwhile. Errors are those of Save and of change.
func (f *File) Change(ctx context.Context, change func(stored []byte) ([]byte, error)) error {
	return f.change(ctx, false, change)
}

// ChangeOrReset is like Change, but renames a file that can't be decrypted, as RenameUnreadable does, and calls change
// with nil.
func (f *File) ChangeOrReset(ctx context.Context, change func(stored []byte) ([]byte, error)) error {
	return f.change(ctx, true, change)
}

func (f *File) change(ctx context.Context, anew bool, change func(stored []byte) ([]byte, error)) error {
	if err := f.makeFolder(); err != nil {
		return err
	}

	key, err := loadOrCreateKey(ctx, f.keys, f.folder)
	if err != nil {
		return err
	}

	return withLock(f.folder, func() error {
		stored, err := f.contents(key)
		if anew && Unreadable(err) {
			stored = nil
			_, err = f.setAside()
		}

		if err != nil {
			return err
		}
		defer clear(stored)
		now, err := change(stored)
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

		return replaceFile(f.path(), sealed)
	})
}

// contents returns the contents of the file, or nil if it does not exist. Errors are *[Error] of kind OtherKey,
// Damaged or Disk.
func (f *File) contents(key *age.X25519Identity) ([]byte, error) {
	sealed, err := read(f.path())
	if sealed == nil || err != nil {
		return nil, err
	}
	return unseal(key, f.name, sealed)
}

// Remove removes the file, even if it can't be decrypted. It returns nil if the file does not exist. Errors are
// *[Error] of kind Disk.
func (f *File) Remove() error { return f.withLockIfExists(f.remove) }

func (f *File) remove() error {
	if err := os.Remove(f.path()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &Error{Kind: Disk, Err: err}
	}
	return nil
}

// RenameUnreadable renames a file that can't be decrypted, so that a new one can be written without losing it. It
// returns the new path. It returns "" if there is no file, or if it can be decrypted, because another process may have
// written it meanwhile. Errors are *[Error] of kind NoKeyring or Disk.
func (f *File) RenameUnreadable(ctx context.Context) (aside string, err error) {
	err = f.withLockIfExists(func() error {
		sealed, err := read(f.path())
		if err == nil {
			if sealed == nil {
				return nil
			}
			var key *age.X25519Identity
			if key, err = storedKey(ctx, f.keys); err == nil {
				var stored []byte
				stored, err = unseal(key, f.name, sealed)
				clear(stored)
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

// setAside renames the file and returns the new path.
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

// withLockIfExists calls do with the folder locked, or does nothing if the folder does not exist.
func (f *File) withLockIfExists(do func() error) error {
	if _, err := os.Stat(f.folder); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return withLock(f.folder, do)
}

// makeFolder creates the folder with access for this user only.
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
