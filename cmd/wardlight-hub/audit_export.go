package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"wardlight/hub/audit"
)

// defaultSource is the default of --source, the name of the system that recorded the audit.
const defaultSource = "wardlight-hub"

// exporting holds the flags of audit export.
type exporting struct {
	out, from, to, source string
	since                 int64
}

func newAuditExport() *cobra.Command {
	var x exporting
	c := &cobra.Command{
		Use:   "export",
		Short: "Export the audit as FHIR R4 AuditEvents, one a line (NDJSON)",
		Long: `Export the audit as FHIR R4 AuditEvents, one per line (NDJSON). The hub may be running.

The export names patients, so it is written only to a new file that only its owner can read (--out), or to a pipe, never to
a terminal.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := load(c)
			if err != nil {
				return err
			}
			return x.run(c.Context(), s, c.OutOrStdout(), c.ErrOrStderr())
		},
	}

	f := c.Flags()
	f.StringVar(&x.out, "out", "", "file to write, which must not exist yet (default: standard output)")
	f.StringVar(&x.from, "from", "", "no record before this: 2026-07-15, or 2026-07-15T13:00:00Z (a day begins at "+
		"midnight UTC)")
	f.StringVar(&x.to, "to", "", "only records before this")
	f.Int64Var(&x.since, "since-seq", 0, "only records after this one")
	f.StringVar(&x.source, "source", defaultSource, "the name of the recording system in the export")
	return c
}

func (x exporting) run(ctx context.Context, s *settings, out, log io.Writer) error {
	e := audit.Export{Since: x.since, Source: x.source}
	var err error
	if e.From, err = readInstant("--from", x.from); err != nil {
		return err
	}
	if e.To, err = readInstant("--to", x.to); err != nil {
		return err
	}
	if x.since < 0 {
		return errors.New("--since-seq must be the number of a record")
	}
	if f, ok := out.(*os.File); ok && x.out == "" && term.IsTerminal(int(f.Fd())) {
		return errors.New("an export names patients and is not written to a terminal: use --out FILE, or a pipe")
	}

	ledger, err := openAudit(ctx, s)
	if err != nil {
		return err
	}
	defer ledger.Close() //nolint:errcheck // it was only read
	if x.out == "" {
		return x.write(ctx, e, ledger, out, log)
	}

	f, err := os.OpenFile(x.out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	if err := errors.Join(x.write(ctx, e, ledger, f, log), f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(x.out)) // an incomplete export could be mistaken for a complete one
	}

	return nil
}

func (exporting) write(ctx context.Context, e audit.Export, ledger audit.Trail, out, log io.Writer) error {
	w := bufio.NewWriter(out)
	n, err := e.Write(ctx, ledger, w)
	if err := errors.Join(err, w.Flush()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(log, "%d records.\n", n)
	return err
}

// readInstant parses a date or a time in RFC 3339 format. "" is the zero time.
func readInstant(flag, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(form, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%s %q is neither a day such as 2026-07-15 nor an instant such as "+
		"2026-07-15T13:00:00Z", flag, s)
}
