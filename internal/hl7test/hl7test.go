// Package hl7test validates HL7 v3 messages with xmllint against the NHS's own schemas of CP-IS. For tests only.
package hl7test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wardlight/internal/need"
)

// document is the schemas' folder.
const document = "cpis-hl7v3"

// Schemas are the repaired schemas in a temporary folder.
type Schemas struct {
	folder  string
	xmllint string
}

// Load copies and repairs the schemas. root is the path of the folder of go.mod.
func Load(tb testing.TB, root string) *Schemas {
	tb.Helper()
	from := need.Contract(tb, root, document)
	s := &Schemas{folder: tb.TempDir(), xmllint: need.Program(tb, "xmllint", "run make need-test")}
	repaired := 0
	err := filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".xsd" {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		schema, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		repaired += len(prohibitedWithType.FindAll(schema, -1))
		to := filepath.Join(s.folder, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return err
		}
		return os.WriteFile(to, prohibitedWithType.ReplaceAll(schema, []byte("$1/>")), 0o600)
	})
	switch {
	case err != nil:
		tb.Fatal(err)
	case repaired == 0:
		tb.Fatalf("%s: no attribute to repair, so these are other schemas", from)
	}
	return s
}

// prohibitedWithType matches an attribute with use="prohibited" and a simpleType child, which XML Schema forbids
// (XML Schema 1.0 part 1, §3.2.3). xmllint refuses the whole schema for it. Without the child, the attribute is
// prohibited all the same.
var prohibitedWithType = regexp.MustCompile(
	`(?s)(<xs:attribute\b[^>]*\buse="prohibited"[^>/]*)>\s*<xs:simpleType>.*?</xs:simpleType>\s*</xs:attribute>`)

// Problems returns what xmllint reports about a message of the interaction, such as "QUPC_IN000006GB01", or "" if the
// message is valid.
func (s *Schemas) Problems(tb testing.TB, interaction string, message []byte) string {
	tb.Helper()
	schema := filepath.Join(s.folder, "Schemas", interaction+".xsd")
	cmd := exec.CommandContext(tb.Context(), s.xmllint, "--noout", "--nonet", "--schema", schema, "-")
	cmd.Stdin = bytes.NewReader(message)
	out, err := cmd.CombinedOutput()
	switch said := strings.TrimSpace(string(out)); {
	case err == nil && said == "- validates":
		return ""
	case said == "":
		return err.Error()
	default:
		return said
	}
}
