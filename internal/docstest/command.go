package docstest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"mvdan.cc/sh/v3/syntax"
)

// Make is the program of the commands 'make TARGET'.
const Make = "make"

// Programs are those whose commands are checked.
var Programs = []string{"wardlight", "wardlight-hub", "wardlight-lab", "wardlight-bench", Make}

// others are further programs that commands of the documents use.
var others = []string{
	"apt", "cat", "curl", "dnf", "dpkg", "echo", "git", "go", "head", "install", "journalctl", "jq", "ls", "pgrep",
	"systemctl",
	"tar", "zcat", ".bin/goreleaser-v2.15.2",
}

// Command is a command line of one of the [Programs] in a document.
type Command struct {
	Document string
	Line     int
	Block    int    // the line in which its code block begins; 0 in running text
	Shell    string // the whole of the shell's command, with pipes and redirections
	Program  string
	Args     []string
	Open     bool // something is left out, which the document shows by an ellipsis
}

// String returns where the command is, and the command.
func (c Command) String() string { return fmt.Sprintf("%s:%d: %s", c.Document, c.Line, c.Shell) }

// mention finds what may be a command of a program: its name, or one that begins like it, where a word begins.
var mention = regexp.MustCompile(`(^|[\s|;&(])(bin/)?(wardl[a-z-]*|` + Make + `)(\s|$)`)

// Commands returns the commands of a program in all documents and in the files of packaging, but for docs/adr: a
// decision keeps the words of its day. Code that names a program and is neither a command nor the name alone fails the
// test.
func Commands(tb testing.TB, program string) []Command {
	tb.Helper()
	var all []Command
	for _, d := range append(Documents(tb), packaged(tb)...) {
		if strings.HasPrefix(d.Name, "docs/adr/") {
			continue
		}
		commands, err := d.Commands()
		if err != nil {
			tb.Error(err)
		}
		for _, c := range commands {
			if c.Program == program {
				all = append(all, c)
			}
		}
	}

	if len(all) == 0 {
		tb.Errorf("no document has a command of %s", program)
	}

	return all
}

// Commands returns the commands in the code of a document.
func (d Document) Commands() ([]Command, error) {
	var all []Command
	var failed error
	for _, code := range d.Code {
		found, err := commandsIn(code)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s:%d: %w", d.Name, code.Line, err))
		}
		for _, c := range found {
			c.Document = d.Name
			all = append(all, c)
		}
	}
	return all, failed
}

// Examples returns the commands in the examples that the help of a program's commands has.
func Examples(tb testing.TB, root *cobra.Command) []Command {
	tb.Helper()
	help := Document{Name: "help of " + root.CommandPath()}
	if root.Example != "" {
		help.Code = []Code{{Text: root.Example, Line: 1, Block: true}}
	}
	all, err := help.Commands()
	if err != nil {
		tb.Error(err)
	}
	for _, sub := range root.Commands() {
		all = append(all, Examples(tb, sub)...)
	}
	return all
}

// packaged returns the files of packaging, with what a unit starts and the code in their comments.
func packaged(tb testing.TB) []Document {
	tb.Helper()
	names, err := filepath.Glob(filepath.Join(Root(tb), "packaging", "*.*"))
	if err != nil {
		tb.Fatal(err)
	}

	var all []Document
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}

		d := Document{Name: "packaging/" + filepath.Base(name)}
		number := 0
		for line := range strings.Lines(string(text)) {
			number++
			if start := started.FindStringSubmatch(line); start != nil {
				d.Code = append(d.Code, Code{Text: start[1] + "\n", Line: number, Block: true})
			}
			for _, code := range quoted.FindAllStringSubmatch(line, -1) {
				d.Code = append(d.Code, Code{Text: code[1], Line: number})
			}
		}

		all = append(all, d)
	}

	return all
}

var (
	started = regexp.MustCompile(`^ExecStart=/usr/bin/(.*)`)
	quoted  = regexp.MustCompile("`([^`]+)`")
)

// commandsIn returns the commands in a piece of code. In a block with the shell's prompt ($) the lines without it are
// what was printed. A box of a scenario has commands behind the word run. A word alone in running text is a name.
func commandsIn(code Code) ([]Command, error) {
	text := code.Text
	if !mention.MatchString(text) || !code.Block && len(strings.Fields(text)) == 1 {
		return nil, nil
	}

	var lines []string
	prompt := code.Block && strings.Contains("\n"+text, "\n$ ")
	for line := range strings.Lines(text) {
		switch command, found := strings.CutPrefix(line, "$ "); {
		case prompt && !found:
			command = "\n"
			fallthrough
		case prompt:
			line = command
		case code.Language == "scenario" || strings.Contains(line, "run wardlight "):
			_, line, _ = strings.Cut(line, "run ")
			line = exits.ReplaceAllString(line, "") + "\n"
		}
		lines = append(lines, line)
	}

	shell := usage.ReplaceAllString(strings.Join(lines, ""), "$1")
	file, err := syntax.NewParser().Parse(strings.NewReader(shell), "")
	if err != nil {
		return nil, fmt.Errorf("%q is no command of a shell: %w", text, err)
	}

	var all []Command
	var failed error
	for _, stmt := range file.Stmts {
		source := shell[stmt.Pos().Offset():stmt.End().Offset()]
		syntax.Walk(stmt, func(n syntax.Node) bool {
			call, ok := n.(*syntax.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			words, err := literals(call.Args)
			if err == nil {
				var found []Command
				found, err = programsIn(words)
				for _, c := range found {
					c.Line, c.Shell = code.Line+int(stmt.Pos().Line())-1, source
					if code.Block {
						c.Block = code.Line
					}
					all = append(all, c)
				}
			}
			failed = errors.Join(failed, err)
			return true
		})
	}

	return all, failed
}

var (
	exits = regexp.MustCompile(` exits \d+\n?$`)
	usage = regexp.MustCompile(`\[([A-Z-]\S*)\]`) // what may be left out
)

// literals returns the words of a command as its program gets them.
func literals(words []*syntax.Word) ([]string, error) {
	var all []string
	for _, word := range words {
		var b strings.Builder
		for _, part := range word.Parts {
			switch part := part.(type) {
			case *syntax.Lit:
				b.WriteString(strings.ReplaceAll(part.Value, `\`, ""))
			case *syntax.SglQuoted:
				b.WriteString(part.Value)
			case *syntax.DblQuoted:
				for _, part := range part.Parts {
					lit, ok := part.(*syntax.Lit)
					if !ok {
						return nil, errors.New("a word of a command is not what it says: no rule for variables")
					}
					b.WriteString(lit.Value)
				}
			case *syntax.ParamExp:
				b.WriteString("$" + part.Param.Value)
			default:
				return nil, fmt.Errorf("no rule for %T in a command", part)
			}
		}

		all = append(all, b.String())
	}

	return all, nil
}

// programsIn returns the commands of our programs in one command of the shell: its own, the one that sudo, runuser or
// ssh runs, and the one behind two hyphens of wardlight-lab card.
func programsIn(words []string) ([]Command, error) {
	name := strings.TrimPrefix(words[0], "bin/")
	behind := func(from int) ([]Command, error) {
		for from < len(words) && (strings.HasPrefix(words[from], "-") || strings.Contains(words[from], "=")) {
			from++
			if words[from-1] == "-u" {
				from++
			}
		}
		if from >= len(words) {
			return nil, fmt.Errorf("%q runs nothing", words)
		}
		return programsIn(words[from:])
	}

	switch {
	case name == "sudo" || name == "runuser":
		return behind(1)
	case name == "ssh":
		host := 1
		for host < len(words) && strings.HasPrefix(words[host], "-") {
			host++
		}
		return behind(host + 1)
	case slices.Contains(others, name):
		return nil, nil
	case !slices.Contains(Programs, name):
		return nil, fmt.Errorf("no rule for the program %q in %q", name, words)
	}

	c := Command{Program: name}
	var all []Command
	for i, word := range words[1:] {
		if strings.Contains(word, "…") || strings.HasSuffix(word, "...") || strings.HasPrefix(word, "ARGUMENT") {
			c.Open = true
		}
		if word == "--" && slices.Contains(Programs, words[min(i+2, len(words)-1)]) {
			inner, err := programsIn(words[i+2:])
			if err != nil {
				return nil, err
			}
			all = append(all, inner...)
		}
		c.Args = append(c.Args, word)
	}

	return append([]Command{c}, all...), nil
}
