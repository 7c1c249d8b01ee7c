package demo

import (
	"fmt"
	"os"
)

// folder is where a demo keeps its files.
type folder struct {
	path string
	made bool // by the demo, which then takes it away
}

// openFolder makes a temporary folder, or takes the given one, which must be new or empty: what is in it is removed
// at the end.
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

// remove takes away what the demo left, and the folder itself when the demo made it.
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
