package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

// setting is one setting in the output of --json.
type setting struct {
	Key    string `json:"key"`
	Value  string `json:"value"` // as written; for a secret, only whether it is set
	Origin string `json:"origin"`
}

func newConfig() *cobra.Command {
	asJSON := false
	c := &cobra.Command{
		Use:   "config",
		Short: "Show the settings, and where each comes from",
		Long: `Show the settings, and where each comes from. Secrets are not shown.

Settings come from the defaults, ` + settingsFile + ` (or the file that --config or
WARDLIGHT_SERVER_CONFIG names), the environment (WARDLIGHT_SERVER_HUB_LISTEN and so on) and the command line. Later ones win.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := load(c)
			if err != nil {
				return err
			}
			if asJSON {
				var all []setting
				for _, set := range s.All() {
					all = append(all, setting{set.Key, set.Value, set.Origin})
				}
				e := json.NewEncoder(c.OutOrStdout())
				e.SetIndent("", "  ")
				return e.Encode(all)
			}
			t := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, set := range s.All() {
				fmt.Fprintf(t, "%s\t%q\t%s\n", set.Key, set.Value, set.Origin)
			}
			return t.Flush()
		},
	}

	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}
