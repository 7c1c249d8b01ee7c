package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"wardlight/internal/version"
)

// versionDocument is the JSON document wardlight.version/1.
type versionDocument struct {
	Schema  string `json:"schema"`
	Version string `json:"version"`
}

func newVersion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which Wardlight this is",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			if a.json {
				return a.print(versionDocument{Schema: "wardlight.version/1", Version: version.String()})
			}
			_, err := fmt.Fprintln(a.out, version.Line("wardlight"))
			return err
		},
	}
}
