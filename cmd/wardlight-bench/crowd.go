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

// mostMade is how many people a bench makes at most: ten million need some 35 GB while they are put in order, and 25
// afterwards.
const mostMade = 10_000_000

// crowdBench is what the benches over synthetic people have in common: who they are, where they are kept, and how it
// is printed.
type crowdBench struct {
	people int
	seed   uint64
	folder string
	asJSON bool
}

// flags adds the flags but --people; seeded says what is the same with the same seed.
func (b *crowdBench) flags(cmd *cobra.Command, seeded string) {
	flags := cmd.Flags()
	flags.Uint64Var(&b.seed, "seed", 1, "the same seed makes the same "+seeded)
	flags.StringVar(&b.folder, "folder", "", "where the people are kept, to be used again (default: a temporary folder)")
	flags.BoolVar(&b.asJSON, "json", false, "print JSON")
}

// check refuses more people than can be made.
func (b *crowdBench) check() error {
	if b.people < 1 || b.people > mostMade {
		return cli.UsageError{Err: fmt.Errorf("--people is a number from 1 to %d", mostMade)}
	}
	return nil
}

// report is what a bench has measured.
type report interface {
	Markdown(out io.Writer) error
}

// run measures with the people's folder there, takes it away when it is a temporary one, and prints.
func (b *crowdBench) run(ctx context.Context, env environment, measure func(ctx context.Context, tell func(string)) (report, error)) (err error) {
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
