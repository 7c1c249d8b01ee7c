package main

import (
	"regexp"
	"strings"
	"testing"

	"wardlight/internal/config"
)

// TestSettingsExample_HasEverySetting removes the # from each setting of the file that the packages bring: the hub
// knows each, accepts its value, none is missing, and what is built in is what the file says.
func TestSettingsExample_HasEverySetting(t *testing.T) {
	text := readFile(t, "../../packaging/wardlight-hub.toml")
	name, from := settingsIn(t, regexp.MustCompile(`(?m)^#([a-z_0-9]+ = )`).ReplaceAllString(text, "$1"))
	var s settings
	all, err := program().Load(&s, from)
	if err != nil {
		t.Fatal(err)
	}
	for i, set := range all.All() {
		switch k := program().Keys[i]; {
		case !strings.HasPrefix(set.Origin, name):
			t.Errorf("%s: got it from %q, want it in packaging/wardlight-hub.toml", set.Key, set.Origin)
		case k.Default != "" && k.Kind != config.Path && set.Value != k.Default:
			t.Errorf("%s: got %q, want %q, which is built in", set.Key, set.Value, k.Default)
		}
	}
}

// TestSettingsExample_SetsTheDataFolder: the file as it is sets nothing else, which 'wardlight-hub init' relies on.
func TestSettingsExample_SetsTheDataFolder(t *testing.T) {
	name, from := settingsIn(t, readFile(t, "../../packaging/wardlight-hub.toml"))
	s, err := loadFrom(from)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, set := range s.All() {
		if strings.HasPrefix(set.Origin, name) {
			got = append(got, set.Key+" "+set.Value)
		}
	}
	if want := "hub.data_folder /var/lib/wardlight-hub"; strings.Join(got, ", ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestOperatorsHandbook_HasNoOtherSetting finds rows of the handbook's table of settings that the hub does not know.
func TestOperatorsHandbook_HasNoOtherSetting(t *testing.T) {
	_, table, _ := strings.Cut(readFile(t, "../../docs/operating.md"), "| setting | flag | built in | |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	known := make(map[string]bool)
	for _, k := range program().Keys {
		known[k.Name] = true
	}
	rows := regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(table, -1)
	for _, row := range rows {
		if !known[row[1]] {
			t.Errorf("docs/operating.md: got a row of %s, want only settings that there are", row[1])
		}
	}
	if len(rows) != len(known) {
		t.Errorf("docs/operating.md: got %d settings, want %d", len(rows), len(known))
	}
}
