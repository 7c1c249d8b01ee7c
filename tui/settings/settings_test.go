package settings_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wardlight/internal/config"
	"wardlight/tui/settings"
)

// read returns a file of the repository.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// load reads settings from a file with that text, and returns its name.
func load(t *testing.T, text string) (string, []config.Setting) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := settings.Load(config.Sources{Machine: name})
	if err != nil {
		t.Fatal(err)
	}
	return name, c.Settings()
}

// TestSettingsExample_HasEverySetting removes the # from each setting of the example: the program knows each, accepts
// its value, none is missing, and what is built in is what the example says. As it is the example sets nothing.
func TestSettingsExample_HasEverySetting(t *testing.T) {
	example := read(t, "packaging/wardlight.toml")
	name, all := load(t, regexp.MustCompile(`(?m)^#([a-z_0-9]+ = )`).ReplaceAllString(example, "$1"))
	_, without := load(t, "")
	for i, set := range all {
		switch builtIn := without[i].Value; {
		case !strings.HasPrefix(set.Origin, name):
			t.Errorf("%s: got it from %q, want it in packaging/wardlight.toml", set.Key, set.Origin)
		case builtIn != "" && set.Value != builtIn:
			t.Errorf("%s: got %q, want %q, which is built in", set.Key, set.Value, builtIn)
		}
	}
	name, all = load(t, example)
	for _, set := range all {
		if strings.HasPrefix(set.Origin, name) {
			t.Errorf("%s: got it from the example as it is, want nothing set", set.Key)
		}
	}
}

// TestOperatorsHandbook_HasEverySetting compares the table of the terminal program's settings with the program, both
// ways: names, variables and what is built in.
func TestOperatorsHandbook_HasEverySetting(t *testing.T) {
	_, table, _ := strings.Cut(read(t, "docs/operating.md"), "| setting | environment | built in | |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := make(map[string]string)
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|.*$").FindAllStringSubmatch(table, -1) {
		rows[row[1]] = row[0]
	}

	seen := make(map[string]bool)
	_, all := load(t, "")
	for _, set := range all {
		key, builtIn := set.Key, set.Value
		if strings.HasPrefix(key, "keys.") { // docs/keys.md has each
			key, builtIn = "keys.*", ""
		}

		row, ok := rows[key]
		variable := config.Variable("WARDLIGHT_", strings.ReplaceAll(key, "*", "open"))
		switch {
		case !ok:
			t.Errorf("docs/operating.md: got no row of %s, want one", key)
		case !strings.Contains(row, "`"+variable+"`"):
			t.Errorf("docs/operating.md, %s: got %s, want the variable %s", key, row, variable)
		case builtIn != "" && !strings.Contains(row, "`"+builtIn+"`"):
			t.Errorf("docs/operating.md, %s: got %s, want %q, which is built in", key, row, builtIn)
		}

		seen[key] = true
	}

	for key := range rows {
		if !seen[key] {
			t.Errorf("docs/operating.md: got a row of %s, want only settings that there are", key)
		}
	}
}
