package docstest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"wardlight/internal/docstest"
)

const page = "# The hub's API, `v1`\n\n" +
	"A [link](other.md#place) and ![a picture](img/one.svg), [out](https://example.org).\n\n" +
	"## What an *authority* sends (CSV)\n\n## What an authority sends CSV\n\n<a name=\"set\"></a>\n\n" +
	"| command | |\n|---|---|\n| `echo 1 \\| wardlight show -` | in a table, and the package `wardlight` |\n\n" +
	"    $ wardlight-hub audit key FILE --name hub\n    made\n\n" +
	"```sh\nsudo -u wardlight-hub wardlight-hub import a.ndjson && make demo # comment\n" +
	"wardlight-lab card --from FOLDER [--t0] -- wardlight card show\n```\n\n" +
	"```toml\nfolder = \"/srv/wardlight\"\n```\n"

func TestParseDocument(t *testing.T) {
	d := docstest.ParseDocument("page.md", []byte(page))
	anchors := []string{"set", "the-hubs-api-v1", "what-an-authority-sends-csv", "what-an-authority-sends-csv-1"}
	if got := d.Anchors(); !slices.Equal(got, anchors) {
		t.Errorf("got the anchors %q, want %q", got, anchors)
	}

	links := []docstest.Link{
		{Target: "other.md#place", Line: 3},
		{Target: "img/one.svg", Image: true, Line: 3},
		{Target: "https://example.org", Line: 3},
	}
	if !slices.Equal(d.Links, links) {
		t.Errorf("got the links %v, want %v", d.Links, links)
	}

	commands, err := d.Commands()
	if err != nil {
		t.Fatal(err)
	}

	var got []string
	for _, c := range commands {
		got = append(got, fmt.Sprint(c.Line, " ", c.Program, " ", strings.Join(c.Args, " ")))
	}

	if want := []string{
		"13 wardlight show -", "15 wardlight-hub audit key FILE --name hub",
		"19 wardlight-hub import a.ndjson", "19 make demo",
		"20 wardlight-lab card --from FOLDER --t0 -- wardlight card show", "20 wardlight card show",
	}; !slices.Equal(got, want) {
		t.Errorf("got the commands\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestCommands_WhatFitsNoRule(t *testing.T) {
	for code, says := range map[string]string{
		"wardligth show":                   "no rule for the program",
		"doas wardlight-hub doctor":        "no rule for the program",
		"wardlight show | lpr":             "no rule for the program",
		"wardlight show 'a":                "is no command of a shell",
		"wardlight-hub import \"$FILES\"":  "no rule for variables",
		"wardlight-hub import $(ls files)": "no rule for",
	} {
		_, err := docstest.ParseDocument("page.md", []byte("```\n"+code+"\n```\n")).Commands()
		if err == nil || !strings.Contains(err.Error(), "page.md:2: ") || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, want an error of page.md:2 with %q", code, err, says)
		}
	}
}

func TestParse(t *testing.T) {
	program := func() *cobra.Command {
		run := func(*cobra.Command, []string) {}
		key := &cobra.Command{Use: "key FILE", Args: cobra.ExactArgs(1), Run: run}
		key.Flags().Int("bits", 0, "")
		key.Flags().String("name", "", "")
		if err := key.MarkFlagRequired("name"); err != nil {
			t.Fatal(err)
		}
		audit := &cobra.Command{Use: "audit"}
		audit.AddCommand(key)
		root := &cobra.Command{Use: "program"}
		root.AddCommand(audit)
		return root
	}

	const text, block = 0, 1
	for _, c := range []struct {
		line  string
		block int
		path  string // "" is refused
		whole bool
	}{
		{"audit key FILE --name n", block, "audit key", true},
		{"audit key FILE --name n --bits 2", text, "audit key", true},
		{"audit key FILE --name n --bits two", text, "", false},
		{"audit key FILE --bit n", text, "", false},
		{"audit key FILE", block, "", false},
		{"audit key", text, "audit key", false},
		{"audit key", block, "", false},
		{"audit key --name", text, "audit key", false},
		{"audit key a b --name n", text, "", false},
		{"audit key NOTHING --name n", text, "", false},
		{"audit", text, "audit", false},
		{"audit", block, "", false},
		{"audit keys", text, "", false},
		{"audti", text, "", false},
		{"audit key --help", block, "audit key --help", true},
		{"completion bash", block, "completion bash", true},
	} {
		got, err := docstest.Parse(program(), docstest.Command{Args: strings.Fields(c.line), Block: c.block})
		accepted := err == nil && got.Path == c.path && got.Whole == c.whole
		if c.path != "" && !accepted || c.path == "" && err == nil {
			t.Errorf("%s, in block %d: got %q, whole %v, %v, want %q, %v",
				c.line, c.block, got.Path, got.Whole, err, c.path, c.whole)
		}
	}
}

func TestParseTables(t *testing.T) {
	all := docstest.ParseTables([]byte("# One\n\n| a | b |\n|---|---|\n| `x y` and `z` | |\n\n" +
		"## Two\n\n| c |\n|---|\n"))
	if len(all) != 2 || all[0].Heading != "One" || all[1].Heading != "Two" {
		t.Fatalf("got %+v, want a table under each heading", all)
	}

	first := all[0]
	if !slices.Equal(first.Columns, []string{"a", "b"}) || first.Column("b") != 1 || first.Column("c") != -1 {
		t.Errorf("got the columns %q, want a and b", first.Columns)
	}
	if len(first.Rows) != 1 || first.Rows[0].Line != 5 || first.Rows[0].Cells[0].Text != "x y and z" ||
		!slices.Equal(first.Rows[0].Cells[0].Code, []string{"x y", "z"}) || first.Rows[0].Cells[1].Text != "" {
		t.Errorf("got the rows %+v, want one of line 5 with two pieces of code and an empty cell", first.Rows)
	}
}
