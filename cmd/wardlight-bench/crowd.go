package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"wardlight/internal/cli"

	"github.com/spf13/cobra"
)

// maxPeople is the maximum number of people. Ten million need about 35 GB of memory during sorting and 25 GB
// afterwards.
const maxPeople = 10_000_000

// peopleBench contains the options that the benchmarks with synthetic people share: the people, their folder, and the
// output format.
type peopleBench struct {
	people int
	seed   uint64
	folder string
	asJSON bool
}

// flags defines all flags except --people. seeded describes what --seed reproduces.
func (b *peopleBench) flags(cmd *cobra.Command, seeded string) {
	flags := cmd.Flags()
	flags.Uint64Var(&b.seed, "seed", 1, "the same seed generates the same "+seeded)
	flags.StringVar(&b.folder, "folder", "", "folder that stores the people for later runs (default: a temporary "+
		"folder)")
	flags.BoolVar(&b.asJSON, "json", false, "print JSON")
}

// check rejects more than maxPeople people.
func (b *peopleBench) check() error {
	if b.people < 1 || b.people > maxPeople {
		return cli.UsageError{Err: fmt.Errorf("--people is a number from 1 to %d", maxPeople)}
	}
	return nil
}

// report is the result of a benchmark.
type report interface {
	Markdown(out io.Writer) error
}

// run creates the people's folder, measures, removes the folder if it is a temporary one, and prints the report.
func (b *peopleBench) run(ctx context.Context, env environment,
	measure func(ctx context.Context, report func(string)) (report, error),
) (err error) {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if b.folder == "" {
		if b.folder, err = os.MkdirTemp("", "wardlight-people-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(b.folder)) }()
	}
	r, err := measure(ctx, func(what string) { fmt.Fprintln(env.err, what) })
	switch {
	case err != nil:
		return err
	case b.asJSON:
		return cli.PrintJSON(env.out, r)
	}
	return r.Markdown(env.out)
}
