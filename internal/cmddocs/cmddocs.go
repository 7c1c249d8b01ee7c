// Package cmddocs generates the man pages and shell completions of a program from its commands. Only tests import it,
// so that no program contains the code that generates man pages.
package cmddocs

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// FolderVariable is the environment variable with the folder in which [Check] writes the files for a release. If it
// isn't set, the files are written to a temporary folder. DateVariable is the one with their date, in seconds since
// 1970.
const (
	FolderVariable = "WARDLIGHT_CMDDOCS"
	DateVariable   = "SOURCE_DATE_EPOCH"
)

// shells lists the completion files for each shell.
var shells = []struct {
	name  string // path of the file; %s is the program
	write func(root *cobra.Command, w *bytes.Buffer) error
}{
	{"bash/%s", func(root *cobra.Command, w *bytes.Buffer) error { return root.GenBashCompletionV2(w, true) }},
	{"zsh/_%s", func(root *cobra.Command, w *bytes.Buffer) error { return root.GenZshCompletion(w) }},
	{"fish/%s.fish", func(root *cobra.Command, w *bytes.Buffer) error { return root.GenFishCompletion(w, true) }},
	{"powershell/%s.ps1", func(root *cobra.Command, w *bytes.Buffer) error {
		return root.GenPowerShellCompletionWithDesc(w)
	}},
}

// Check writes the man pages and completions of a program. It fails the test for a command without a page, a page
// without text, and a completion that does not name the program. section is the section of the man pages.
func Check(t *testing.T, root *cobra.Command, section string) {
	t.Helper()
	folder, date := os.Getenv(FolderVariable), time.Unix(0, 0).UTC()
	if folder == "" {
		folder = t.TempDir()
	}

	if text := os.Getenv(DateVariable); text != "" {
		var seconds int64
		if _, err := fmt.Sscan(text, &seconds); err != nil {
			t.Fatalf("%s: %v", DateVariable, err)
		}
		date = time.Unix(seconds, 0).UTC()
	}

	if err := Write(folder, root, section, date); err != nil {
		t.Fatal(err)
	}

	for _, c := range available(root) {
		name := filepath.Join(folder, "man", root.Name(), strings.ReplaceAll(c.CommandPath(), " ", "-")+"."+section)
		page, err := os.ReadFile(name)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, want := range []string{".TH", date.Format("Jan 2006"), ".SH NAME", c.Short[:min(len(c.Short), 10)]} {
			if !strings.Contains(string(page), want) {
				t.Errorf("%s does not contain %q", name, want)
			}
		}
	}

	for _, s := range shells {
		name := filepath.Join(folder, "completions", root.Name(), fmt.Sprintf(s.name, root.Name()))
		text, err := os.ReadFile(name)
		if err != nil || !strings.Contains(string(text), root.Name()) || !strings.Contains(string(text), "__complete") {
			t.Errorf("%s does not complete %s: %v", name, root.Name(), err)
		}
	}
}

// available returns a command and its visible subcommands, recursively.
func available(c *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{c}
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() && !sub.IsAdditionalHelpTopicCommand() {
			all = append(all, available(sub)...)
		}
	}
	return all
}

// Write writes a program's man pages to folder/man/PROGRAM, and its completions to a folder for each shell in
// folder/completions/PROGRAM. It modifies the texts of root.
func Write(folder string, root *cobra.Command, section string, date time.Time) error {
	for _, s := range shells {
		var text bytes.Buffer
		name := filepath.Join(folder, "completions", root.Name(), fmt.Sprintf(s.name, root.Name()))
		if err := errors.Join(s.write(root, &text), os.MkdirAll(filepath.Dir(name), 0o755),
			os.WriteFile(name, text.Bytes(), 0o644)); err != nil {
			return err
		}
	}

	for _, c := range available(root) {
		c.DisableAutoGenTag = true
		c.Long = preformatted(c.Long)
	}

	pages := filepath.Join(folder, "man", root.Name())
	if err := os.MkdirAll(pages, 0o755); err != nil {
		return err
	}

	return doc.GenManTreeFromOpts(root, doc.GenManTreeOptions{
		Path: pages, CommandSeparator: "-",
		Header: &doc.GenManHeader{Section: section, Date: &date, Source: "Wardlight", Manual: "Wardlight"},
	})
}

// preformatted returns a help text in which indented lines, such as tables and lists, are Markdown code blocks, so
// that man pages preserve their line breaks.
func preformatted(long string) string {
	var out []string
	inside := false
	for line := range strings.Lines(long) {
		line = strings.TrimSuffix(line, "\n")
		code := strings.HasPrefix(line, " ")
		if code != inside && len(out) > 0 && out[len(out)-1] != "" {
			out = append(out, "")
		}
		if inside = code; code {
			line = "    " + line
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}
