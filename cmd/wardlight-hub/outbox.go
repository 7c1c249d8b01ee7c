package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"wardlight/hub/store"
	sanitise "wardlight/internal/text"
)

func newOutbox() *cobra.Command {
	c := &cobra.Command{
		Use:   "outbox",
		Short: "List notifications to authorities, and send them again",
		Long: `List the notifications of openings, and send them again:

  waiting      not yet delivered; the hub is sending it or will try again
  delivered    accepted by the authority's system, the folder or MESH
  undelivered  accepted by MESH, which later reported that it could not deliver it, such as when nobody collected it within 5 days
  buried       refused permanently, or abandoned after a week

The hub may be running; it delivers replayed notifications within half a minute.`,
	}
	c.AddCommand(newOutboxList(), newOutboxShow(), newOutboxReplay())
	return c
}

func newOutboxList() *cobra.Command {
	var (
		q               store.NotificationQuery
		state, from, to string
		asJSON          bool
	)

	c := &cobra.Command{
		Use:   "list",
		Short: "List notifications, oldest first",
		Args:  cobra.NoArgs,
		RunE: withStore(func(c *cobra.Command, _ []string, ledger store.Store) (err error) {
			switch q.State = store.NotificationState(state); q.State {
			case "", store.Waiting, store.Delivered, store.Undelivered, store.Buried:
			default:
				return fmt.Errorf("--state is %s, %s, %s or %s, not %q", store.Waiting, store.Delivered,
					store.Undelivered, store.Buried, state)
			}

			if q.From, err = parseTimeFlag("--from", from); err != nil {
				return err
			}
			if q.To, err = parseTimeFlag("--to", to); err != nil {
				return err
			}

			all, err := ledger.Notifications(c.Context(), q)
			switch {
			case err != nil:
				return err
			case asJSON:
				return printNotifications(c.OutOrStdout(), all)
			default:
				return tableOf(c.OutOrStdout(), all)
			}
		}),
	}

	f := c.Flags()
	f.StringVar(&q.Authority, "authority", "", "only those of the authority with this code")
	f.StringVar(&state, "state", "", "only those that are waiting, delivered, undelivered or buried")
	f.StringVar(&from, "from", "", "only those created at or after this time: 2026-07-15, or 2026-07-15T13:00:00Z")
	f.StringVar(&to, "to", "", "only those created before this time")
	f.IntVar(&q.Limit, "limit", 0, "maximum number of rows (default: all)")
	f.BoolVar(&asJSON, "json", false, "print one JSON object per line")
	return c
}

// parseTimeFlag parses a date, meaning midnight UTC, or a time in RFC 3339 format. "" is the zero time.
func parseTimeFlag(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(form, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%s must be a day or a time, such as 2026-07-15 or 2026-07-15T13:00:00Z, not %q",
		flag, text)
}

// notified is a notification as printed. It contains no data about the child.
type notified struct {
	ID          string     `json:"id"`
	Authority   string     `json:"authority"`
	State       string     `json:"state"`
	Made        time.Time  `json:"made"`
	Attempts    int        `json:"attempts"`
	NextAttempt *time.Time `json:"next_attempt,omitempty"` // only while waiting
	Delivered   *time.Time `json:"delivered,omitempty"`
	Undelivered *time.Time `json:"undelivered,omitempty"`
	Buried      *time.Time `json:"buried,omitempty"`
	Receipt     string     `json:"receipt,omitempty"` // MESH's id of the accepted message
	Error       string     `json:"error,omitempty"`   // of the last attempt, or what MESH reported
}

func printed(n store.Notification) notified {
	p := notified{
		ID: n.ID, Authority: n.Authority, State: string(n.State()), Made: n.Created, Attempts: n.Attempts,
		Receipt: sanitise.Clean(n.Receipt, 0), Error: sanitise.Clean(n.LastError, 0),
	}
	switch n.State() {
	case store.Waiting:
		p.NextAttempt = &n.NextAttempt
	case store.Delivered:
		p.Delivered = &n.Delivered
	case store.Undelivered:
		p.Undelivered = &n.Undelivered
	case store.Buried:
		p.Buried = &n.Buried
	}
	return p
}

func printNotifications(w io.Writer, all []store.Notification) error {
	lines := json.NewEncoder(w)
	for _, n := range all {
		if err := lines.Encode(printed(n)); err != nil {
			return err
		}
	}
	return nil
}

func tableOf(w io.Writer, all []store.Notification) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(w, "There is no such notification.")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tAUTHORITY\tMADE\tSTATE\tATTEMPTS\tLAST ERROR")
	for _, n := range all {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%s\n", n.ID, n.Authority, n.Created.Format(time.RFC3339), n.State(),
			n.Attempts, sanitise.Clean(n.LastError, 0))
	}
	return t.Flush()
}
