package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/hub/audit"
	"wardlight/internal/lab/labtest"
)

func TestServeRefusesAFolderThatItCannotWrite(t *testing.T) {
	asRoot(t)
	f := newFiles(t)
	key := filepath.Join(f.folder, "audit.key")
	if out, code := perform(t, "audit", "key", key, "--name", logName); code != 0 {
		t.Fatal(out)
	}

	file := filepath.Join(f.folder, "file")
	f.write(t, file, "")
	locked := filepath.Join(t.TempDir(), "locked") // read-only, as are all folders that the unit doesn't name
	must(t, os.Mkdir(locked, 0o700))
	missing := filepath.Join(f.folder, "missing")
	occupied := filepath.Join(f.folder, "occupied")
	must(t, os.MkdirAll(filepath.Join(occupied, audit.CheckpointFileName), 0o700))
	const unit = "hint: as a service the hub can write only to the folders that its unit lists: " +
		"add ReadWritePaths= in a drop-in"
	for name, c := range map[string]struct{ settings, says, hints string }{
		"data folder": {"[hub]\ndata_folder = \"" + locked + "\"", "hub.data_folder: " + locked +
			" cannot be written: read-only file system", unit},
		"new data folder": {"[hub]\ndata_folder = \"" + locked + "/data\"", "hub.data_folder: " + locked +
			"/data cannot be written: read-only file system", unit},
		"data folder that is none": {"[hub]\ndata_folder = \"" + file + "\"", "hub.data_folder: " + file +
			" cannot be written: not a directory", "hint: it must exist"},
		"signing key": {
			"[hub]\ndata_folder = \"data\"\nsigning_key_file = \"" + locked + "/key.pem\"",
			"hub.signing_key_file: signing key: ", "hint: use a P-256 key",
		},
		"checkpoint folder": {"[audit]\ncheckpoint_key_file = \"" + key + "\"\ncheckpoint_folder = \"" +
			locked + "\"", "audit.checkpoint_folder: " + locked + " cannot be written: read-only", unit},
		"missing checkpoint folder": {"[audit]\ncheckpoint_key_file = \"" + key + "\"\ncheckpoint_folder = \"" +
			missing + "\"", "audit.checkpoint_folder: ", "hint: the hub does not create this folder"},
		"checkpoint folder with another folder in it": {"[audit]\ncheckpoint_key_file = \"" + key +
			"\"\ncheckpoint_folder = \"" + occupied + "\"", "audit.checkpoint_folder: " + occupied + "/" +
			audit.CheckpointFileName + " cannot be written: is a directory", "hint: it must exist"},
		"folder for notifications": {"[notify]\nfolder = \"" + locked + "\"", "notify.folder: " + locked +
			" cannot be written: read-only", unit},
		"missing one": {"[notify]\nfolder = \"" + missing + "\"", "notify.folder: " + missing +
			" cannot be written: no such file or directory", "hint: it must exist"},
	} {
		t.Run(name, func(t *testing.T) {
			settings := filepath.Join(t.TempDir(), "config.toml")
			text := c.settings
			if !strings.HasPrefix(text, "[hub]") {
				text = "[hub]\ndata_folder = \"data\"\n" + text
			}
			f.write(t, settings, text)
			cmd := exec.CommandContext(t.Context(), "unshare", "--mount", "sh", "-c",
				`mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"`, locked,
				labtest.Program(t, "wardlight-hub"), "serve", "--config", settings, "--listen", "127.0.0.1:0",
				"--operator-listen", "off", "--ca", f.ca+"=uuid")
			out, err := cmd.CombinedOutput()
			if err == nil || cmd.ProcessState.ExitCode() != exitSettings || !strings.Contains(string(out), c.says) ||
				!strings.Contains(string(out), c.hints) {
				t.Errorf("serve: error %v, exit code %d, want %q and %q:\n%s",
					err, cmd.ProcessState.ExitCode(), c.says, c.hints, out)
			}
		})
	}
}

func TestServeRefusesBooksOfWhichAFileCannotBeWritten(t *testing.T) {
	asRoot(t)
	f := newFiles(t)
	data := filepath.Join(f.folder, "data")
	if out, code := perform(t, "import", f.fileOf(t, "people.ndjson", ""), "--data", data); code != 0 {
		t.Fatal(out)
	}
	ledger := filepath.Join(data, "ledger.db")
	cmd := exec.CommandContext(t.Context(), "unshare", "--mount", "sh", "-c",
		`mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"`, ledger,
		labtest.Program(t, "wardlight-hub"), "serve", "--data", data, "--listen", "127.0.0.1:0", "--operator-listen",
		"off", "--ca", f.ca+"=uuid")
	out, err := cmd.CombinedOutput()
	if err == nil || cmd.ProcessState.ExitCode() != exitSettings ||
		!strings.Contains(string(out), "hub.data_folder: "+ledger+" cannot be written: read-only file system") {
		t.Errorf("serve with a read-only ledger: error %v, exit code %d, want %d:\n%s",
			err, cmd.ProcessState.ExitCode(), exitSettings, out)
	}
}

// fileOf writes a file in the same folder.
func (f files) fileOf(t *testing.T, name, text string) string {
	t.Helper()
	name = filepath.Join(f.folder, name)
	f.write(t, name, text)
	return name
}
