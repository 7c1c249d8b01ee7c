package schematest

import (
	"slices"
	"testing"

	"github.com/spf13/cobra"
)

func TestWithJSON_CommandsThatPrintADocument(t *testing.T) {
	run := func(*cobra.Command, []string) {}
	with := func(c *cobra.Command, flag string, below ...*cobra.Command) *cobra.Command {
		if flag != "" {
			c.Flags().Bool(flag, false, "")
		}
		c.AddCommand(below...)
		return c
	}

	every := &cobra.Command{Use: "every"}
	every.PersistentFlags().Bool("json", false, "")
	every.AddCommand(&cobra.Command{Use: "inherits", Run: run}, &cobra.Command{Use: "hidden", Run: run, Hidden: true},
		with(&cobra.Command{Use: "group"}, "", &cobra.Command{Use: "below", Run: run}))
	root := with(&cobra.Command{Use: "p"}, "", every,
		with(&cobra.Command{Use: "json", Run: run}, "json"), with(&cobra.Command{Use: "format", Run: run}, "format"),
		with(&cobra.Command{Use: "text", Run: run}, "verbose"),
		with(&cobra.Command{Use: "both", Run: run}, "json", &cobra.Command{Use: "below", Run: run}))

	got := withJSON(root)
	slices.Sort(got)
	want := []string{"p both", "p every group below", "p every inherits", "p format", "p json"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
