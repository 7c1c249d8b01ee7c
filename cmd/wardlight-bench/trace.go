package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"wardlight/internal/bench/linkset"
	"wardlight/internal/bench/tracebench"
	"wardlight/internal/cli"
)

// countOrFile is a flag value that is a number or the name of a CSV file.
type countOrFile struct {
	count int
	file  string
}

// Set implements pflag.Value. A value that is not a number is a file name.
func (c *countOrFile) Set(value string) error {
	n, err := strconv.Atoi(value)
	if err != nil {
		n = 0
	}
	c.count, c.file = n, value
	if err == nil {
		c.file = ""
	}
	return nil
}

// String returns the value as given.
func (c *countOrFile) String() string {
	if c.file != "" {
		return c.file
	}
	return strconv.Itoa(c.count)
}

// Type returns the name of the value in the help.
func (c *countOrFile) Type() string { return "number or file" }

// traceBench holds the flags of the command.
type traceBench struct {
	peopleBench
	people, queries countOrFile
	columns, tie    string
	among, copies   int
	misses          bool
}

func newTrace(env environment) *cobra.Command {
	b := traceBench{people: countOrFile{count: 100_000}, queries: countOrFile{count: 10_000}}
	cmd := &cobra.Command{
		Use:   "trace",
		Short: "Count how often the wider search finds the right person",
		Long: `Count how often the hub's wider search finds the right person among synthetic ones: each search is for somebody who is there,
with one kind of mistake. The table has a line for each kind.

With files of CSV for --people and --queries, count it for other people's people, among synthetic ones: each query is a
corrupted copy of one of the people, which the column --same ties to its original (rec-7-dup-0 to rec-7-org, as in FEBRL's sets). One
file may have both. There is a table for names and birth date, and one with the postcode. For example:

  wardlight-bench trace --people people.csv --queries copies.csv --same rec_id \\
    --map family=surname,given=given_name,born=date_of_birth:yyyymmdd,postcode=postcode`,
		Args: cli.Exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if b.people.file != "" || b.queries.file != "" || b.copies > 0 {
				return b.others(cmd.Context(), env)
			}
			return b.synthetic(cmd.Context(), env)
		},
	}

	b.flags(cmd, "people and the same mistakes")
	flags := cmd.Flags()
	flags.Var(&b.people, "people", "number of people, or a CSV file of people")
	flags.Var(&b.queries, "queries", "number of searches over all kinds of mistake, or a CSV file of searches")
	flags.StringVar(&b.columns, "map", "", "columns of the files for each field, and the format of the birth date")
	flags.StringVar(&b.tie, "same", "", "the column of the files that links a query to its person")
	flags.IntVar(&b.among, "among", 100_000, "number of synthetic people besides those of the file")
	flags.IntVar(&b.copies, "copies", 0, "instead of files: generate this many people, born 1900 to 1999, and a "+
		"heavily corrupted copy of each")
	flags.BoolVar(&b.misses, "misses", false, "show the searches that did not find their person among the first "+
		"five; with files, first")
	return cmd
}

func (b *traceBench) synthetic(ctx context.Context, env environment) error {
	b.peopleBench.people = b.people.count
	if err := b.check(); err != nil {
		return err
	}
	if b.queries.count < 1 {
		return cli.UsageError{Err: errors.New("--queries must be a number from 1")}
	}
	o := tracebench.Options{People: b.people.count, Queries: b.queries.count, Seed: b.seed, Clock: env.now}
	if b.misses {
		o.Miss = func(m tracebench.Miss) {
			fmt.Fprintf(env.err, "%s: typed %q %q %s %s, is %q %q %s, rank %d, too many %t\n", m.Kind, m.Typed.Family,
				m.Typed.Given,
				m.Typed.Born.FHIR(), m.Typed.Postcode, m.Family, strings.Join(m.Given, " "), m.Born, m.Rank, m.TooMany)
		}
	}
	return b.run(ctx, env, func(ctx context.Context, report func(string)) (report, error) {
		o.Folder, o.Progress = b.folder, report
		return tracebench.Run(ctx, o)
	})
}

func (b *traceBench) others(ctx context.Context, env environment) error {
	o := tracebench.ExternalOptions{Among: b.among, Seed: b.seed, Clock: env.now}
	switch {
	case b.among < 0 || b.among > maxPeople:
		return cli.UsageError{Err: fmt.Errorf("--among must be a number from 0 to %d", maxPeople)}
	case b.copies < 0 || b.copies > maxPeople:
		return cli.UsageError{Err: fmt.Errorf("--copies must be a number from 1 to %d", maxPeople)}
	case b.copies > 0:
		o.Set = linkset.Synthetic(b.seed, b.copies)
	default:
		if err := b.read(&o); err != nil {
			return err
		}
	}

	if b.misses {
		o.Miss = func(pass string, m tracebench.Missed) {
			fmt.Fprintf(env.err, "%s: %s: typed %q %q %s %s, is %q %q %s %s, rank %d of %d\n", pass, m.Kind,
				m.Typed.Family, m.Typed.Given, m.Typed.Born.FHIR(),
				m.Typed.Postcode, m.Meant.Family, m.Meant.Given, m.Meant.Born.FHIR(), m.Meant.Postcode, m.Rank, m.Rows)
		}
	}

	return b.run(ctx, env, func(ctx context.Context, report func(string)) (report, error) {
		o.Folder, o.Progress = b.folder, report
		return tracebench.RunOthers(ctx, o)
	})
}

// read reads the files.
func (b *traceBench) read(o *tracebench.ExternalOptions) error {
	switch {
	case b.people.file == "" || b.queries.file == "":
		return cli.UsageError{Err: errors.New("--people and --queries must be two numbers or two files")}
	case b.columns == "" || b.tie == "":
		return cli.UsageError{Err: errors.New("files require --map and --same")}
	}
	columns, err := linkset.ParseColumns(b.columns, b.tie)
	if err != nil {
		return cli.UsageError{Err: fmt.Errorf("--map: %w", err)}
	}
	return o.Read(b.people.file, b.queries.file, columns)
}
