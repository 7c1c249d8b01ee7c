package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"wardlight/internal/config/wardlight"
)

// configDocument is the JSON document wardlight.config/1.
type configDocument struct {
	Schema   string        `json:"schema"`
	Settings []settingPart `json:"settings"`
}

type settingPart struct {
	Key    string `json:"key"`
	Value  string `json:"value"`
	Origin string `json:"origin"`
	Final  bool   `json:"final,omitempty"` // declared final in the computer's own file
}

// documentOfSettings returns the settings as a document.
func documentOfSettings(c *wardlight.Config) configDocument {
	d := configDocument{Schema: "wardlight.config/1", Settings: []settingPart{}}
	for _, s := range c.Settings() {
		d.Settings = append(d.Settings, settingPart(s))
	}
	return d
}

func newConfig(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "config",
		Short: "Show the settings, and where each comes from",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			if a.json {
				return a.print(documentOfSettings(c))
			}
			t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
			for _, s := range c.Settings() {
				origin := s.Origin
				if s.Final {
					origin += ", final"
				}
				fmt.Fprintf(t, "%s\t%q\t%s\n", s.Key, s.Value, origin)
			}
			return t.Flush()
		},
	}
}
