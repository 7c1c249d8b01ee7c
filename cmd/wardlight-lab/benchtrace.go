package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"wardlight/internal/lab/tracebench"
)

// mostTraced is how many people a bench makes at most: ten million need a day's patience and 30 GB.
const mostTraced = 10_000_000

func newBenchTrace(env environment) *cobra.Command {
	var o tracebench.Options
	var asJSON, misses bool
	cmd := &cobra.Command{
		Use:   "trace",
		Short: "Count how often the wider search finds the right person",
		Long: `Count how often the hub's wider search finds the right person among synthetic ones: each search is for somebody who is there,
with one kind of mistake. The table has a line for each kind.`,
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if o.People < 1 || o.People > mostTraced || o.Queries < 1 {
				return usageError{fmt.Errorf("--people is a number from 1 to %d, --queries one from 1", mostTraced)}
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
			defer stop()
			if o.Folder == "" {
				folder, err := os.MkdirTemp("", "wardlight-trace-")
				if err != nil {
					return err
				}
				o.Folder = folder
				defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
			}
			o.Clock = env.now
			o.Tell = func(what string) { fmt.Fprintln(env.err, what) }
			if misses {
				o.Miss = func(m tracebench.Miss) {
					fmt.Fprintf(env.err, "%s: typed %q %q %s %s, is %q %q %s, rank %d, too many %t\n", m.Kind, m.Typed.Family, m.Typed.Given,
						m.Typed.Born.FHIR(), m.Typed.Postcode, m.Family, strings.Join(m.Given, " "), m.Born, m.Rank, m.TooMany)
				}
			}
			report, err := tracebench.Run(ctx, o)
			switch {
			case err != nil:
				return err
			case asJSON:
				return printJSON(env.out, report)
			}
			return report.Markdown(env.out)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&o.People, "people", 100_000, "how many people there are")
	flags.IntVar(&o.Queries, "queries", 10_000, "how many searches, over all kinds of mistake")
	flags.Uint64Var(&o.Seed, "seed", 1, "the same seed makes the same people and the same mistakes")
	flags.StringVar(&o.Folder, "folder", "", "where the people are kept, to be used again (default: a temporary folder)")
	flags.BoolVar(&misses, "misses", false, "say which searches did not find their person among the first five")
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
