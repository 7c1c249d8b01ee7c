package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"wardlight/hub/audit"
)

// checkFolders creates the data folder, and rejects folders that the hub could not write to. Errors are *config.Error.
func (s *settings) checkFolders() error {
	if s.engine == "sqlite" {
		const key = "hub.data_folder"
		if err := os.MkdirAll(s.data, 0o700); err != nil {
			return s.folderError(key, err)
		}
		if err := s.checkWritable(key, s.data, "*.db*"); err != nil {
			return err
		}
	}
	if s.checkpoint.folder != "" {
		if err := s.checkCheckpointFolder(); err != nil {
			return err
		}
		// Permissions do not show everything that prevents a write. This creates the files, which may be append-only.
		for _, name := range []string{audit.CheckpointFileName, audit.TreeFileName} {
			if _, err := audit.AppendNote(s.checkpoint.folder, name, nil); err != nil {
				return s.folderError(checkpointFolderKey, err)
			}
		}
	}
	if s.delivery.folder != "" {
		return s.checkWritable("notify.folder", s.delivery.folder, "")
	}
	return nil
}

// checkpointFolderKey is the setting of the folder for checkpoints.
const checkpointFolderKey = "audit.checkpoint_folder"

// checkCheckpointFolder rejects a folder for checkpoints without write permission, or with files that cannot
// be written.
func (s *settings) checkCheckpointFolder() error {
	return s.checkWritable(checkpointFolderKey, s.checkpoint.folder, audit.CheckpointFiles)
}

// checkWritable rejects a folder without write permission, or with files that cannot be written. It doesn't try to
// write, because a checkpoint folder may not allow deletion.
func (s *settings) checkWritable(key, folder, files string) error {
	info, err := os.Stat(folder)
	if err == nil && !info.IsDir() {
		err = &fs.PathError{Op: "write", Path: folder, Err: syscall.ENOTDIR}
	}

	if err != nil {
		return s.folderError(key, err)
	}

	names := []string{folder}
	entries, err := os.ReadDir(folder)
	if err != nil && files != "" {
		return s.folderError(key, err)
	}

	for _, e := range entries {
		if matches, _ := filepath.Match(files, e.Name()); matches {
			names = append(names, filepath.Join(folder, e.Name()))
		}
	}

	for _, name := range names {
		if err := writable(name); err != nil {
			return s.folderError(key, err)
		}
	}

	return nil
}

// folderError returns an error with the reason why a folder or a file in it cannot be written, and advice.
func (s *settings) folderError(key string, err error) error {
	hint := "it must exist, and the user that the hub runs as must be able to write to it"
	if errors.Is(err, syscall.EROFS) {
		hint = "as a service the hub can write only to the folders that its unit lists: add ReadWritePaths= in a " +
			"drop-in (systemctl edit wardlight-hub)"
	}
	var at *fs.PathError
	if errors.As(err, &at) {
		return s.Reject(key, at.Path+" cannot be written: "+at.Err.Error(), hint)
	}
	return s.Reject(key, err.Error(), hint)
}
