package prismtest

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// SCRBase is the base path of the Summary Care Record API.
const SCRBase = "/summary-care-record/FHIR/R4"

// scr is the description of the Summary Care Record FHIR R4 API, which has several files.
const scr = "scr/summary-care-record.yaml"

// SCRProxy is like [Proxy], for the Summary Care Record API.
func SCRProxy(tb testing.TB, root, upstream string) string {
	tb.Helper()
	return start(tb, root, scr, func(document string) []string {
		return []string{
			"proxy",
			corrected(tb, document),
			upstream + SCRBase,
			"--errors",
			"--validate-request",
			"false",
		}
	})
}

// SCRMock is like [Mock], for the Summary Care Record API.
func SCRMock(tb testing.TB, root string) string {
	tb.Helper()
	return start(tb, root, scr, func(document string) []string { return []string{"mock", corrected(tb, document)} })
}

// scrCorrections are corrections of the description where it contradicts its own examples or FHIR R4: a coding is a
// list, codes are texts, and a Bundle without entries has no empty list.
var scrCorrections = []struct{ file, old, by string }{
	{
		"components/schemas/DocumentReference.yaml",
		"coding:\n                type: object\n                properties:\n                  system:\n" +
			"                    type: string\n                    default: " +
			"\"https://fhir.nhs.uk/CodeSystem/SCR-ACSPermission\"",
		"coding:\n                type: array\n                properties:\n                  system:\n" +
			"                    type: string\n                    default: " +
			"\"https://fhir.nhs.uk/CodeSystem/SCR-ACSPermission\"",
	},
	{"components/schemas/GetScrBundle.yaml", "  - identifier\n  - entry", "  - identifier"},
	{"components/schemas/AuditEvent.yaml", `enum: [1,2]`, `enum: ["1", "2"]`},
	{"components/schemas/AuditEvent.yaml", `enum: [1, 2, 3, 4, 5, 6]`, `enum: ["1", "2", "3", "4", "5", "6"]`},
}

// corrected returns the path of a corrected copy of the description.
func corrected(tb testing.TB, document string) string {
	tb.Helper()
	to := tb.TempDir()
	if err := os.CopyFS(to, os.DirFS(filepath.Dir(document))); err != nil {
		tb.Fatal(err)
	}

	for _, c := range scrCorrections {
		name := filepath.Join(to, c.file)
		text, err := os.ReadFile(name)
		switch {
		case err != nil:
			tb.Fatal(err)
		case !bytes.Contains(text, []byte(c.old)):
			tb.Fatalf("%s lacks %q, which is to be corrected", c.file, c.old)
		}
		if err := os.WriteFile(name, bytes.Replace(text, []byte(c.old), []byte(c.by), 1), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return filepath.Join(to, filepath.Base(document))
}
