package schematest

import (
	"os"
	"strings"
	"testing"
)

// TestDocuments_EverySchemaIsInTheGuide compares docs/schema with the table of the guide for suppliers.
func TestDocuments_EverySchemaIsInTheGuide(t *testing.T) {
	guide, err := os.ReadFile("../../docs/integrating.md")
	if err != nil {
		t.Fatal(err)
	}
	all, err := load()
	if err != nil {
		t.Fatal(err)
	}
	for name, schema := range all.raw {
		if link := "[" + name + "](schema/" + name + ".json)"; !strings.Contains(string(guide), link) {
			t.Errorf("docs/integrating.md: got no %s", link)
		}
		if schema["$schema"] != "https://json-schema.org/draft/2020-12/schema" || schema["$id"] != name+".json" {
			t.Errorf("%s: got %v and $id %v, want 2020-12 and the file's name", name, schema["$schema"], schema["$id"])
		}
		if title, _ := schema["title"].(string); title == "" {
			t.Errorf("%s: got no title", name)
		}
	}
}
