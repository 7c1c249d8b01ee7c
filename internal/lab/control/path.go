package control

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// socketName is the socket's name in its folder.
const socketName = "wardlight-lab.sock"

// Path returns where the user's demo listens: in the runtime folder of the session where there is one, else in a
// folder of the user's own below the temporary one, which is made when missing. The error says why that folder cannot
// be trusted.
func Path(getenv func(string) string) (string, error) {
	if runtime := getenv("XDG_RUNTIME_DIR"); runtime != "" {
		if info, err := os.Stat(runtime); err == nil && info.IsDir() {
			return filepath.Join(runtime, socketName), nil
		}
	}
	folder := filepath.Join(os.TempDir(), fmt.Sprintf("wardlight-lab-%d", os.Getuid()))
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("control socket: %w", err)
	}
	info, err := os.Lstat(folder)
	if err != nil {
		return "", fmt.Errorf("control socket: %w", err)
	}
	// Anybody may make a folder of that name in a shared /tmp.
	if !info.IsDir() || info.Mode().Perm()&0o077 != 0 || !ours(info) {
		return "", fmt.Errorf("control socket: %s is not yours alone; remove it, or give another with --socket", folder)
	}
	return filepath.Join(folder, socketName), nil
}
