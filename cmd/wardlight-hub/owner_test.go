//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// other is the id of a user and a group other than root.
const other = 65534

// asRoot skips the test unless it runs as root.
func asRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root to change the owner of a folder")
	}
}

// owned creates a folder with an owner, a group and a mode.
func owned(t *testing.T, uid, gid int, mode os.FileMode) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "folder")
	must(t, os.Mkdir(name, mode))
	must(t, os.Chmod(name, mode))
	must(t, os.Chown(name, uid, gid))
	return name
}

func TestRootDoesNotWriteTheBooksOfAnotherUser(t *testing.T) {
	asRoot(t)
	f := newFiles(t)
	lines := filepath.Join(f.folder, "people.ndjson")
	f.write(t, lines, "")
	data := owned(t, other, other, 0o700)
	for name, args := range map[string][]string{
		"import": {"import", lines},
		"serve": {
			"serve", "--listen", "127.0.0.1:0", "--operator-listen", "off", "--ca", f.ca + "=uuid",
			"--webhook-secrets", f.secrets,
		},
		"restore":   {"restore", f.folder},
		"authority": {"authority", "add", "V999", "--name", "EXAMPLESHIRE COUNCIL"},
	} {
		t.Run(name, func(t *testing.T) {
			out, code := perform(t, append(args, "--data", data)...)
			if name == "authority" { // fails earlier, because there is no ledger
				if code == 0 {
					t.Errorf("%v as root succeeded, want an error: %s", args, out)
				}
			} else if code != exitSettings || !strings.Contains(out, data+" belongs to ") ||
				!strings.Contains(out, "hint: run it as that user: runuser -u ") {
				t.Errorf("%v as root: exit code %d, want %d and the owner: %s", args, code, exitSettings, out)
			}
			if left, err := os.ReadDir(data); err != nil || len(left) != 0 {
				t.Errorf("files left by root: got %v, error %v, want none", left, err)
			}
		})
	}

	own := owned(t, 0, 0, 0o700)
	if out, code := perform(t, "import", lines, "--data", own); code != 0 {
		t.Errorf("import into root's own folder: exit code %d, want 0: %s", code, out)
	}

	must(t, os.Chown(own, other, other))
	if out, code := perform(t, "authority", "list", "--data", own); code != exitSettings ||
		!strings.Contains(out, " belongs to ") {
		t.Errorf("authority list with another user's ledger: exit code %d, want %d and the owner: %s",
			code, exitSettings, out)
	}
}

func TestTheKeyOfCheckpointsCanBeReadByTheHub(t *testing.T) {
	asRoot(t)

	for name, c := range map[string]struct {
		uid, gid           int
		folder             os.FileMode
		wantUID, wantGID   int
		wantMode, wantOpen os.FileMode
	}{
		"settings folder":      {0, other, 0o750, 0, other, 0o640, 0o644},
		"hub's own folder":     {other, other, 0o700, other, other, 0o600, 0o644},
		"root's own folder":    {0, 0, 0o700, 0, 0, 0o600, 0o644},
		"folder of everybody":  {0, other, 0o755, 0, 0, 0o600, 0o644},
		"folder of many hands": {0, other, 0o770, 0, 0, 0o600, 0o644},
	} {
		t.Run(name, func(t *testing.T) {
			key := filepath.Join(owned(t, c.uid, c.gid, c.folder), "audit.key")
			if out, code := perform(t, "audit", "key", key, "--name", logName); code != 0 {
				t.Fatal(out)
			}
			for file, mode := range map[string]os.FileMode{key: c.wantMode, key + ".pub": c.wantOpen} {
				info, err := os.Stat(file)
				must(t, err)
				uid, gid, _ := ownerOf(info)
				if uid != c.wantUID || gid != c.wantGID || info.Mode().Perm() != mode {
					t.Errorf("%s: got owner %d:%d and mode %v, want %d:%d and %v",
						filepath.Base(file), uid, gid, info.Mode(), c.wantUID, c.wantGID, mode)
				}
			}
		})
	}
}
