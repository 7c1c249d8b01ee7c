package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newMigrate() *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Migrate the databases of an older version",
		Long: `Migrate the databases of an older version. serve does the same when it starts. Stop the hubs of the older version first: they
cannot work with the changed databases. All other commands refuse databases of an older version, and change nothing.

To go back to the older version, restore a backup.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := load(c)
			if err != nil {
				return err
			}
			if err := s.checkLedgerExists(); err != nil {
				return err
			}
			ledger, err := migrateStore(c.Context(), s)
			if err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), "The databases are up to date.")
			return ledger.Close()
		},
	}
}
