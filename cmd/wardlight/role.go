package main

import (
	"context"

	"github.com/spf13/cobra"

	"wardlight/client"
	"wardlight/internal/session"
	"wardlight/rbac"
)

// roleDocument is the JSON document wardlight.role/1.
type roleDocument struct {
	Schema string      `json:"schema"`
	Person personPart  `json:"person"`
	Roles  []roleCheck `json:"roles"` // in the hub's order
	Error  *errorPart  `json:"error"` // why no role is usable; null when one is
}

type personPart struct {
	UUID string `json:"uuid"`
	Name string `json:"name"`
}

// roleCheck is a role with the decision for each action.
type roleCheck struct {
	rolePart
	Actions []actionPart `json:"actions"`
}

type actionPart struct {
	Action  string   `json:"action"`
	Allowed bool     `json:"allowed"`
	Missing []string `json:"missing"`
	Jobs    []string `json:"missing_job_roles"` // one of them is needed
	Reason  string   `json:"reason"`
}

func newRole(a *app) *cobra.Command {
	role := &cobra.Command{
		Use:   "role",
		Short: "Look at what your roles may do",
		Args:  a.noSuchCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },

		SuggestionsMinimumDistance: 2,
	}

	role.AddCommand(&cobra.Command{
		Use:   "check",
		Short: "Sign in and say what each role may do, and which activity code is missing where",
		Long: `Sign in and say what each role may do, and which activity code is missing where. No patient is asked about.

With --role only that role is looked at. The exit code is 4 when none of them can trace, see the lamp and open.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.signIn(cmd.Context(), func(_ context.Context, s *cardSession) error { return a.roleCheck(s.in) })
		},
	})

	role.AddCommand(newRoleList(a), newRoleExplain(a))
	return role
}

func (a *app) roleCheck(in session.SignedIn) error {
	why := a.unusable(in)
	show := a.showRoles
	if a.json {
		show = a.printRoles
	}
	if err := show(in, why); err != nil {
		return err
	}
	if why != nil {
		return shownError{why}
	}
	return nil
}

// unusable returns an error if no role is usable. Several usable roles are no error here.
func (a *app) unusable(in session.SignedIn) error {
	if a.role == "" && len(in.Usable) > 0 {
		return nil
	}
	_, err := session.ChooseRole(in, a.role, rbac.MainActions)
	return err
}

// listedRoles returns the roles to report on.
func (a *app) listedRoles(in session.SignedIn) []rbac.RoleProfile {
	if a.role == "" {
		return in.Roles
	}
	for _, r := range in.Roles {
		if r.URID == a.role {
			return []rbac.RoleProfile{r}
		}
	}
	return nil
}

func (a *app) showRoles(in session.SignedIn, _ error) error {
	w := &lines{out: a.out}
	w.text("%s   UUID %s", in.Person.Name, in.Person.UUID)
	for _, r := range a.listedRoles(in) {
		w.text("")
		w.text("%s   %s at %s (%s)", r.URID, r.JobName, r.OrgName, r.OrgODS)
		lacks := false
		for _, action := range checkedActions(r) {
			d := rbac.Decide(r, action)
			if d.Allowed {
				w.text("  may %s", action)
				continue
			}
			lacks = true
			w.text("  may not %s: lacks %s", action, d.Lacks())
		}
		if lacks {
			w.text("  %s", rbac.GrantedBy)
		}
	}
	return w.err
}

// checkedActions returns the actions that a check reports on: the main ones, and viewing a Summary Care Record. A role
// is usable without the last one.
func checkedActions(r rbac.RoleProfile) []rbac.Action {
	return append(rbac.MainActions(r), rbac.ReadSummary)
}

// codeNames returns activity codes with their names in the national database.
func codeNames(codes []rbac.ActivityCode) []string {
	names := make([]string, len(codes))
	for i, c := range codes {
		names[i] = string(c) + " (" + c.Name() + ")"
	}
	return names
}

func (a *app) printRoles(in session.SignedIn, why error) error {
	d := roleDocument{Schema: "wardlight.role/1", Person: partOfPerson(in.Person), Roles: []roleCheck{}}
	for _, r := range a.listedRoles(in) {
		d.Roles = append(d.Roles, checkOfRole(r, checkedActions(r)))
	}
	if why != nil {
		part := errorOf(why)
		d.Error = &part
	}
	return a.print(d)
}

func partOfPerson(p client.Person) personPart { return personPart{UUID: p.UUID, Name: p.Name} }
