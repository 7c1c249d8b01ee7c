package control

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// socketName is the file name of the socket.
const socketName = "wardlight-lab.sock"

// Path returns the path of the socket of the user's demo. It is in the session's runtime folder or, if there is none,
// in a folder of the user in the temporary folder, which is created if necessary. The error says why that folder isn't
// safe.
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
	// Any user can create a folder with this name in a shared /tmp.
	if !info.IsDir() || info.Mode().Perm()&0o077 != 0 || !ownedByUser(info) {
		return "", fmt.Errorf("control socket: %s is not yours alone; remove it, or give another with --socket", folder)
	}
	return filepath.Join(folder, socketName), nil
}
