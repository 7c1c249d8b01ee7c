package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newMigrate() *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring the books of an older version up to date",
		Long: `Bring the books of an older version up to date, as serve does when it starts. Stop the hubs of the older version first: they
do not know what is changed under them. Every other command refuses the books of an older version, and changes nothing.

There is no way back to the older version but a backup.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := load(c)
			if err != nil {
				return err
			}
			if err := s.booksExist(); err != nil {
				return err
			}
			books, err := migrateStore(c.Context(), s)
			if err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), "The books are up to date.")
			return books.Close()
		},
	}
}
