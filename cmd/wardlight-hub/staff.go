package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"wardlight/hub/staff"
	"wardlight/hub/store"
	"wardlight/rbac"
)

func newStaff() *cobra.Command {
	c := &cobra.Command{
		Use:   "staff",
		Short: "Import and show who may sign in, and in which roles",
		Args:  cobra.NoArgs,
	}
	c.AddCommand(newStaffImport(), newStaffList(), newStaffShow())
	return c
}

// withStore runs a command on the books that the settings name.
func withStore(do func(c *cobra.Command, args []string, books store.Store) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		s, err := load(c)
		if err != nil {
			return err
		}
		books, err := openStore(c.Context(), s)
		if err != nil {
			return err
		}
		return errors.Join(do(c, args, books), books.Close())
	}
}

func newStaffImport() *cobra.Command {
	return &cobra.Command{
		Use:   "import FILE",
		Short: "Put people and roles from FHIR NDJSON",
		Long: `Put people and roles from a file of FHIR R4 Practitioner and PractitionerRole, one a line (docs/identity.md); - is the standard input.

A line that cannot be used is told and skipped. The same file may be put again: it changes nothing the second time. The hub may run
meanwhile, and knows what is new at its next request.`,
		Args: cobra.ExactArgs(1),
		RunE: withStore(func(c *cobra.Command, args []string, books store.Store) error {
			from := c.InOrStdin()
			if args[0] != "-" {
				f, err := os.Open(args[0])
				if err != nil {
					return err
				}
				defer f.Close() //nolint:errcheck // it was only read
				from = f
			}
			return importStaff(c.Context(), books, from, c.OutOrStdout(), c.ErrOrStderr())
		}),
	}
}

// longestLine is how long a line may be to be told as too long, and not as the end of the file.
const longestLine = 1 << 20

// importStaff puts each line. The error is the store's, or says how many lines were skipped.
func importStaff(ctx context.Context, books store.Store, from io.Reader, out, told io.Writer) error {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, longestLine)
	n, put, skipped := 0, 0, 0
	for lines.Scan() {
		n++
		text := lines.Bytes()
		if len(strings.TrimSpace(string(text))) == 0 {
			continue
		}
		l, err := staff.Parse(text)
		if err == nil {
			err = l.Put(ctx, books)
		}
		var bad *staff.LineError
		switch {
		case err == nil:
			put++
		case errors.As(err, &bad), errors.Is(err, staff.ErrUnknownPerson):
			skipped++
			fmt.Fprintf(told, "line %d: %s\n", n, err)
		default:
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("after line %d: %w", n, err)
	}
	fmt.Fprintf(out, "%d lines put, %d skipped\n", put, skipped)
	if skipped > 0 {
		return fmt.Errorf("%d of %d lines were skipped; mend them and put the file again", skipped, n)
	}
	return nil
}

func newStaffList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List people with their roles and activity codes",
		Args:  cobra.NoArgs,
		RunE: withStore(func(c *cobra.Command, _ []string, books store.Store) error {
			const page = 500
			after := ""
			t := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			for {
				people, err := books.Persons(c.Context(), after, page)
				if err != nil {
					return err
				}
				for _, p := range people {
					after = p.UUID
					if len(p.Roles) == 0 {
						fmt.Fprintf(t, "%s\t%s\tno role\n", p.UUID, fullName(p))
					}
					for _, r := range p.Roles {
						fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", p.UUID, fullName(p), r.URID, r.OrgODS, r.JobRoleCode(), codes(r))
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
		RunE: withStore(func(c *cobra.Command, args []string, books store.Store) error {
			p, err := books.Person(c.Context(), args[0])
			if errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("the hub knows nobody with the UUID %q; 'wardlight-hub staff list' lists everybody", args[0])
			}
			if err != nil {
				return err
			}
			out := c.OutOrStdout()
			fmt.Fprintf(out, "%s  %s\n", p.UUID, fullName(p))
			if len(p.Roles) == 0 {
				fmt.Fprintln(out, "no role: signs in, and can do nothing")
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

// missing are the codes that would have to be granted.
func missing(d rbac.Decision) string {
	all := make([]string, len(d.Missing))
	for i, code := range d.Missing {
		all[i] = string(code)
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
