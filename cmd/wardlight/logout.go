package main

import (
	"context"

	"github.com/spf13/cobra"
)

// logoutDocument is the JSON document wardlight.logout/1.
type logoutDocument struct {
	Schema    string `json:"schema"`
	SignedOut bool   `json:"signed_out"` // false when there was no saved sign-in
	Revoked   bool   `json:"revoked"`    // the hub has ended the session; otherwise it expires there
}

func newLogout(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "logout",
		Short: "End the sign-in that 'wardlight login' keeps",
		Long: `End the sign-in that 'wardlight login' keeps: at the hub, and in this computer's keyring. No card is needed.

The exit code is 0 when nothing is kept any more. Where the hub could not be told, it ends the session by itself.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.logout(cmd.Context()) },
	}
}

func (a *app) logout(ctx context.Context) error {
	p, err := a.newParts()
	if err != nil {
		return err
	}
	defer p.close(ctx)
	d := logoutDocument{Schema: "wardlight.logout/1"}
	if d.SignedOut, d.Revoked, err = a.savedSessions(p).Forget(ctx); err != nil {
		return err
	}
	if a.json {
		return a.print(d)
	}

	w := &lines{out: a.out}
	switch {
	case !d.SignedOut:
		w.text("No sign-in was kept.")
	case d.Revoked:
		w.text("Signed out.")
	default:
		w.text("Signed out here. The hub could not be told; it ends the session by itself.")
	}

	return w.err
}
