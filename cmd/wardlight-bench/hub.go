package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"wardlight/internal/bench/hubbench"
	"wardlight/internal/cli"
	"wardlight/internal/lab/postgres"
)

// Limits of the hub benchmark: clients and requests.
const (
	maxClients     = 256
	maxHubRequests = 100_000
)

func newHub(env environment) *cobra.Command {
	var b peopleBench
	var o hubbench.Options
	var asMarkdown, onPostgres bool
	var ledger string
	cmd := &cobra.Command{
		Use:   "hub",
		Short: "Measure searches, records, lamps and openings of the hub, and compare with the store alone",
		Long: `Measure the hub over SQLite on loopback, with every request's audit record on the disk before its answer: searches as asked and
allowing for mistakes, records, lamps and openings, by clients that sign in with cards of their own. Beside them, in turns,
the bare read of a record from the store, and a handler that answers a constant. Nobody is asked for twice while there are
people left. The time inside the handler is shown with and without the wait for the commit.

--beside measures lamps and exact traces instead, by one client, alone and beside what else a hub does: eight searches that scan,
files of 20,000 plans, revocation lists of 10,000 entries, and all of them. Each goes on all the while, one after another.

--postgres measures the same afterwards with people and ledger in a private PostgreSQL that writes to the disk, and compares the
requests a second.`,
		Args: cli.Exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := b.check(); err != nil {
				return err
			}
			if o.Requests < 1 || o.Requests > maxHubRequests {
				return cli.UsageError{Err: fmt.Errorf("--requests must be a number from 1 to %d", maxHubRequests)}
			}

			for _, c := range o.Clients {
				if c < 1 || c > maxClients {
					return cli.UsageError{Err: fmt.Errorf("--clients must be numbers from 1 to %d", maxClients)}
				}
			}

			return b.run(cmd.Context(), env, func(ctx context.Context, report func(string)) (_ report, err error) {
				o.People, o.Seed, o.Folder, o.Clock, o.Progress = b.people, b.seed, b.folder, env.now, report
				if ledger == "" {
					ledger = o.Folder
				}

				var remove func() error
				if o.Ledger, remove, err = hubbench.EmptyFolder(ledger); err != nil {
					return nil, err
				}
				defer func() { err = errors.Join(err, remove()) }()
				first, err := hubbench.Run(ctx, o)
				if err != nil || !onPostgres {
					return first, err
				}

				server, err := postgres.Start(ctx, postgres.Options{Durable: true})
				if err != nil {
					return nil, err
				}
				defer server.Stop()
				if o.Postgres, err = server.Database(ctx); err != nil {
					return nil, err
				}

				second, err := hubbench.Run(ctx, o)
				return hubbench.Reports{first, second}, err
			})
		},
	}

	b.flags(cmd, "people")
	flags := cmd.Flags()
	flags.IntVar(&b.people, "people", 100_000, "number of people")
	flags.IntVar(&o.Requests, "requests", 2000, "number of requests of each kind, for each number of clients")
	flags.IntSliceVar(&o.Clients, "clients", []int{1, 8, 64}, "numbers of concurrent clients")
	flags.StringVar(&ledger, "ledger", "", "a folder on the disk for the ledger during the run (default: the "+
		"people's folder)")
	flags.BoolVar(&o.Beside, "beside", false, "instead, measure lamp and exact trace during scans, an upload and a "+
		"revocation list")
	flags.BoolVar(&onPostgres, "postgres", false, "also measure on a private PostgreSQL")
	flags.BoolVar(&asMarkdown, "markdown", false, "print the tables of docs/performance.md (the default)")
	return cmd
}
