//go:build linux || darwin

package handover

import (
	"context"
	"encoding/hex"
	"errors"
	"hash/fnv"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// maxSockets is how many sockets of a folder are looked at: those of the programs that were started last.
const maxSockets = 16

// errNotOurs is the cause of an OtherUser error.
var errNotOurs = errors.New("another user's, or reached through a symbolic link")

// owned reports whether the file itself, not what a symbolic link points to, belongs to this user.
func owned(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && info.Mode()&fs.ModeSymlink == 0 && int(stat.Uid) == os.Geteuid()
}

// checkFolder refuses a folder that is not this user's alone. The error is fs.ErrNotExist where there is none, else an
// *Error: OtherUser, Open or NoFolder.
func checkFolder(folder string) error {
	info, err := os.Lstat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fs.ErrNotExist
	case errors.Is(err, fs.ErrPermission):
		return &Error{Kind: OtherUser, Err: err}
	case err != nil:
		return &Error{Kind: NoFolder, Err: err}
	case !owned(info):
		return &Error{Kind: OtherUser, Err: errNotOurs}
	case !info.IsDir():
		return &Error{Kind: NoFolder, Err: errors.New("not a folder")}
	case info.Mode().Perm()&0o077 != 0:
		return &Error{Kind: Open, Err: errors.New(info.Mode().Perm().String())}
	}
	return nil
}

// makeFolder makes a folder for this user alone, where it is missing. Errors are as those of checkFolder.
func makeFolder(folder string) error {
	err := os.MkdirAll(filepath.Dir(folder), 0o700)
	if err == nil {
		if err = os.Mkdir(folder, 0o700); errors.Is(err, fs.ErrExist) {
			err = nil
		}
	}
	if err != nil {
		return &Error{Kind: NoFolder, Err: err}
	}
	return checkFolder(folder)
}

// The names of sockets: the prefix has a hash of the computer's name, as a home folder may be that of several computers
// and a socket works on its own one alone.
const (
	namePrefix = "show-"
	nameSuffix = ".sock"
)

func prefix() string {
	host, err := os.Hostname()
	if err != nil {
		host = "" // then all computers without a name have one prefix
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(host)) // never fails
	return namePrefix + hex.EncodeToString(h.Sum(nil)) + "-"
}

// sockets returns this user's sockets in a folder, that of the program that was started last first.
func sockets(folder string) []string {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	var all []fs.FileInfo
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, prefix()) || !strings.HasSuffix(name, nameSuffix) {
			continue
		}
		if info, err := os.Lstat(filepath.Join(folder, name)); err == nil && info.Mode()&fs.ModeSocket != 0 && owned(info) {
			all = append(all, info)
		}
	}
	slices.SortFunc(all, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	var paths []string
	for _, info := range all[:min(len(all), maxSockets)] {
		paths = append(paths, filepath.Join(folder, info.Name()))
	}
	return paths
}

// dial connects to a socket. The error is an *Error, OtherUser, where another user listens there.
func dial(ctx context.Context, path string) (*net.UnixConn, error) {
	c, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	u := c.(*net.UnixConn)
	if err := checkPeer(u); err != nil {
		_ = u.Close()
		return nil, &Error{Kind: OtherUser, Err: err}
	}
	return u, nil
}

// checkPeer refuses a connection whose other end is another user's process.
func checkPeer(c *net.UnixConn) error {
	uid, err := peer(c)
	switch {
	case err != nil:
		return err
	case uid != os.Geteuid():
		return errNotOurs
	}
	return nil
}
