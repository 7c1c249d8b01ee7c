package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"wardlight/internal/bench/growthbench"
	"wardlight/internal/cli"
)

// maxRequests is the maximum number of requests with which a ledger is filled.
const maxRequests = 50_000_000

func newGrowth(env environment) *cobra.Command {
	var b peopleBench
	var o growthbench.Options
	cmd := &cobra.Command{
		Use:   "growth",
		Short: "Measure how the hub's ledger grows, and how long it takes to restore",
		Long: `Fill a ledger in SQLite with what requests leave, through the store's own commit, deliver its notifications and prune it day
by day, as a hub does; measure what is left of it when it is pruned and sealed, and how long backup, restore and sealing take;
and work out from that how large it is after five years.`,
		Args: cli.Exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Requests < 1 || o.Requests > maxRequests || o.PerDay < 1 || o.PerDay > maxRequests {
				return cli.UsageError{Err: fmt.Errorf("--requests and --per-day must be numbers from 1 to %d",
					maxRequests)}
			}
			return b.run(cmd.Context(), env, func(ctx context.Context, report func(string)) (report, error) {
				o.Folder, o.Clock, o.Progress = b.folder, env.now, report
				return growthbench.Run(ctx, o)
			})
		},
	}

	flags := cmd.Flags()
	flags.IntVar(&o.Requests, "requests", 200_000, "number of requests that fill the ledger")
	flags.IntVar(&o.PerDay, "per-day", 20_000, "number of requests a day")
	flags.StringVar(&b.folder, "folder", "",
		"an empty folder for ledger, backup and restored files, which are not deleted (default: a temporary folder)")
	flags.BoolVar(&b.asJSON, "json", false, "print JSON")
	return cmd
}
