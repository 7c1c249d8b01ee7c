package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wardlight/hub/audit"
	"wardlight/hub/identity"
	"wardlight/hub/store"
)

func newStaffCards() *cobra.Command {
	return &cobra.Command{
		Use:   "cards UUID",
		Short: "List the smartcards that a person has signed in with, and how to revoke each",
		Long: `List the smartcards that a person has signed in with, the last used first, each with the command that revokes it.

The list is read from the audit, which takes time if the audit is long. It does not include sign-ins in sealed records.`,
		Args: cobra.ExactArgs(1),
		RunE: withStore(func(c *cobra.Command, args []string, ledger store.Store) error {
			return showCards(c.Context(), c.OutOrStdout(), ledger, args[0])
		}),
	}
}

// cardUsed is a card that a person has signed in with.
type cardUsed struct {
	store.Certificate
	last time.Time
}

func showCards(ctx context.Context, out io.Writer, ledger store.Store, uuid string) error {
	if _, err := ledger.Person(ctx, uuid); errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("no person has the UUID %q; 'wardlight-hub staff list' lists all people", uuid)
	} else if err != nil {
		return err
	}

	all, err := cardsUsed(ctx, ledger, uuid)
	if err != nil {
		return err
	}

	for _, card := range all {
		state := "revoke it with:"
		revoked, err := ledger.CertificateRevoked(ctx, card.Certificate)
		switch {
		case err != nil:
			return err
		case revoked:
			state = "it is revoked; to lift the revocation:"
		}

		fmt.Fprintf(out, "%s\n  last sign-in %s; %s\n  wardlight-hub revoke --serial %s --issuer '%s'",
			certificateText(card.Certificate), card.last.UTC().Format(time.DateTime), state, card.Serial,
			strings.ReplaceAll(card.Issuer, "'", `'\''`))

		if revoked {
			fmt.Fprint(out, " --lift")
		}

		fmt.Fprintln(out)
	}

	if len(all) == 0 {
		_, err = fmt.Fprintln(out, "No sign-in of this person is on record with a certificate.")
	}

	return err
}

// cardsUsed returns the cards that a person has signed in with, according to the audit, most recent first.
func cardsUsed(ctx context.Context, ledger audit.Trail, uuid string) ([]cardUsed, error) {
	last := make(map[store.Certificate]time.Time)
	err := ledger.AuditTrail(ctx, 1, func(r store.AuditRecord) error {
		if r.Action != audit.SignIn || r.Outcome != audit.Granted || r.Person != uuid {
			return nil
		}
		if c, ok := identity.ParseDescribed(r.Reason); ok && r.At.After(last[c]) {
			last[c] = r.At
		}
		return nil
	})
	all := make([]cardUsed, 0, len(last))
	for c, at := range last {
		all = append(all, cardUsed{c, at})
	}
	slices.SortFunc(all, func(a, b cardUsed) int { return b.last.Compare(a.last) })
	return all, err
}
