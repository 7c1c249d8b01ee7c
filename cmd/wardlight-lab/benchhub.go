package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"wardlight/internal/lab/hubbench"
)

// mostClients and mostAsked bound a bench of the hub.
const (
	mostClients = 256
	mostAsked   = 100_000
)

func newBenchHub(env environment) *cobra.Command {
	o := hubbench.Options{}
	var asJSON, asMarkdown bool
	var ledger string
	cmd := &cobra.Command{
		Use:   "hub",
		Short: "Measure searches, records, lamps and openings of the hub, beside the bare store",
		Long: `Measure the hub over SQLite on loopback, with every request's audit record on the disk before its answer: searches as asked and
allowing for mistakes, records, lamps and openings, by clients that sign in with cards of their own. Beside them, in turns,
the bare read of a record from the store, and a handler that answers a constant. Nobody is asked for twice while there are
people left. The time inside the handler is told with and without the wait for the commit.`,
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if o.People < 1 || o.People > mostTraced || o.Requests < 1 || o.Requests > mostAsked {
				return usageError{fmt.Errorf("--people is a number from 1 to %d, --requests one from 1 to %d", mostTraced, mostAsked)}
			}
			for _, c := range o.Clients {
				if c < 1 || c > mostClients {
					return usageError{fmt.Errorf("--clients are numbers from 1 to %d", mostClients)}
				}
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
			defer stop()
			if o.Folder == "" {
				folder, err := os.MkdirTemp("", "wardlight-hub-")
				if err != nil {
					return err
				}
				o.Folder = folder
				defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
			}
			if ledger == "" {
				ledger = o.Folder
			}
			var remove func() error
			if o.Ledger, remove, err = hubbench.EmptyFolder(ledger); err != nil {
				return err
			}
			defer func() { err = errors.Join(err, remove()) }()
			o.Clock = env.now
			o.Tell = func(what string) { fmt.Fprintln(env.err, what) }
			report, err := hubbench.Run(ctx, o)
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
	flags.IntVar(&o.Requests, "requests", 2000, "how many requests of a kind by so many clients")
	flags.IntSliceVar(&o.Clients, "clients", []int{1, 8, 64}, "how many clients at a time")
	flags.Uint64Var(&o.Seed, "seed", 1, "the same seed makes the same people")
	flags.StringVar(&o.Folder, "folder", "", "where the people are kept, to be used again (default: a temporary folder)")
	flags.StringVar(&ledger, "ledger", "", "a folder on the disk that is to hold the ledger meanwhile (default: the people's folder)")
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	flags.BoolVar(&asMarkdown, "markdown", false, "print the tables of docs/performance.md, as without it")
	return cmd
}
