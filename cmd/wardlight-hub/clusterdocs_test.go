package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// clusterFiles is the folder with the configuration that docs/stores.md describes.
const clusterFiles = packaging + "postgres-ha/"

// clusterSetting is a row of the table of settings: the setting and its file.
var clusterSetting = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| ([a-z]+\\.[a-z]+) \\| .+ \\|$")

func TestDocs_SettingsOfTheClusterAreThoseOfItsFiles(t *testing.T) {
	text := readFile(t, "../../docs/stores.md")
	if dsn := strings.TrimSpace(readFile(t, clusterFiles+"hub.dsn")); !strings.Contains(text, "\n    "+dsn+"\n") {
		t.Errorf("docs/stores.md: got no code block %q, want that of hub.dsn", dsn)
	}

	explained := make(map[string]int)
	for _, row := range clusterSetting.FindAllStringSubmatch(text, -1) {
		setting, file := row[1], row[2]
		explained[file]++
		if !strings.Contains(readFile(t, clusterFiles+file), setting) {
			t.Errorf("docs/stores.md: got the setting %s of %s, want one that the file has", setting, file)
		}
	}

	files, err := os.ReadDir(clusterFiles)
	must(t, err)
	for _, file := range files {
		if !strings.Contains(text, "](../"+strings.TrimPrefix(clusterFiles, "../../")+file.Name()+")") {
			t.Errorf("docs/stores.md: got no link to %s, want one", file.Name())
		}
		if explained[file.Name()] == 0 && file.Name() != "database.sql" {
			t.Errorf("docs/stores.md: got no setting of %s, want some", file.Name())
		}
	}
}
