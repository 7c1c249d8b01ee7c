package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"wardlight/internal/lab/tracebench"
)

func newBenchTrace(env environment) *cobra.Command {
	var b crowdBench
	var o tracebench.Options
	var misses bool
	cmd := &cobra.Command{
		Use:   "trace",
		Short: "Count how often the wider search finds the right person",
		Long: `Count how often the hub's wider search finds the right person among synthetic ones: each search is for somebody who is there,
with one kind of mistake. The table has a line for each kind.`,
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := b.check(); err != nil {
				return err
			}
			if o.Queries < 1 {
				return usageError{errors.New("--queries is a number from 1")}
			}
			if misses {
				o.Miss = func(m tracebench.Miss) {
					fmt.Fprintf(env.err, "%s: typed %q %q %s %s, is %q %q %s, rank %d, too many %t\n", m.Kind, m.Typed.Family, m.Typed.Given,
						m.Typed.Born.FHIR(), m.Typed.Postcode, m.Family, strings.Join(m.Given, " "), m.Born, m.Rank, m.TooMany)
				}
			}
			return b.run(cmd.Context(), env, func(ctx context.Context, tell func(string)) (report, error) {
				o.People, o.Seed, o.Folder, o.Clock, o.Tell = b.people, b.seed, b.folder, env.now, tell
				return tracebench.Run(ctx, o)
			})
		},
	}
	b.flags(cmd, "people and the same mistakes")
	flags := cmd.Flags()
	flags.IntVar(&o.Queries, "queries", 10_000, "how many searches, over all kinds of mistake")
	flags.BoolVar(&misses, "misses", false, "say which searches did not find their person among the first five")
	return cmd
}
