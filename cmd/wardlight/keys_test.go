package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"wardlight/internal/testterm"
	"wardlight/tui"
)

// docs/keys.md is generated from the key bindings. UPDATE_PICTURES=1 writes it again, as it does the pictures.
func TestKeys_Document(t *testing.T) {
	const path = "../../docs/keys.md"
	card, err := tui.Keys(nil)
	if err != nil {
		t.Fatal(err)
	}

	var page bytes.Buffer
	if err := writeKeyPage(&page, card); err != nil {
		t.Fatal(err)
	}

	if os.Getenv(testterm.UpdateScreenshots) != "" {
		if err := os.WriteFile(path, page.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}

	saved, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}

	if !bytes.Equal(saved, page.Bytes()) {
		t.Errorf("%s differs from the key bindings; run `make docs` and review the change", path)
	}
}

func TestKeysFollowTheSettings(t *testing.T) {
	b := setUp(t)
	b.world.environ = append(b.world.environ, "WARDLIGHT_KEYS_OPEN=k", "WARDLIGHT_KEYS_LOCK=Ctrl-G")
	out := strings.Join(strings.Fields(b.run(t, exitDone, "keys")), " ")
	checkContains(t, out, "k open the alert keys.open", "Ctrl-G lock keys.lock", "Ctrl-U empty the field")
	checkContains(t, b.run(t, exitDone, "keys", "--markdown"), "| `k` | open the alert | `keys.open` |")
	checkMembers(t, b.json(t, exitDone, "keys"), map[string]any{
		"schema": "wardlight.keys/1", "keys.0.key": "Enter",
		"keys.0.setting": "",
	})
}

func TestAKeyThatClashesIsRefusedAtTheStartWithItsLine(t *testing.T) {
	b := setUp(t)
	if err := os.WriteFile(b.world.settings, []byte("[keys]\nopen = \"k\"\nagain = \"n\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{nil, {"keys"}, {"config"}} {
		b.run(t, exitUsage, args...)
		if said := b.err.String(); !strings.Contains(said, b.world.settings+
			`:3: keys.again: "n" already has another meaning: next patient`) ||
			!strings.Contains(said, "hint: choose another key, or set keys.patient, too") {
			t.Errorf("%q with a conflicting key: got %q, want the conflict and a hint", args, said)
		}
	}
}
