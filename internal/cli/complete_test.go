package cli_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"wardlight/internal/cli"
)

func TestCompleteArguments(t *testing.T) {
	run := func(*cobra.Command, []string) {}
	for use, want := range map[string][]string{ // by position
		"serve":              {":4"},
		"import FILE...":     {":0", ":0", ":0"},
		"enrol UUID FILE":    {":4", ":0", ":4"},
		"backup FOLDER":      {":16", ":4"},
		"replay [ID]...":     {":4", ":4"},
		"end (--code FILE)":  {":4"},
		"seal --before TIME": {":4"},
	} {
		name, _, _ := strings.Cut(use, " ")
		args := []string{cobra.ShellCompNoDescRequestCmd, name}
		for i, directive := range want {
			root := &cobra.Command{Use: "program"}
			root.AddCommand(&cobra.Command{Use: use, Run: run})
			cli.CompleteArguments(root)
			var out bytes.Buffer
			root.SetOut(&out)
			root.SetArgs(append(args, ""))
			if err := root.ExecuteContext(t.Context()); err != nil ||
				!strings.Contains("\n"+out.String(), "\n"+directive+"\n") {
				t.Errorf("completion of %s, argument %d = %q, %v, want %s", use, i, out.String(), err, directive)
			}
			args = append(args, "word")
		}
	}
}

func TestCompleteArguments_OfACommandThatCompletesItself(t *testing.T) {
	own := &cobra.Command{Use: "insert CARD", ValidArgs: []string{"staff"}}
	cli.CompleteArguments(own)
	if own.ValidArgsFunction != nil {
		t.Error("CompleteArguments replaced the command's own completion")
	}
}
