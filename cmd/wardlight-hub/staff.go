package main

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"wardlight/hub/store"
	"wardlight/rbac"
)

func newStaff() *cobra.Command {
	c := &cobra.Command{
		Use:   "staff",
		Short: "List people and their roles, and enrol their smartcards",
		Long:  `List people and their roles, and enrol their smartcards. 'wardlight-hub import' adds people and roles.`,
		Args:  cobra.NoArgs,
	}
	c.AddCommand(newStaffList(), newStaffShow(), newStaffCards(), newStaffEnrol())
	return c
}

func newStaffList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List people with their roles and activity codes",
		Args:  cobra.NoArgs,
		RunE: withStore(func(c *cobra.Command, _ []string, ledger store.Store) error {
			const page = 500
			after := ""
			t := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			for {
				people, err := ledger.Persons(c.Context(), after, page)
				if err != nil {
					return err
				}

				for _, p := range people {
					after = p.UUID
					if len(p.Roles) == 0 {
						fmt.Fprintf(t, "%s\t%s\tno role\n", p.UUID, fullName(p))
					}
					for _, r := range p.Roles {
						fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", p.UUID, fullName(p), r.URID, r.OrgODS,
							r.JobRoleCode(), codes(r))
					}
				}

				if len(people) < page {
					return t.Flush()
				}
			}
		}),
	}
}

func newStaffShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show UUID",
		Short: "Show a person, their roles, and what each role may do",
		Args:  cobra.ExactArgs(1),
		RunE: withStore(func(c *cobra.Command, args []string, ledger store.Store) error {
			p, err := ledger.Person(c.Context(), args[0])
			if errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("no person has the UUID %q; 'wardlight-hub staff list' lists all people", args[0])
			}
			if err != nil {
				return err
			}

			out := c.OutOrStdout()
			fmt.Fprintf(out, "%s  %s\n", p.UUID, fullName(p))
			enrolled, err := ledger.CertificatesOf(c.Context(), p.UUID)
			if err != nil {
				return err
			}

			for _, name := range enrolled {
				fmt.Fprintf(out, "certificate %s\n", certificateNameText(name))
			}

			if len(p.Roles) == 0 {
				fmt.Fprintln(out, "no role: can sign in, but has no permissions")
			}

			for _, r := range p.Roles {
				fmt.Fprintf(out, "\nrole %s\n  organisation  %s %s\n  job role      %s %s\n  codes         %s\n",
					r.URID, r.OrgODS, r.OrgName, r.JobRoleCode(), r.JobName, codes(r))
				for _, a := range rbac.Actions() {
					may := "may " + a.String()
					if d := rbac.Decide(r.RoleProfile, a); !d.Allowed {
						may = "may not " + a.String() + missing(d)
					}
					fmt.Fprintf(out, "  %s\n", may)
				}
			}

			return nil
		}),
	}
}

// missing returns the activity codes and the job role that the role lacks.
func missing(d rbac.Decision) string {
	all := make([]string, len(d.Missing))
	for i, code := range d.Missing {
		all[i] = string(code)
	}
	if len(d.MissingJobs) > 0 {
		all = append(all, "the job role "+strings.Join(d.MissingJobs, " or "))
	}
	return ": lacks " + strings.Join(all, " and ")
}

func fullName(p store.Person) string {
	return strings.TrimSpace(strings.Join([]string{p.Title, p.Given, p.Family}, " "))
}

func codes(r store.Role) string {
	all := make([]string, len(r.Activities))
	for i, code := range r.Activities {
		all[i] = string(code)
	}
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, " ")
}
