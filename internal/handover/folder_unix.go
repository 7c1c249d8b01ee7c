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

// maxSockets is the maximum number of sockets in a folder to try: those of the programs that were started last.
const maxSockets = 16

// errOtherUser is the cause of an OtherUser error.
var errOtherUser = errors.New("another user's, or reached through a symbolic link")

// belongsToUser reports whether the file belongs to this user. A symbolic link is never owned.
func belongsToUser(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && info.Mode()&fs.ModeSymlink == 0 && int(stat.Uid) == os.Geteuid()
}

// checkFolder returns an error unless the folder belongs to this user and no other has access. The error is
// fs.ErrNotExist if the folder doesn't exist, otherwise an *Error of kind OtherUser, Open or NoFolder.
func checkFolder(folder string) error {
	info, err := os.Lstat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fs.ErrNotExist
	case errors.Is(err, fs.ErrPermission):
		return &Error{Kind: OtherUser, Err: err}
	case err != nil:
		return &Error{Kind: NoFolder, Err: err}
	case !belongsToUser(info):
		return &Error{Kind: OtherUser, Err: errOtherUser}
	case !info.IsDir():
		return &Error{Kind: NoFolder, Err: errors.New("not a folder")}
	case info.Mode().Perm()&0o077 != 0:
		return &Error{Kind: Open, Err: errors.New(info.Mode().Perm().String())}
	}
	return nil
}

// makeFolder creates a folder with access for this user only, if it doesn't exist. Errors are those of checkFolder.
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

// Parts of a socket's name. prefix adds a hash of the host name, because several computers may share a home folder and
// a socket works only on its own computer.
const (
	namePrefix = "show-"
	nameSuffix = ".sock"
)

func prefix() string {
	host, err := os.Hostname()
	if err != nil {
		host = "" // computers without a name share a prefix
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(host)) // never returns an error
	return namePrefix + hex.EncodeToString(h.Sum(nil)) + "-"
}

// sockets returns the paths of this user's sockets in a folder, latest first.
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
		if info, err := os.Lstat(filepath.Join(folder, name)); err == nil && info.Mode()&fs.ModeSocket != 0 &&
			belongsToUser(info) {
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

// dial connects to a socket. The error is an *Error of kind OtherUser if another user listens on it.
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

// checkPeer returns an error if the peer process belongs to another user.
func checkPeer(c *net.UnixConn) error {
	uid, err := peer(c)
	switch {
	case err != nil:
		return err
	case uid != os.Geteuid():
		return errOtherUser
	}
	return nil
}
