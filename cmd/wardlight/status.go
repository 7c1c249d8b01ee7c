package main

import (
	"context"

	"github.com/spf13/cobra"
)

func newStatus(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Say whose sign-in is kept, in which role, until when, and for which card",
		Long: `Say whose sign-in 'wardlight login' keeps, in which role, until when, for which card, and where. The card is looked at as
every command does it; the hub is not asked, unless the card is another and the sign-in is ended.

The exit code is 0 when a sign-in is kept, 4 when none is, 7 when this computer has no keyring or it is locked.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.status(cmd.Context()) },
	}
}

func (a *app) status(ctx context.Context) error {
	p, err := a.newParts()
	if err != nil {
		return err
	}
	defer p.close(ctx)
	a.keyring = a.keyring.ForUnlocking()
	k, err := a.savedSessions(p).Find(ctx)
	if err != nil {
		return err
	}
	return a.showSavedSession("wardlight.status/1", k)
}
