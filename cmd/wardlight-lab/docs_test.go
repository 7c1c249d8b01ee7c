package main

import (
	"io"
	"slices"
	"strings"
	"testing"

	"wardlight/internal/docstest"
)

// documentedRules has what becomes of each command in the documents: all are run but those that say why not.
var documentedRules = map[string]docstest.Rule{
	"card":          {Read: "it needs the card of the reader: card_test.go"},
	"cards":         {},
	"demo":          {Read: "it shows the screens until they are left: journey_test.go"},
	"demo eject":    {},
	"demo hub stop": {},
	"demo insert":   {},
	"demo status":   {},
	"people":        {},
	"play":          {Read: "it needs a trainer's file: play_test.go"},
}

// TestDocumentedCommands reads each command of wardlight-lab in the documents, and runs them by documentedRules: those
// of demo on a demo that runs. The rule for all programs is at TestCommands_OfMake in internal/docstest.
func TestDocumentedCommands(t *testing.T) {
	socket := ""
	for _, c := range docstest.Commands(t, "wardlight-lab") {
		parsed, err := docstest.Parse(newRoot(environment{out: io.Discard, err: io.Discard}), c)
		if err != nil {
			t.Errorf("%s: got %v, want a command", c, err)
			continue
		}

		if _, run := docstest.RuleOf(t, documentedRules, c, parsed); !run {
			continue
		}

		args := slices.Clone(parsed.Args)
		if strings.HasPrefix(parsed.Path, "demo") {
			if socket == "" {
				socket, _, _ = startDemo(t)
			}
			args = append(args, "--socket", socket)
		}

		if code, out, errs := call(t, args...); code != 0 || out == "" {
			t.Errorf("%s: got exit code %d and %q, want 0 and an output: %s", c, code, out, errs)
		}
	}
}
