package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"wardlight/internal/docstest"
	"wardlight/internal/lab/labtest"
	"wardlight/internal/lab/pki"
)

// documentedRules has what becomes of each command in the documents: all are run but those that say why not.
var documentedRules = map[string]docstest.Rule{
	"audit export":              {},
	"audit key":                 {},
	"audit receipt":             {Code: 1, Says: "the ledger has no audit record 48207"},
	"audit seal":                {Code: 1, Says: "no unsealed record is older than"},
	"audit verify":              {},
	"authority add":             {},
	"authority list":            {},
	"authority credential":      {},
	"authority credential end":  {Code: 1, Says: "3f2a90c1d4e5"},
	"authority credential list": {},
	"authority resend":          {},
	"authority resent":          {Bare: true},
	"authority webhook-secret":  {},
	"backup":                    {},
	"config":                    {},
	"copy":                      {Read: "it needs PostgreSQL: TestMovingToPostgreSQLKeepsTheAlert"},
	"doctor":                    {},
	"import":                    {},
	"init":                      {Read: "it asks on a terminal: TestInit_Asking. Flags make the hub of this test"},
	"migrate":                   {},
	"outbox list":               {},
	"outbox replay":             {Bare: true, Code: 1, Says: "5b0c6a3e-9d1f-4f0e-8a55-0e0c2f6f1c11"},
	"plan end":                  {},
	"plan list":                 {},
	"plan remove":               {},
	"restore":                   {},
	"revoke":                    {},
	"serve":                     {Read: "it serves until it is stopped: TestInit_ByFlags"},
	"staff cards":               {},
	"staff enrol":               {},
	"staff list":                {},
	"staff show":                {},
}

// TestDocumentedCommands reads each command of the hub's program in the documents, and runs them in a shell by
// documentedRules. The rule for all programs is at TestCommands_OfMake in internal/docstest.
//
// They run with the folders of the documents in a temporary one, on a hub that init made, with the lines for import
// that the documents have. sudo and runuser run what they are given as the user who runs the test. Each document begins
// with that hub anew, and its commands follow one another.
func TestDocumentedCommands(t *testing.T) {
	var hub *documentedHub
	document := ""
	for _, c := range docstest.Commands(t, "wardlight-hub") {
		parsed, err := docstest.Parse(newRoot(io.Discard, io.Discard), c)
		if err != nil {
			t.Errorf("%s: got %v, want a command", c, err)
			continue
		}

		rule, run := docstest.RuleOf(t, documentedRules, c, parsed)
		if !run {
			continue
		}

		if hub == nil {
			hub = newDocumentedHub(t)
		}

		if c.Document != document {
			hub.reset(t)
			document = c.Document
		}

		out, code := hub.run(t, c.Shell)
		if code != rule.Code || !strings.Contains(out, rule.Says) {
			t.Errorf("%s: got exit code %d, want %d and %q:\n%s", c, code, rule.Code, rule.Says, out)
		}
	}
}

// documentedHub is a hub in a folder that stands for the root of a computer.
type documentedHub struct{ root, saved string }

func newDocumentedHub(t *testing.T) *documentedHub {
	t.Helper()
	f := newFirstHub(t)
	h := &documentedHub{root: t.TempDir(), saved: t.TempDir()}
	now := time.Now()
	card, err := f.ca.IssueCard(pki.CardRequest{
		UUID: staffUUID, Serial: 0x1a2b, Key: pki.P256, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
	})
	must(t, err)

	const examples = "usr/share/doc/wardlight-hub/docs/examples" // as in the package
	for _, name := range []string{"bin", "srv/audit", "srv/backup", "mnt", "var/lib", "work", examples} {
		must(t, os.MkdirAll(h.at(name), 0o700))
	}

	lines := documentedLines(t)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err = io.WriteString(z, lines)
	must(t, errors.Join(err, z.Close(), os.Symlink(f.program, h.at("bin/wardlight-hub"))))

	for name, text := range map[string]string{
		"bin/sudo":           "#!/bin/sh\n[ \"$1\" != -u ] || shift 2\nexec \"$@\"\n",
		"bin/runuser":        "#!/bin/sh\nshift 3\nexec \"$@\"\n",
		"work/people.ndjson": lines, "work/people.ndjson.gz": packed.String(),
		"work/plans.ndjson": strings.ReplaceAll(lines, `"plan-1"`, `"0b9f4a52-3d1e-4c7a-9a55-6a2f3c1d7e88"`),
		"work/card.pem":     readFile(t, file(t, card, true)),
		"work/file":         readFile(t, file(t, card, true)), // where the documents say FILE
		"work/cards.pem":    string(f.ca.PEM()),

		examples + "/people.ndjson": readFile(t, "../../docs/examples/people.ndjson"),
	} {
		must(t, os.WriteFile(h.at(name), []byte(text), 0o700))
	}

	h.must(t, "wardlight-hub init --folder /etc/wardlight-hub --data /var/lib/wardlight-hub --name localhost"+
		" --listen "+f.listen+" --operator-listen "+f.operator+" --tls-cert trial --ca cards.pem=uuid"+
		" --authority V999 --authority-name 'EXAMPLESHIRE COUNCIL' --duty-phone 01632960102")

	h.must(t, "wardlight-hub import people.ndjson plans.ndjson")
	h.serveOnce(t)

	// What there is by now, where the documents have it.
	h.must(t, "cp -p /var/lib/wardlight-hub/checkpoints/audit-checkpoints.txt .")
	h.must(t, "mv /etc/wardlight-hub/audit.key.pub . && mv /etc/wardlight-hub/audit.key /etc/wardlight-hub/signs.key")
	h.must(t, "sed -i 's/audit[.]key/signs.key/' /etc/wardlight-hub/config.toml")
	h.copy(t, h.root, h.saved)
	return h
}

// must runs a line that has to end well.
func (h *documentedHub) must(t *testing.T, line string) {
	t.Helper()
	if out, code := h.run(t, line); code != 0 {
		t.Fatalf("%s: got exit code %d, want 0: %s", line, code, out)
	}
}

// serveOnce serves and stops, which signs a checkpoint.
func (h *documentedHub) serveOnce(t *testing.T) {
	t.Helper()
	log := &labtest.Output{}
	cmd := exec.CommandContext(t.Context(), h.at("bin/wardlight-hub"), "serve", "--config", h.settings())
	cmd.Stderr = log
	hub := labtest.Start(t, cmd)
	hub.Until(t, "its listening", func() bool { return strings.Contains(log.String(), wordListens) })
	hub.Stop()
}

// reset puts the hub back as it was when it was made.
func (h *documentedHub) reset(t *testing.T) {
	t.Helper()
	h.copy(t, h.saved, h.root)
}

// copy makes what the hub consists of in one folder as it is in another, modes and owners with it.
func (h *documentedHub) copy(t *testing.T, from, to string) {
	t.Helper()
	for _, name := range []string{"etc", "var", "srv", "mnt", "work"} {
		must(t, os.RemoveAll(filepath.Join(to, name)))
		cp := exec.CommandContext(t.Context(), "cp", "-a", filepath.Join(from, name), to)
		if out, err := cp.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
}

// at returns the path that stands for one of the documents.
func (h *documentedHub) at(name string) string { return filepath.Join(h.root, name) }

func (h *documentedHub) settings() string { return h.at("etc/wardlight-hub/config.toml") }

// run runs a line in a shell, in the folders that stand for those of the documents. A line with another folder fails
// the test and is not run.
func (h *documentedHub) run(t *testing.T, line string) (string, int) {
	t.Helper()
	line = folders.ReplaceAllString(docstest.Fill(line), "${1}"+h.root+"$2")
	for _, path := range absolute.FindAllStringSubmatch(line, -1) {
		if !strings.HasPrefix(path[1], h.root) {
			t.Fatalf("%s: got the path %s, want one below %s", line, path[1], folders)
		}
	}

	cmd := exec.CommandContext(t.Context(), "bash", "-c", "set -o pipefail; "+line)
	cmd.Dir, cmd.Stdin = h.at("work"), strings.NewReader("yes\n")
	cmd.Env = append(os.Environ(), "PATH="+h.at("bin")+":"+os.Getenv("PATH"), "WARDLIGHT_SERVER_CONFIG="+h.settings())
	out, err := cmd.CombinedOutput()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

var (
	folders  = regexp.MustCompile(`(^|[\s='"])(/(?:(?:etc|var/lib|usr/share/doc)/wardlight-hub|srv)\b)`)
	absolute = regexp.MustCompile(`(?:^|[\s='"])(/\S+)`)
)

// documentedLines returns the lines for import that the documents have, people before plans.
func documentedLines(t *testing.T) string {
	t.Helper()
	resource := regexp.MustCompile(`(?m)^\s*(\{"resourceType".*\})$`)
	var all []string
	for _, name := range []string{"../../docs/identity.md", "../../docs/operating.md"} {
		for _, line := range resource.FindAllStringSubmatch(readFile(t, name), -1) {
			all = append(all, line[1])
		}
	}
	if len(all) < 6 {
		t.Fatalf("got %d lines for import in the documents, want at least 6", len(all))
	}
	return strings.Join(all, "\n") + "\n"
}

// TestExamplesOfHelp reads the commands in the examples of the program's own help.
func TestExamplesOfHelp(t *testing.T) {
	for _, c := range docstest.Examples(t, newRoot(io.Discard, io.Discard)) {
		if _, err := docstest.Parse(newRoot(io.Discard, io.Discard), c); err != nil {
			t.Errorf("%s: got %v, want a command", c, err)
		}
	}
}
