package main

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"wardlight/hub/audit"
	"wardlight/hub/notify"
	"wardlight/hub/store"
)

func newAuthority() *cobra.Command {
	c := &cobra.Command{
		Use:   "authority",
		Short: "Manage local authorities and their credentials",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newAuthorityAdd(), newAuthorityList(), newCredential(), newWebhookSecret(), newResend(), newResent())
	return c
}

// Flags of authority add.
const (
	flagName     = "name"
	flagOffice   = "office-phone"
	flagDuty     = "duty-phone"
	flagEndpoint = "endpoint"
)

func newAuthorityAdd() *cobra.Command {
	c := &cobra.Command{
		Use:   "add CODE",
		Short: "Add a local authority, or change its details",
		Long: `Add a local authority, or change its details. Details without a flag stay unchanged.

Clinicians see both phone numbers beside an alert. An authority cannot upload without the emergency duty team's number.`,
		Example: `  wardlight-hub authority add V999 --name "EXAMPLESHIRE COUNCIL" --office-phone 01632960101 \
    --duty-phone 01632960102 --endpoint https://la.example/cpis`,
		Args: cobra.ExactArgs(1),
		RunE: withSettingsAndStore(func(c *cobra.Command, args []string, s *settings, ledger store.Store) error {
			if !store.IsAuthorityCode(args[0]) {
				return fmt.Errorf(
					"%q is not a code of an authority: up to 20 letters, digits and hyphens, such as V999", args[0],
				)
			}

			a, err := ledger.Authority(c.Context(), args[0])
			known := !errors.Is(err, store.ErrNotFound)
			if known && err != nil {
				return err
			}

			a.Code = args[0]
			was := a
			for _, given := range []struct {
				flag string
				into *string
			}{
				{flagName, &a.Name},
				{flagOffice, &a.OfficePhone},
				{flagDuty, &a.DutyPhone},
				{flagEndpoint, &a.Endpoint},
			} {
				if f := c.Flags().Lookup(given.flag); f.Changed {
					*given.into = strings.TrimSpace(f.Value.String())
				}
			}

			if err := checkAuthority(a); err != nil {
				return err
			}

			did, action := "Added", audit.AddAuthority
			if known {
				did, action = "Changed", audit.ChangeAuthority
			}

			if err := commitChange(c.Context(), ledger, store.Change{Authority: &a}, action, a.Code,
				changesOf(was, a)); err != nil {
				return err
			}

			fmt.Fprintf(c.OutOrStdout(), "%s %s, %s.\n", did, a.Code, a.Name)
			if a.DutyPhone == "" {
				fmt.Fprintf(c.ErrOrStderr(), "wardlight-hub: hint: %s cannot upload without the emergency duty "+
					"team's phone: set --duty-phone\n", a.Code)
			}

			if why := s.deliverable()(a); why != nil {
				fmt.Fprintf(c.ErrOrStderr(), "wardlight-hub: hint: %s cannot be notified of accesses yet: %s\n", a.Code,
					why)
			}

			return nil
		}),
	}

	flags := c.Flags()
	flags.String(flagName, "", "the authority's name, as clinicians see it")
	flags.String(flagOffice, "", "phone in office hours")
	flags.String(flagDuty, "", "phone of the emergency duty team")
	flags.String(flagEndpoint, "", "URL that its notifications go to")
	return c
}

// changesOf describes the differences between two versions of an authority, with old and new values.
func changesOf(was, is store.Authority) string {
	var all []string
	for _, field := range []struct{ name, was, is string }{
		{flagName, was.Name, is.Name},
		{flagOffice, was.OfficePhone, is.OfficePhone},
		{flagDuty, was.DutyPhone, is.DutyPhone},
		{flagEndpoint, was.Endpoint, is.Endpoint},
	} {
		if field.was != field.is {
			all = append(all, fmt.Sprintf("%s %q to %q", field.name, field.was, field.is))
		}
	}
	return strings.Join(all, ", ")
}

func checkAuthority(a store.Authority) error {
	if a.Name == "" {
		return fmt.Errorf("%s has no name yet: set --name", a.Code)
	}
	if strings.ContainsFunc(a.Name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return fmt.Errorf("--name: it has unprintable characters")
	}
	for _, given := range []struct{ flag, phone string }{{flagOffice, a.OfficePhone}, {flagDuty, a.DutyPhone}} {
		if given.phone != "" && !store.IsPhone(given.phone) {
			return fmt.Errorf("--%s: %q is not a phone number, such as 01632 960101", given.flag, given.phone)
		}
	}
	if a.Endpoint != "" {
		if err := notify.CheckEndpoint(a.Endpoint); err != nil {
			return fmt.Errorf("--endpoint: %w: such as https://la.example/cpis, mesh:V999OT001 or file:V999", err)
		}
	}
	return nil
}

func newAuthorityList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the local authorities",
		Long: `List the local authorities. DELIVERY is "ready", or the reason why an authority cannot be notified of accesses with the
current settings. The command does not connect to the authorities' systems.`,
		Args: cobra.NoArgs,
		RunE: withSettingsAndStore(func(c *cobra.Command, _ []string, s *settings, ledger store.Store) error {
			all, err := ledger.Authorities(c.Context())
			if err != nil {
				return err
			}

			marked, err := ledger.Resends(c.Context())
			if err != nil {
				return err
			}

			again := make(map[string]string, len(marked))
			for _, r := range marked {
				again[r.Authority] = r.Since.UTC().Format(time.RFC3339)
			}

			t := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(t,
				"CODE\tNAME\tOFFICE PHONE\tDUTY PHONE\tENDPOINT\tDELIVERY\tCREDENTIALS\tTO SEND AGAIN SINCE")
			undeliverable := s.deliverable()
			for _, a := range all {
				delivery := "ready"
				if why := undeliverable(a); why != nil {
					delivery = why.Error()
				}

				credentials, err := ledger.Credentials(c.Context(), a.Code)
				if err != nil {
					return err
				}

				inUse := 0
				for _, credential := range credentials {
					if credential.Ended.IsZero() {
						inUse++
					}
				}

				fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\n", a.Code, a.Name, a.OfficePhone, a.DutyPhone,
					a.Endpoint, delivery, inUse, dashIfEmpty(again[a.Code]))
			}

			if since := again[""]; since != "" {
				fmt.Fprintf(t, "%s\t\t\t\t\t\t\t%s\n", wordOthers, since)
			}

			return t.Flush()
		}),
	}
}
