package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

// CompleteArguments sets the shell completion of arguments for a command and its subcommands. The usage line decides:
// FILE is completed with files, FOLDER with folders, and anything else with nothing. Commands that define their
// completion, or that run another program, are not changed.
func CompleteArguments(c *cobra.Command) {
	for _, sub := range c.Commands() {
		CompleteArguments(sub)
	}
	if c.HasSubCommands() || c.ValidArgs != nil || c.ValidArgsFunction != nil || strings.Contains(c.Use, " -- ") {
		return
	}
	var words []string
	for _, word := range strings.Fields(c.Use)[1:] {
		if strings.HasPrefix(word, "-") || strings.HasPrefix(word, "(") {
			break // flags
		}
		words = append(words, word)
	}
	c.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion,
		cobra.ShellCompDirective,
	) {
		return nil, directive(words, len(args))
	}
}

// directive returns the completion of the argument at a position.
func directive(words []string, position int) cobra.ShellCompDirective {
	if last := len(words) - 1; position > last && last >= 0 && strings.HasSuffix(words[last], "...") {
		position = last
	}
	if position >= len(words) {
		return cobra.ShellCompDirectiveNoFileComp
	}
	switch strings.Trim(words[position], "[].") {
	case "FILE":
		return cobra.ShellCompDirectiveDefault
	case "FOLDER":
		return cobra.ShellCompDirectiveFilterDirs
	default:
		return cobra.ShellCompDirectiveNoFileComp
	}
}
