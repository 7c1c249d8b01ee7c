package main

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"wardlight/internal/docstest"
)

// documentedRules has what becomes of each command in the documents: those that need neither a card nor a hub are run.
var documentedRules = map[string]docstest.Rule{
	"--version":                {},
	"":                         {Read: "it shows the screens until they are left"},
	"alert":                    {Read: "it needs a card and a hub"},
	"card modules":             {},
	"card readers":             {Read: "it needs the smartcard service"},
	"card show":                {Read: "it needs a card"},
	"card test":                {Read: "it needs a card"},
	"card watch":               {Read: "it needs the smartcard service"},
	"completion bash":          {},
	"config":                   {},
	"doctor":                   {Read: "it needs a card and a hub"},
	"flag forget":              {Read: "it needs a flag that waits"},
	"flag pending":             {},
	"flag retry":               {Read: "it needs a record system"},
	"flag status":              {Code: exitKeyring, Says: "There is no keyring"},
	"flag token":               {Read: "it asks for a token"},
	"keys":                     {},
	"login":                    {Read: "it needs a card and a hub"},
	"logout":                   {Read: "it needs a sign-in that is kept"},
	"receipt get":              {Read: "it needs a card and a hub"},
	"receipt verify":           {Code: exitUsage, Says: "audit.key.pub"},
	"report alerts":            {Read: "it needs a card and a hub"},
	"report close-alert":       {Read: "it needs a card and a hub"},
	"report patient-access":    {Read: "it needs a card and a hub"},
	"report patient-enquiries": {Read: "it needs a card and a hub"},
	"report user-access":       {Read: "it needs a card and a hub"},
	"role check":               {Read: "it needs a card and a hub"},
	"role explain":             {},
	"role list":                {Read: "it needs a card and a hub"},
	"show":                     {Read: "it needs screens that run"},
	"status":                   {Read: "it needs a sign-in that is kept"},
	"summary":                  {Read: "it needs a card and a hub"},
	"trace":                    {Read: "it needs a card and a hub"},
	"version":                  {},
	"worklist":                 {Read: "it needs a card and a hub"},
}

// TestDocumentedCommands reads each command of wardlight in the documents, and runs those that need neither a card nor
// a hub, by documentedRules. The others are run by the scripts of testdata/script and by the journeys of this package.
// The rule for all programs is at TestCommands_OfMake in internal/docstest.
func TestDocumentedCommands(t *testing.T) {
	home, done := t.TempDir(), make(map[string]bool)
	for _, c := range docstest.Commands(t, "wardlight") {
		a := &app{environment: environment{out: io.Discard, err: io.Discard}}
		parsed, err := docstest.Parse(newRoot(a), c)
		if err != nil {
			t.Errorf("%s: got %v, want a command", c, err)
			continue
		}

		rule, run := docstest.RuleOf(t, documentedRules, c, parsed)
		line := strings.Join(parsed.Args, " ")
		if !run || done[line] {
			continue
		}

		done[line] = true

		cmd := exec.CommandContext(t.Context(), "wardlight", parsed.Args...)
		cmd.Env = []string{
			"PATH=" + os.Getenv("PATH"), "HOME=" + home,
			"XDG_CONFIG_HOME=" + home, "XDG_STATE_HOME=" + home, "XDG_RUNTIME_DIR=" + home,
			"WARDLIGHT_HUB_URL=https://hub.example", "WARDLIGHT_RECORD_URL=https://records.example/fhir",
		}

		out, err := cmd.CombinedOutput()
		code := cmd.ProcessState.ExitCode()
		if code != rule.Code || len(out) == 0 || !strings.Contains(string(out), rule.Says) {
			t.Errorf("%s: got %v and %q, want exit code %d and an output with %q", c, err, out, rule.Code, rule.Says)
		}
	}
}

// TestExamplesOfHelp reads the commands in the examples of the program's own help.
func TestExamplesOfHelp(t *testing.T) {
	a := &app{environment: environment{out: io.Discard, err: io.Discard}}
	for _, c := range docstest.Examples(t, newRoot(a)) {
		if _, err := docstest.Parse(newRoot(a), c); err != nil {
			t.Errorf("%s: got %v, want a command", c, err)
		}
	}
}
