package demo

import (
	"fmt"
	"os"
)

// folder is the folder for a demo's files.
type folder struct {
	path string
	made bool // created by the demo, which then removes it
}

// openFolder creates a temporary folder if path is "", and otherwise opens the folder at path, which must be new or
// empty. Its content is removed at the end.
func openFolder(path string) (folder, error) {
	if path == "" {
		made, err := os.MkdirTemp("", "wardlight-demo-")
		if err != nil {
			return folder{}, fmt.Errorf("the demo's folder: %w", err)
		}
		return folder{path: made, made: true}, nil
	}

	entries, err := os.ReadDir(path)
	switch {
	case os.IsNotExist(err):
		if err := os.MkdirAll(path, 0o700); err != nil {
			return folder{}, fmt.Errorf("the demo's folder: %w", err)
		}
		return folder{path: path, made: true}, nil
	case err != nil:
		return folder{}, fmt.Errorf("the demo's folder: %w", err)
	case len(entries) > 0:
		return folder{}, fmt.Errorf("the demo's folder %s is not empty; give a new one", path)
	}

	return folder{path: path}, nil
}

// remove deletes the demo's files, and the folder itself if the demo created it.
func (f folder) remove() error {
	if f.made {
		return os.RemoveAll(f.path)
	}
	root, err := os.OpenRoot(f.path)
	if err != nil {
		return err
	}
	defer root.Close()
	entries, err := os.ReadDir(f.path)
	for _, e := range entries {
		if err == nil {
			err = root.RemoveAll(e.Name())
		}
	}
	return err
}
