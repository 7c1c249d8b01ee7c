//go:build unix

package main

import (
	"io/fs"
	"os"
	"syscall"
)

// ownerOf returns the uid and gid of a file, or false if they are not known.
func ownerOf(info fs.FileInfo) (uid, gid int, ok bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return int(stat.Uid), int(stat.Gid), true
}

// setFileOwner makes the hub the owner of a file created by root. The file gets the owner of its folder. If root owns
// the folder and only one group may open it, that group may read the file.
func setFileOwner(f *os.File, folder fs.FileInfo) error {
	uid, gid, ok := ownerOf(folder)
	switch {
	case !ok || os.Geteuid() != 0:
		return nil
	case uid != 0:
		return f.Chown(uid, gid)
	case gid != 0 && folder.Mode().Perm()&0o027 == 0:
		if err := f.Chown(0, gid); err != nil {
			return err
		}
		info, err := f.Stat()
		if err != nil {
			return err
		}
		return f.Chmod(info.Mode().Perm() | 0o040)
	default:
		return nil
	}
}
