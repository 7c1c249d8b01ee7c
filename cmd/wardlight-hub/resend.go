package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wardlight/hub/audit"
	"wardlight/hub/store"
)

// wordOthers stands for the authorities that are not on file. No authority's code has a bracket.
const wordOthers = "(not on file)"

// codeWord returns an authority's code for display.
func codeWord(code string) string {
	if code == "" {
		return wordOthers
	}
	return code
}

// Flags of authority resend and authority resent.
const (
	flagAll    = "all"
	flagOthers = "others"
	flagSince  = "since"
)

func newResend() *cobra.Command {
	var since string
	c := &cobra.Command{
		Use:   "resend [CODE]... --since TIME",
		Short: "Require authorities to send again what they sent since a time",
		Long: `Require authorities to send again what they sent since a time, because the databases no longer have it. 'wardlight-hub
restore' does this itself; use this command for a PostgreSQL database that was restored by its own tools, and for files that
were restored by hand.

Until 'wardlight-hub authority resent' confirms it for each authority, the hub does not answer checks of children without an
alert: terminals show "could not check".`,
		Example: "  wardlight-hub authority resend --all --since 2026-07-15T02:00:00Z",
		RunE: withStore(func(c *cobra.Command, codes []string, ledger store.Store) error {
			at, err := parseTimeFlag("--"+flagSince, since)
			switch {
			case err != nil:
				return err
			case at.IsZero():
				return errors.New("--since is when the backup was made, such as 2026-07-15T02:00:00Z")
			case at.After(time.Now()):
				return errors.New("--since is in the future")
			}

			if codes, err = whichAuthorities(c, codes, func() ([]string, error) {
				all, err := ledger.Authorities(c.Context())
				known := []string{""}
				for _, a := range all {
					known = append(known, a.Code)
				}
				return known, err
			}); err != nil {
				return err
			}

			for _, code := range codes {
				if code == "" {
					continue
				}
				if err := knownAuthority(c, ledger, code); err != nil {
					return err
				}
			}

			if err := changeResend(c.Context(), ledger, audit.AskPlansAgain, store.ResendChange{
				Authorities: codes,
				Since:       at,
			}, "since "+at.UTC().Format(time.RFC3339)); err != nil {
				return err
			}

			return sayResends(c, ledger)
		}),
	}

	c.Flags().StringVar(&since, flagSince, "", "when the backup was made: 2026-07-15, or 2026-07-15T02:00:00Z")
	c.Flags().Bool(flagAll, false, "every authority, and those that are not on file")
	c.Flags().Bool(flagOthers, false, "those that are not on file: they were added after the backup")
	return c
}

func newResent() *cobra.Command {
	c := &cobra.Command{
		Use:   "resent [CODE]...",
		Short: "Confirm that authorities have sent their plans again",
		Long: `Confirm that authorities have sent again what they sent since the backup that was restored. 'wardlight-hub authority list'
shows which authorities must do so.

Ask each of them first. When all are confirmed, the hub answers "none recorded" again for a child without a plan.`,
		Example: `  wardlight-hub authority resent V999
  wardlight-hub authority resent --others`,
		RunE: withStore(func(c *cobra.Command, codes []string, ledger store.Store) error {
			marked, err := ledger.Resends(c.Context())
			if err != nil {
				return err
			}

			var known []string
			for _, r := range marked {
				known = append(known, r.Authority)
			}

			if codes, err = whichAuthorities(c, codes, func() ([]string, error) { return known, nil }); err != nil {
				return err
			}

			for _, code := range codes {
				if !slices.Contains(known, code) {
					return fmt.Errorf("%s does not have to send anything again: 'wardlight-hub authority list' "+
						"shows which have to", codeWord(code))
				}
			}

			if len(codes) > 0 {
				if err := changeResend(c.Context(), ledger, audit.ConfirmPlansAgain,
					store.ResendChange{Authorities: codes}, ""); err != nil {
					return err
				}
			}

			return sayResends(c, ledger)
		}),
	}

	c.Flags().Bool(flagAll, false, "every authority that must send again, and those that are not on file")
	c.Flags().Bool(flagOthers, false, "those that are not on file: none exist, or they were added and have sent again")
	return c
}

// whichAuthorities returns the codes of the authorities that the command line selects.
func whichAuthorities(c *cobra.Command, codes []string, every func() ([]string, error)) ([]string, error) {
	all, err := c.Flags().GetBool(flagAll)
	if err != nil {
		return nil, err
	}
	others, err := c.Flags().GetBool(flagOthers)
	switch {
	case err != nil:
		return nil, err
	case all && (others || len(codes) > 0):
		return nil, errors.New("--all cannot be combined with codes or --others")
	case all:
		return every()
	case others:
		codes = append(codes, "")
	}
	if len(codes) == 0 {
		return nil, errors.New("no authority given: use codes, --others or --all")
	}
	return codes, nil
}

// changeResend changes which authorities must send their plans again. It writes one audit record for each authority,
// all in one transaction.
func changeResend(ctx context.Context, ledger store.Store, action string, change store.ResendChange,
	what string,
) error {
	entries := make([]*store.Entry, len(change.Authorities))
	for i, code := range change.Authorities {
		said := what
		if code == "" {
			said = strings.TrimSpace("authorities that are not on file " + what)
		}
		entries[i] = &store.Entry{
			Audit: store.AuditRecord{
				At: time.Now(), OrgODS: code, Action: action, Outcome: audit.Granted, Reason: operatorReason(said),
			},
			Change: &store.Change{Resend: &store.ResendChange{Authorities: []string{code}, Since: change.Since}},
		}
	}
	return audit.Store(ctx, ledger, entries...)
}

// sayResends prints which authorities must send their plans again.
func sayResends(c *cobra.Command, ledger store.Store) error {
	all, err := ledger.Resends(c.Context())
	if err != nil {
		return err
	}
	if len(all) == 0 {
		_, err := fmt.Fprintln(c.OutOrStdout(), "No authority has to send plans again.")
		return err
	}
	for _, r := range all {
		fmt.Fprintf(c.OutOrStdout(), "%s has to send again what it sent since %s.\n", codeWord(r.Authority),
			r.Since.UTC().Format(time.RFC3339))
	}
	_, err = fmt.Fprintln(c.OutOrStdout(), `Until all have, the hub answers "none recorded" for no child.`)
	return err
}

// logResends logs an alarm, at the start of a hub, for each authority that must send its plans again.
func logResends(ctx context.Context, ledger store.Plans, log *slog.Logger) error {
	all, err := ledger.Resends(ctx)
	for _, r := range all {
		log.ErrorContext(ctx, "ALARM: a backup was restored. Until this authority has sent again what it sent "+
			"since then, and "+
			"wardlight-hub authority resent confirms it, the hub does not answer alert checks that find no alert.",
			"authority", codeWord(r.Authority), "since", r.Since.UTC().Format(time.RFC3339))
	}
	return err
}
