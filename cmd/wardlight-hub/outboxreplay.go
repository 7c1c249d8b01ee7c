package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"wardlight/hub/store"
)

func newOutboxShow() *cobra.Command {
	var body bool
	c := &cobra.Command{
		Use:   "show ID",
		Short: "Show one notification",
		Args:  cobra.ExactArgs(1),
		RunE: withStore(func(c *cobra.Command, args []string, books store.Store) error {
			n, err := books.Notification(c.Context(), args[0])
			switch {
			case errors.Is(err, store.ErrNotFound):
				return fmt.Errorf("%s: there is no such notification", args[0])
			case err != nil:
				return err
			case body:
				_, err := fmt.Fprintf(c.OutOrStdout(), "%s\n", n.Body)
				return err
			}
			return printNotifications(c.OutOrStdout(), []store.Notification{n})
		}),
	}
	c.Flags().BoolVar(&body, "body", false, "print the message itself, which names the child and who looked")
	return c
}

func newOutboxReplay() *cobra.Command {
	var authority string
	var all bool
	c := &cobra.Command{
		Use:   "replay [ID]...",
		Short: "Try again what was given up",
		Long: `Try again what was given up: the notifications with these ids, or with --all-buried all of them, or all of one authority.

They take their old places, before what waits behind them. The authority tells a repetition by the message's id.`,
		RunE: withStore(func(c *cobra.Command, ids []string, books store.Store) error {
			switch {
			case len(ids) == 0 && !all:
				return errors.New("say which: name ids, or use --all-buried, perhaps with --authority")
			case len(ids) > 0 && (all || authority != ""):
				return errors.New("ids do not go with --all-buried and --authority")
			}
			if all {
				buried, err := books.Notifications(c.Context(), store.NotificationQuery{Authority: authority, State: store.Buried})
				if err != nil {
					return err
				}
				for _, n := range buried {
					ids = append(ids, n.ID)
				}
			}
			return replay(c, books, ids)
		}),
	}
	c.Flags().BoolVar(&all, "all-buried", false, "all that were given up")
	c.Flags().StringVar(&authority, "authority", "", "with --all-buried: only those of the authority with this code")
	return c
}

// replay revives each, says so, and fails at the end when one was not there to be revived.
func replay(c *cobra.Command, s store.Outbox, ids []string) error {
	var failed error
	revived := 0
	for _, id := range ids {
		err := s.Revive(c.Context(), id, time.Now())
		switch {
		case errors.Is(err, store.ErrNotFound):
			failed = errors.Join(failed, fmt.Errorf("%s was not given up, or there is no such notification", id))
		case err != nil:
			return errors.Join(failed, err)
		default:
			revived++
		}
	}
	fmt.Fprintf(c.OutOrStdout(), "%d will be tried again.\n", revived)
	return failed
}
