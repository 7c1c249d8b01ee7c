package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"wardlight/internal/nhs"
	"wardlight/internal/recordsystem"
	"wardlight/internal/secretstore"
	"wardlight/rbac"
)

// flagStatusDocument is the JSON document wardlight.flag_status/1.
type flagStatusDocument struct {
	Schema  string     `json:"schema"`
	URL     string     `json:"url"`
	Name    string     `json:"name"`
	Token   bool       `json:"token"` // a token is stored
	Place   string     `json:"token_kept_in"`
	Waiting int        `json:"waiting"`
	Error   *errorPart `json:"error"` // why the pending flags cannot be read
}

// pendingDocument is the JSON document wardlight.flag_pending/1 and wardlight.flag_retry/1.
type pendingDocument struct {
	Schema string        `json:"schema"`
	Flags  []pendingPart `json:"flags"`
	Error  *errorPart    `json:"error"` // why the pending flags cannot be read
}

// pendingPart is a pending flag.
type pendingPart struct {
	ID       string  `json:"id"`
	Since    *string `json:"since"`
	Sentence string  `json:"sentence"` // reason; "" when the program ended before an answer
	Code     string  `json:"code"`
	Number   string  `json:"nhs_number,omitempty"` // only with --who
	AsOf     *string `json:"alert_as_of,omitempty"`
}

func newFlag(a *app) *cobra.Command {
	flag := &cobra.Command{
		Use:   "flag",
		Short: "Look after the flags in the site's record system",
		Long: `Look after the flags that 'f' on the screens sets in the site's own record system (record.url in the settings).

A flag says that there is a child protection alert, and nothing of a plan. One that could not be written is kept on this computer,
encrypted to a key in its keyring, until it is.`,
		Args: a.noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },

		SuggestionsMinimumDistance: 2,
	}

	flag.AddCommand(newFlagToken(a), &cobra.Command{
		Use:   "status",
		Short: "Say which record system is set, whether there is a token for it, and how many flags wait",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.flagStatus(cmd.Context()) },
	}, newFlagPending(a), &cobra.Command{
		Use:   "retry",
		Short: "Write the flags that are not yet written; says nothing of whose they are",
		Long: `Write the flags that are not yet written into the record system, the oldest first. No sign-in is needed: each says who set it.
A flag that the record system already has is not made again.

The exit code is 0 when none is left, and 8 when one is.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.flagRetry(cmd.Context()) },
	}, newFlagForget(a))

	return flag
}

func (a *app) flagStatus(ctx context.Context) error {
	c, flags, err := a.needFlags()
	if err != nil {
		return err
	}

	token, err := a.keyring.ForUnlocking().Get(ctx, secretstore.RecordToken(c.RecordURL))
	clear(token)
	if err != nil && secretstore.KindOf(err) != secretstore.NotFound {
		return err
	}

	waiting := flags.Pending(ctx)
	if a.json {
		d := flagStatusDocument{
			Schema: "wardlight.flag_status/1", URL: c.RecordURL, Name: flags.Name(), Token: err == nil,
			Place:   a.keyring.Name(),
			Waiting: len(waiting.Flags), Error: partOfError(waiting.Err),
		}
		return a.print(d)
	}

	w := &lines{out: a.out}
	w.text("%-20s %s at %s", "Record system", flags.Name(), c.RecordURL)
	if err == nil {
		w.text("%-20s stored in %s", "Token", a.keyring.Name())
	} else {
		w.text("%-20s none; store one with 'wardlight flag token'", "Token")
	}

	if waiting.Err != nil {
		w.text("%-20s cannot be read: %s", "Not yet written", waiting.Err)
	} else {
		w.text("%-20s %d", "Not yet written", len(waiting.Flags))
	}

	return w.err
}

func newFlagPending(a *app) *cobra.Command {
	var who bool
	cmd := &cobra.Command{
		Use:   "pending",
		Short: "List the flags that are not yet written; --who signs in and says whose they are",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, flags, err := a.needFlags()
			if err != nil {
				return err
			}
			show := func(ctx context.Context) error {
				return a.showPendingFlags("wardlight.flag_pending/1", flags.Pending(ctx), who)
			}
			if !who {
				return show(cmd.Context())
			}
			sees := func(rbac.RoleProfile) []rbac.Action { return []rbac.Action{rbac.SeeLamp} }
			return a.inRole(cmd.Context(), sees, func(ctx context.Context, _ *cardSession) error { return show(ctx) })
		},
	}

	cmd.Flags().BoolVar(&who, "who", false, "sign in, and show the NHS numbers")
	return cmd
}

func (a *app) flagRetry(ctx context.Context) error {
	_, flags, err := a.needFlags()
	if err != nil {
		return err
	}
	waiting := flags.Retry(ctx)
	if err := a.showPendingFlags("wardlight.flag_retry/1", waiting, false); err != nil {
		return err
	}
	switch {
	case waiting.Err != nil:
		return shownError{waiting.Err}
	case len(waiting.Flags) > 0:
		return shownError{exitError{errors.New("a flag is not yet written"), exitRecord}}
	}
	return nil
}

// showPendingFlags lists the pending flags, with the patients' numbers if who is set.
func (a *app) showPendingFlags(schema string, waiting recordsystem.PendingFlags, who bool) error {
	if a.json {
		d := pendingDocument{Schema: schema, Flags: []pendingPart{}, Error: partOfError(waiting.Err)}
		for _, k := range waiting.Flags {
			part := pendingPart{ID: k.ID, Since: instant(k.Since), Sentence: k.Reason, Code: k.Code}
			if who {
				part.Number, part.AsOf = k.Flag.Number.Digits(), instant(k.Flag.AsOf)
			}
			d.Flags = append(d.Flags, part)
		}
		return a.print(d)
	}

	w := &lines{out: a.out}
	if len(waiting.Flags) == 0 && waiting.Err == nil {
		w.text("All flags are written.")
	}

	for _, k := range waiting.Flags {
		whose := ""
		if who {
			whose = "  " + k.Flag.Number.String()
		}
		w.text("%s%s  kept since %s  %s", k.ID, whose, a.when(k.Since), pendingReason(k))
	}

	if waiting.Err != nil {
		w.text("What was kept cannot be read: %s", waiting.Err)
	}

	return w.err
}

func (a *app) when(t time.Time) string { return nhs.Instant(t, a.zone()) }

// pendingReason returns the reason why a flag is pending.
func pendingReason(k recordsystem.PendingFlag) string {
	if k.Code == "" {
		return "The program ended before there was an answer."
	}
	return fmt.Sprintf("%s (%s)", k.Reason, k.Code)
}

// forgottenDocument is wardlight.flag_forget/1.
type forgottenDocument struct {
	Schema   string `json:"schema"`
	Dropped  bool   `json:"dropped"`   // the flag with the ID: it will not be written
	SetAside string `json:"set_aside"` // the new name of the file that cannot be read; "" where none was
}

func newFlagForget(a *app) *cobra.Command {
	var unreadable bool
	cmd := &cobra.Command{
		Use:   "forget ID",
		Short: "Drop a flag that is not to be written any more",
		Long: `Drop the flag with the ID that 'wardlight flag pending' gives: it will not be written.

With --unreadable, what was kept and cannot be read gets another name, so that new flags can be kept.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if unreadable == (len(args) == 1) || len(args) > 1 {
				return &usageError{
					problem: "give one ID, or --unreadable",
					hint:    "wardlight flag pending lists the IDs",
				}
			}

			_, flags, err := a.needFlags()
			if err != nil {
				return err
			}

			w := &lines{out: a.out}
			if unreadable {
				aside, err := flags.SetAside(cmd.Context())
				if err != nil {
					return err
				}
				switch {
				case a.json:
					return a.print(forgottenDocument{Schema: "wardlight.flag_forget/1", SetAside: aside})
				case aside == "":
					w.text("Nothing is unreadable.")
				default:
					w.text("What cannot be read is now %s.", aside)
				}
				return w.err
			}

			found, err := flags.Forget(cmd.Context(), args[0])
			switch {
			case err != nil:
				return err
			case !found:
				return &usageError{
					problem: fmt.Sprintf("no flag with the ID %q waits", args[0]),
					hint:    "wardlight flag pending lists the IDs",
				}
			}

			if a.json {
				return a.print(forgottenDocument{Schema: "wardlight.flag_forget/1", Dropped: true})
			}

			w.text("Dropped. It will not be written.")
			return w.err
		},
	}

	cmd.Flags().BoolVar(&unreadable, "unreadable", false, "set aside what cannot be read")
	return cmd
}
