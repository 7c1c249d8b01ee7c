package main

import (
	"io"
	"testing"
	"time"

	"wardlight/internal/docstest"
)

// documentedRules has what becomes of each command in the documents: none is run, because each measures for minutes.
var documentedRules = map[string]docstest.Rule{
	"card":   {Read: "it measures for minutes"},
	"growth": {Read: "it measures for hours"},
	"hub":    {Read: "it measures for minutes"},
	"trace":  {Read: "it measures for minutes: TestTrace_FilesOfCSV"},
	"tui":    {Read: "it measures for minutes"},
}

// TestDocumentedCommands reads each command of wardlight-bench in the documents. The rule for all programs is at
// TestCommands_OfMake in internal/docstest.
func TestDocumentedCommands(t *testing.T) {
	for _, c := range docstest.Commands(t, "wardlight-bench") {
		parsed, err := docstest.Parse(newRoot(environment{out: io.Discard, err: io.Discard, now: time.Now}), c)
		if err != nil {
			t.Errorf("%s: got %v, want a command", c, err)
			continue
		}
		if _, run := docstest.RuleOf(t, documentedRules, c, parsed); run {
			t.Errorf("%s: got a rule that has it run, want one that only reads it", c)
		}
	}
}
