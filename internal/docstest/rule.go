package docstest

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// placeholders are the values of words in capital letters that stand for an argument.
var placeholders = map[string]string{
	"CODE":       "B0264",
	"COMMAND":    "wardlight",
	"DATE":       "2016-03-04",
	"FILE":       "file",
	"FOLDER":     "folder",
	"ID":         "5b0c6a3e-9d1f-4f0e-8a55-0e0c2f6f1c11",
	"N":          "9990000018",
	"NAME":       "Example",
	"NHS-NUMBER": "9990000018",
	"QUEUE":      "ward-printer",
	"SHELL":      "bash",
	"TIME":       "2026-07-15T02:00:00Z",
	"UUID":       "999000000111",
}

// placeholder is a word that stands for an argument.
var placeholder = regexp.MustCompile(`^[A-Z][A-Z-]*$`)

// Parsed is a command that a program understands.
type Parsed struct {
	Path  string   // the names of the command below its program, such as "audit key", with --help or --version
	Args  []string // with values for placeholders
	Runs  bool     // it is a command that does something, not the name of several
	Whole bool     // nothing is left out, so that it could be run
	Bare  bool     // it has neither arguments nor flags
}

// Rule says what becomes of a command of the documents in a test.
type Rule struct {
	Read string // why it is only read, and what runs it instead; "" has it run
	Bare bool   // without arguments and flags it is only read: it needs some
	Code int    // the exit code, where the command cannot end well: an id in the document is not one of the test's
	Says string // and what it has to say then
}

// RuleOf returns the rule of a command by its path; a path without one fails the test.
func RuleOf(tb testing.TB, rules map[string]Rule, c Command, p Parsed) (Rule, bool) {
	tb.Helper()
	rule, ok := rules[p.Path]
	if p.Runs && !ok {
		tb.Errorf("%s: got no rule for %q, want one that says whether it is run", c, p.Path)
	}
	return rule, ok && p.Runs && p.Whole && rule.Read == "" && (!rule.Bare || !p.Bare)
}

// Fill returns a line of the shell with values for the placeholders in it.
func Fill(shell string) string {
	return capitals.ReplaceAllStringFunc(shell, func(word string) string {
		if value, ok := placeholders[word]; ok {
			return value
		}
		return word
	})
}

var capitals = regexp.MustCompile(`\b[A-Z]+(-[A-Z]+)*\b`)

// Parse reads a command line with the commands of its program, as the program does: command and flags exist, the flags'
// values are of their types, and the arguments are as many as have to be. In running text a command may have no
// arguments, or lack the value of a flag at its end: it means all its uses. There, and where an ellipsis is, only what
// is there is checked.
func Parse(root *cobra.Command, c Command) (Parsed, error) {
	p := Parsed{Whole: !c.Open}
	for _, word := range c.Args {
		if word == "…" {
			continue
		}
		if placeholder.MatchString(word) {
			value, ok := placeholders[word]
			if !ok && !c.Open {
				return p, fmt.Errorf("no value for the placeholder %s", word)
			}
			word = value
		}
		p.Args = append(p.Args, word)
	}

	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd(p.Args...)

	cmd, rest, err := root.Find(p.Args)
	if err != nil {
		return p, err
	}

	p.Path = strings.TrimSpace(strings.TrimPrefix(cmd.CommandPath(), root.Name()))
	cmd.InitDefaultHelpFlag()
	cmd.InitDefaultVersionFlag()
	p.Runs, p.Bare = cmd.Runnable() && (len(rest) > 0 || !cmd.HasSubCommands() || cmd == root), len(rest) == 0
	inText := c.Block == 0
	err = cmd.ParseFlags(rest)
	if err != nil && (inText || c.Open) && strings.HasPrefix(err.Error(), "flag needs an argument: ") {
		p.Whole = false
		return p, nil
	}

	if err != nil {
		return p, err
	}

	for _, name := range []string{"help", "version"} {
		if f := cmd.Flags().Lookup(name); f != nil && f.Changed {
			p.Path = strings.TrimSpace(p.Path + " --" + name)
			return p, nil
		}
	}

	args := cmd.Flags().Args()
	if !p.Runs || !cmd.Runnable() {
		p.Whole = false
		if len(args) > 0 || !inText {
			return p, fmt.Errorf("%q is not a command that runs", cmd.CommandPath()+" "+strings.Join(args, " "))
		}
		return p, nil
	}

	err = errors.Join(cmd.ValidateArgs(args), cmd.ValidateRequiredFlags(), cmd.ValidateFlagGroups())
	if err != nil && (c.Open || inText && len(args) == 0) {
		p.Whole = false
		return p, nil
	}

	return p, err
}
