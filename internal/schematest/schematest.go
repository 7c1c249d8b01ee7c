// Package schematest compares the JSON that programs print with the schemas in docs/schema: real output by a validator,
// and the Go types that it is made of by their tags. Only tests import it.
package schematest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/spf13/cobra"

	"wardlight/internal/need"
)

// parts is the schema of what several documents have. No command prints it alone.
const parts = "wardlight.parts-1"

// base is where the validator takes the schemas to be. Nothing is loaded from there.
const base = "https://schema.invalid/"

// files are the schemas of docs/schema.
type files struct {
	raw      map[string]map[string]any // by name, without .json
	compiled map[string]*jsonschema.Schema
}

// load reads and compiles all schemas once.
var load = sync.OnceValues(func() (*files, error) {
	root, err := need.Module()
	if err != nil {
		return nil, err
	}

	paths, err := filepath.Glob(filepath.Join(root, "docs", "schema", "*.json"))
	if err != nil {
		return nil, err
	}

	all := &files{raw: make(map[string]map[string]any), compiled: make(map[string]*jsonschema.Schema)}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()

	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if err := c.AddResource(base+filepath.Base(path), document); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		all.raw[strings.TrimSuffix(filepath.Base(path), ".json")] = document.(map[string]any)
	}

	for name := range all.raw {
		if all.compiled[name], err = c.Compile(base + name + ".json"); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}

	return all, nil
})

// schemas returns the schemas.
func schemas(t testing.TB) *files {
	t.Helper()
	all, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Output reports whatever is wrong with what a command printed; see [Validate].
func Output(t testing.TB, printed []byte) {
	t.Helper()
	if err := Validate(printed); err != nil {
		t.Errorf("%v: %.300s", err, printed)
	}
}

// OutputOf reports whatever is wrong with what a command printed whose documents don't say of which schema they are.
func OutputOf(t testing.TB, name string, printed []byte) {
	t.Helper()
	if err := validate(printed, func(any) string { return name }); err != nil {
		t.Errorf("%v: %.300s", err, printed)
	}
}

// Validate validates what a command printed: one document, or one after the other. Each document says by its member
// "schema" which schema it is of.
func Validate(printed []byte) error {
	return validate(printed, func(v any) string {
		document, _ := v.(map[string]any)
		schema, _ := document["schema"].(string)
		return strings.ReplaceAll(schema, "/", "-") // "wardlight.alert-1" of "wardlight.alert/1"
	})
}

// validate validates documents by the schemas that nameOf returns.
func validate(printed []byte, nameOf func(document any) string) error {
	all, err := load()
	if err != nil {
		return err
	}

	d := json.NewDecoder(bytes.NewReader(printed))
	d.UseNumber()

	for n := 0; ; n++ {
		var v any
		switch err := d.Decode(&v); {
		case errors.Is(err, io.EOF) && n == 0:
			return errors.New("got nothing, want a document")
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("got %w, want JSON", err)
		}

		name := nameOf(v)
		schema := all.compiled[name]
		if schema == nil {
			return fmt.Errorf("got a document of the schema %q, want one of docs/schema", name)
		}
		if err := schema.Validate(v); err != nil {
			return fmt.Errorf("got a document that is not of its schema: %w", err)
		}
	}
}

// Commands compares the commands of a program that have --json or --format with the schemas of what they print, by
// their paths ("wardlight card show"). It reports a command without a schema, one that isn't there, a schema that isn't
// there, and a schema of this program that no command prints. others are the schemas of files that the program writes.
func Commands(
	t *testing.T, root *cobra.Command, isOfProgram func(name string) bool, printed map[string]string, others ...string,
) {
	t.Helper()
	all, found := schemas(t), make(map[string]bool)
	used := append(others, parts)

	for _, c := range withJSON(root) {
		found[c] = true
		if printed[c] == "" {
			t.Errorf("%s: got --json without a schema, want one in docs/schema", c)
		}
	}

	for command, name := range printed {
		if !found[command] {
			t.Errorf("%s: got a schema, want a command with --json", command)
		}
		if all.raw[name] == nil {
			t.Errorf("%s: got no docs/schema/%s.json", command, name)
		}
		used = append(used, name)
	}

	for name := range all.raw {
		if isOfProgram(name) && !slices.Contains(used, name) {
			t.Errorf("docs/schema/%s.json: got a schema that no command prints", name)
		}
	}
}

// withJSON returns the paths of the commands that print a document. One with commands of its own prints its help,
// unless the option is its own, too; a hidden one is for the program itself.
func withJSON(c *cobra.Command) []string {
	if c.Hidden {
		return nil
	}
	var all []string
	for _, sub := range c.Commands() {
		all = append(all, withJSON(sub)...)
	}
	for _, name := range []string{"json", "format"} {
		own := c.LocalNonPersistentFlags().Lookup(name) != nil
		if own || c.Flag(name) != nil && !c.HasSubCommands() {
			return append(all, c.CommandPath())
		}
	}
	return all
}
