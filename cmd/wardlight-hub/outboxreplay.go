package main

import (
	"context"
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
		RunE: withStore(func(c *cobra.Command, args []string, ledger store.Store) error {
			n, err := ledger.Notification(c.Context(), args[0])
			switch {
			case errors.Is(err, store.ErrNotFound):
				return fmt.Errorf("%s: there is no such notification", args[0])
			case err != nil:
				return err
			case body && len(n.Body) == 0:
				return fmt.Errorf("%s: %s", args[0], wordBodyGone)
			case body:
				_, err := fmt.Fprintf(c.OutOrStdout(), "%s\n", n.Body)
				return err
			}
			return printNotifications(c.OutOrStdout(), []store.Notification{n})
		}),
	}

	c.Flags().BoolVar(&body, "body", false, "print the message, which names the child and the user")
	return c
}

func newOutboxReplay() *cobra.Command {
	var authority string
	var buried, undelivered bool
	c := &cobra.Command{
		Use:   "replay [ID]...",
		Short: "Send abandoned and undelivered notifications again",
		Long: `Send buried or undelivered notifications again: those with the given ids, or all with --all-buried and --all-undelivered,
optionally of one authority.

They keep their original order, before newer waiting notifications. The authority recognises a repetition by the message's id.`,
		RunE: withStore(func(c *cobra.Command, ids []string, ledger store.Store) error {
			all := buried || undelivered
			switch {
			case len(ids) == 0 && !all:
				return errors.New("no notifications given: use ids, or --all-buried or --all-undelivered, " +
					"optionally with --authority")
			case len(ids) > 0 && (all || authority != ""):
				return errors.New("ids cannot be combined with --all-buried, --all-undelivered and --authority")
			}

			for state, asked := range map[store.NotificationState]bool{
				store.Buried:      buried,
				store.Undelivered: undelivered,
			} {
				if !asked {
					continue
				}
				found, err := ledger.Notifications(c.Context(), store.NotificationQuery{
					Authority: authority,
					State:     state,
				})
				if err != nil {
					return err
				}
				for _, n := range found {
					ids = append(ids, n.ID)
				}
			}

			return replay(c, ledger, ids)
		}),
	}

	c.Flags().BoolVar(&buried, "all-buried", false, "all that were refused or abandoned")
	c.Flags().BoolVar(&undelivered, "all-undelivered", false, "all that MESH accepted but did not deliver")
	c.Flags().StringVar(&authority, "authority", "", "with one of these: only those of the authority with this code")
	return c
}

const wordBodyGone = "its message has been deleted (retention.notification_bodies)"

// notRevivedError returns an error with the reason why a notification could not be revived.
func notRevivedError(ctx context.Context, s store.Outbox, id string) error {
	if n, err := s.Notification(ctx, id); err == nil && len(n.Body) == 0 {
		return fmt.Errorf("%s: %s", id, wordBodyGone)
	}
	return fmt.Errorf("%s is neither buried nor undelivered, or there is no such notification", id)
}

// replay revives each notification and prints the result. It returns an error at the end if one could not be revived.
func replay(c *cobra.Command, s store.Outbox, ids []string) error {
	var failed error
	revived := 0
	for _, id := range ids {
		err := s.Revive(c.Context(), id, time.Now())
		switch {
		case errors.Is(err, store.ErrNotFound):
			failed = errors.Join(failed, notRevivedError(c.Context(), s, id))
		case err != nil:
			return errors.Join(failed, err)
		default:
			revived++
		}
	}
	fmt.Fprintf(c.OutOrStdout(), "%d will be sent again.\n", revived)
	return failed
}
