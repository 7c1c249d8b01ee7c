package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestServe_WitnessesRefused starts hubs with files of witnesses that can't be used.
func TestServe_WitnessesRefused(t *testing.T) {
	const key = "witness.example/w1+aa4a09d1+BOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs"
	private := filepath.Join(t.TempDir(), "audit.key")
	if out, code := perform(t, "audit", "key", private, "--name", logName); code != 0 {
		t.Fatal(out)
	}
	f := newFiles(t)
	const hint = "hint: each line is such as: witness NAME KEY https://witness.example/"
	for name, c := range map[string]struct{ file, says, hints string }{
		"missing":      {filepath.Join(t.TempDir(), "none"), "cannot be read: no such file or directory", ""},
		"empty":        {writeTemp(t, "# none yet\n"), "the file has no witness", hint},
		"without TLS":  {writeTemp(t, "witness one "+key+" http://witness.example/"), "line 1: not the URL of a", hint},
		"a cut key":    {writeTemp(t, "\nwitness one "+key[:30]+" https://a.example/"), "line 2: not the public", hint},
		"another form": {writeTemp(t, key), "line 1: not a witness", hint},
	} {
		_, from := settingsIn(t, fmt.Sprintf("[hub]\ndata_folder = \"data\"\n[audit]\ncheckpoint_folder = %q\n"+
			"checkpoint_key_file = %q\nwitnesses_file = %q\n", t.TempDir(), private, c.file))
		out, code := perform(t, "serve", "--config", from.Named, "--listen", "127.0.0.1:0", "--operator-listen", "off",
			"--ca", f.ca+"=uuid", "--webhook-secrets", f.secrets)
		if want := "audit.witnesses_file: " + c.file; code != exitSettings || !strings.Contains(out, want) ||
			!strings.Contains(out, c.says) || !strings.Contains(out, c.hints) {
			t.Errorf("%s: got exit code %d and %q, want %d, %q, %q and %q", name, code, out, exitSettings, want, c.says,
				c.hints)
		}
	}
}
