package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
)

// Folder writes each message to a file in its authority's folder, from which another program collects it.
//
// The endpoint is "file:" and a path below Root ("file:V999"). A file appears only when it is complete. Its name,
// 000000000000000042-ID.json, sorts in the order of delivery. Existing files are never overwritten. Files and folders
// are readable only by the hub's user; but in an existing folder that its group can read, the group can read the
// files.
type Folder struct {
	Root string // an absolute path; nothing outside it is ever written, not through a symbolic link either
}

// Deliver writes the message durably. If its file exists with the same contents, Deliver succeeds. If another file has
// its name, the message needs a replay. Any other error needs repair.
func (f *Folder) Deliver(_ context.Context, m Message) (receipt string, err error) {
	place, err := placeOf(m.Endpoint)
	if err != nil {
		return "", err
	}
	root, err := os.OpenRoot(f.Root)
	if err != nil {
		return "", pathless("the folder for notifications", err)
	}
	defer root.Close() //nolint:errcheck // nothing is written through this handle
	if err := root.MkdirAll(place, 0o700); err != nil {
		return "", pathless("the authority's folder", err)
	}
	name := path.Join(place, fmt.Sprintf("%018d-%s.json", m.Ordinal, fileSafe(m.ID)))
	if err := drop(root, place, name, m.Body); err != nil {
		return "", pathless("the authority's folder", err)
	}
	return "", nil
}

// readChainPosition returns the folder of an endpoint, relative to the root.
func placeOf(endpoint string) (string, error) {
	const bad = setupError(`the authority's endpoint is not "file:" and a path below the folder for notifications`)
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "file" || u.Host != "" || u.RawQuery != "" {
		return "", bad
	}
	place, err := url.PathUnescape(u.Opaque)
	if err != nil || !filepath.IsLocal(place) {
		return "", bad
	}
	return filepath.ToSlash(filepath.Clean(place)), nil
}

// drop writes a hidden file, makes it durable, and then links it to its name, which must not exist.
func drop(root *os.Root, place, name string, body []byte) (err error) {
	hidden := path.Join(place, "."+path.Base(name)+".part")
	mode, err := modeIn(root, place)
	if err != nil {
		return err
	}
	if err := write(root, hidden, body, mode); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Remove(hidden)) }()
	err = root.Link(hidden, name)
	if errors.Is(err, fs.ErrExist) {
		lies, read := root.ReadFile(name)
		if read != nil || !bytes.Equal(lies, body) {
			return errors.Join(errOccupied, read)
		}
	} else if err != nil {
		return err
	}

	// The directory entries of the file and of new folders must be durable too.
	for folder := place; ; folder = path.Dir(folder) {
		if err := syncFolder(root, folder); err != nil || folder == "." {
			return err
		}
	}
}

func syncFolder(root *os.Root, name string) error {
	folder, err := root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// modeIn returns the mode of new files in a folder.
func modeIn(root *os.Root, place string) (fs.FileMode, error) {
	info, err := root.Stat(place)
	if err != nil {
		return 0, err
	}
	if info.Mode().Perm()&0o050 == 0o050 {
		return 0o640, nil
	}
	return 0o600, nil
}

func write(root *os.Root, name string, body []byte, mode fs.FileMode) error {
	// A file that a crashed hub left under this name may be a hard link to the delivered file. Remove it, and never
	// write to it.
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err = file.Write(body); err == nil {
		err = file.Chmod(mode) // independently of the hub's umask
	}
	return errors.Join(err, file.Sync(), file.Close())
}

// fileSafe returns a message's ID as a part of a file name. The hub's own IDs are UUIDs and remain unchanged.
func fileSafe(id string) string {
	safe := []byte(id)
	for i, c := range safe {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' {
			safe[i] = '_'
		}
	}
	return string(safe[:min(len(safe), 64)])
}

// errOccupied means that another file has the name of a message. It isn't overwritten.
var errOccupied = errors.New("a different file with the message's name exists")

// folderError is an error of writing to a folder.
type folderError struct {
	what string
	err  error // without paths of the machine
}

func (e *folderError) Error() string { return e.what + ": " + e.err.Error() }
func (e *folderError) Unwrap() error { return e.err }

// Need returns NeedsReplay if another file has the message's name, and NeedsRepair for other errors.
func (e *folderError) Need() Need {
	if errors.Is(e.err, errOccupied) {
		return NeedsReplay
	}
	return NeedsRepair
}

// pathless returns an error that says what could not be written, without paths of the machine.
func pathless(what string, err error) error {
	var (
		at   *fs.PathError
		link *os.LinkError
	)
	switch {
	case errors.As(err, &at):
		err = at.Err
	case errors.As(err, &link):
		err = link.Err
	}
	return &folderError{what, err}
}
