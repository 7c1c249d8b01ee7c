package docstest_test

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wardlight/internal/docstest"
)

// TestLinks_LeadSomewhere follows each link in a Markdown file that stays in the repository: its file exists, and where
// it names a heading, that file has it. Links to other sites are not followed.
func TestLinks_LeadSomewhere(t *testing.T) {
	root, all := docstest.Root(t), docstest.Documents(t)
	anchors := make(map[string][]string)
	for _, d := range all {
		anchors[d.Name] = d.Anchors()
	}

	followed := 0
	for _, d := range all {
		for _, link := range d.Links {
			if strings.Contains(link.Target, ":") {
				continue
			}

			followed++
			file, anchor, named := strings.Cut(link.Target, "#")
			name := d.Name
			if file != "" {
				name = path.Join(path.Dir(d.Name), file)
			}

			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(name))); err != nil {
				t.Errorf("%s:%d: got no file %s, want one for the link %s", d.Name, link.Line, name, link.Target)
				continue
			}

			if named && !slices.Contains(anchors[name], anchor) {
				t.Errorf("%s:%d: got no heading #%s in %s, want one for the link", d.Name, link.Line, anchor, name)
			}
		}
	}

	if followed == 0 {
		t.Error("got no link in any document, want some")
	}
}

// TestPictures_AreShown finds pictures that no document shows.
func TestPictures_AreShown(t *testing.T) {
	shown := make(map[string]bool)
	for _, d := range docstest.Documents(t) {
		for _, link := range d.Links {
			shown[path.Join(path.Dir(d.Name), link.Target)] = true
		}
	}
	pictures, err := filepath.Glob(filepath.Join(docstest.Root(t), "docs", "img", "*"))
	if err != nil || len(pictures) == 0 {
		t.Fatalf("got %d pictures, %v, want some", len(pictures), err)
	}
	for _, picture := range pictures {
		if name := path.Join("docs/img", filepath.Base(picture)); !shown[name] {
			t.Errorf("got no document that shows %s, want one", name)
		}
	}
}

// TestMap_NamesEveryDocument: docs/README.md leads to each document for readers, by a link or by its file's name as
// code.
func TestMap_NamesEveryDocument(t *testing.T) {
	var named []string
	all := docstest.Documents(t)
	for _, d := range all {
		if d.Name != "docs/README.md" {
			continue
		}
		for _, link := range d.Links {
			file, _, _ := strings.Cut(link.Target, "#")
			named = append(named, path.Join("docs", file))
		}
		for _, code := range d.Code {
			named = append(named, path.Join("docs", code.Text))
		}
	}
	for _, d := range all {
		folder := path.Dir(d.Name)
		if (folder == "docs" || folder == "docs/safety") && d.Name != "docs/README.md" &&
			!slices.Contains(named, d.Name) {
			t.Errorf("got nothing about %s in docs/README.md, want its name", d.Name)
		}
	}
}

// TestReadme_FitsOnAScreen: 50 lines of 100 columns are what a reader sees without moving.
func TestReadme_FitsOnAScreen(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(docstest.Root(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if len(lines) > 50 {
		t.Errorf("README.md: got %d lines, want at most 50", len(lines))
	}
	for i, line := range lines {
		if n := len([]rune(line)); n > 100 {
			t.Errorf("README.md:%d: got %d columns, want at most 100", i+1, n)
		}
	}
}

// TestCommands_OfMake asks make about each 'make TARGET' of the documents, without carrying it out.
//
// The commands of the documents are checked here and in TestDocumentedCommands of each program, by one rule:
//
//   - Code in a document (a block, or in running text) that names one of our programs where a command begins has to be
//     a command of a shell that internal/docstest understands, or the name alone. Anything else fails, so does a
//     program that is neither ours nor known there. docs/adr is left out: a decision keeps the words of its day.
//   - Each command is read by the very commands of its program (docstest.Parse).
//   - Each command has an entry in the table of its program's test by its path, such as "audit key", which says that
//     it is run, or why it is only read. A path without an entry fails. What an ellipsis leaves out, or running text,
//     cannot be run.
func TestCommands_OfMake(t *testing.T) {
	targets := make(map[string]docstest.Command)
	for _, c := range docstest.Commands(t, docstest.Make) {
		targets[strings.Join(c.Args, " ")] = c
	}
	for args, c := range targets {
		cmd := exec.CommandContext(t.Context(), "make", append([]string{"-n"}, strings.Fields(args)...)...)
		cmd.Dir = docstest.Root(t)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: got %v, want a target of the Makefile: %s", c, err, out)
		}
	}
}
