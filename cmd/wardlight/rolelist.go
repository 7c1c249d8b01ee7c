package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"wardlight/internal/session"
	"wardlight/rbac"
)

// rolesDocument is the JSON document wardlight.roles/1.
type rolesDocument struct {
	Schema string      `json:"schema"`
	Person personPart  `json:"person"`
	Roles  []roleCheck `json:"roles"` // in the hub's order
}

func newRoleList(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "Sign in and list your roles, and all that each can do",
		Long: `Sign in and list your roles, their activity codes, and all that each can do. No patient is asked about. Whether one
of them is enough for the front door is what 'role check' says.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.signIn(cmd.Context(), func(_ context.Context, s *cardSession) error { return a.roleList(s.in) })
		},
	}
}

func (a *app) roleList(in session.SignedIn) error {
	if a.json {
		d := rolesDocument{Schema: "wardlight.roles/1", Person: partOfPerson(in.Person), Roles: []roleCheck{}}
		for _, r := range a.listedRoles(in) {
			d.Roles = append(d.Roles, checkOfRole(r, rbac.Actions()))
		}
		return a.print(d)
	}

	w := &lines{out: a.out}
	w.text("%s   UUID %s", in.Person.Name, in.Person.UUID)
	if len(in.Roles) == 0 {
		w.text("You have no role at all. %s", rbac.GrantedBy)
	}

	for _, r := range a.listedRoles(in) {
		w.text("")
		w.text("%s   %s (%s) at %s (%s)", r.URID, r.JobName, r.JobRoleCode(), r.OrgName, r.OrgODS)
		w.text("  codes: %s", orNone(strings.Join(codeNames(r.Activities), ", ")))
		for _, action := range rbac.Actions() {
			if d := rbac.Decide(r, action); d.Allowed {
				w.text("  may %s", action)
			} else {
				w.text("  may not %s: lacks %s", action, d.Lacks())
			}
		}
	}

	return w.err
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// codeDocument is the JSON document wardlight.activity-code/1.
type codeDocument struct {
	Schema     string         `json:"schema"`
	Code       string         `json:"code"`
	Name       string         `json:"name"`
	Kind       string         `json:"kind"`     // activity or job_role
	Alone      []string       `json:"alone"`    // actions that the code allows by itself
	Together   []togetherPart `json:"together"` // actions that the code allows together with others
	Includes   []string       `json:"includes"`
	IncludedIn []string       `json:"included_in"`
	GrantedBy  string         `json:"granted_by"`
}

// togetherPart is an action that also needs one code of each group, and one of the job roles if there are any.
type togetherPart struct {
	Action string     `json:"action"`
	With   [][]string `json:"with"`
	Jobs   []string   `json:"job_roles"`
}

func newRoleExplain(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "explain CODE",
		Short: "Say what an activity code such as B0107 allows, and who grants it",
		Long: `Say what an activity code such as B0107 allows: alone, together with which others, what it includes, and who grants
it. Neither card nor hub is needed. The exit code is 2 for a code that Wardlight does not know.`,
		Example: "  wardlight role explain B0107",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion,
			cobra.ShellCompDirective,
		) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return completion(codeChoices)(cmd, args, typed)
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &usageError{problem: "give one activity code", hint: "such as B0107; known are " + known()}
			}
			return a.explain(strings.ToUpper(strings.TrimSpace(args[0])))
		},
	}
}

func known() string {
	var codes []string
	for _, c := range rbac.Codes() {
		codes = append(codes, string(c))
	}
	return strings.Join(codes, ", ")
}

func (a *app) explain(code string) error {
	e := rbac.Explain(rbac.ActivityCode(code))
	d := codeDocument{
		Schema: "wardlight.activity-code/1", Code: code, Name: e.Code.Name(), Kind: "activity", Alone: []string{},
		Together: []togetherPart{},
		Includes: texts(e.Includes), IncludedIn: texts(e.IncludedIn), GrantedBy: rbac.GrantedBy,
	}

	job := rbac.JobName(code)
	switch {
	case job != "":
		d.Name, d.Kind = job, "job_role"
	case !e.Known:
		return &usageError{
			problem: fmt.Sprintf("Wardlight does not know the code %q", code),
			hint:    "it allows nothing here; known are " + known(),
		}
	}

	for _, action := range e.Alone {
		d.Alone = append(d.Alone, action.Name())
	}

	for _, c := range e.Together {
		part := togetherPart{Action: c.Action.Name(), With: [][]string{}, Jobs: append([]string{}, c.Jobs...)}
		for _, group := range c.With {
			part.With = append(part.With, texts(group))
		}
		d.Together = append(d.Together, part)
	}

	if a.json {
		return a.print(d)
	}

	w := &lines{out: a.out}
	w.text("%s   %s", d.Code, d.Name)
	if d.Kind == "job_role" {
		w.text("  a job role: by itself it allows nothing here; the activity codes granted with it do")
	}

	for _, action := range e.Alone {
		w.text("  alone: %s", action)
	}

	for _, c := range e.Together {
		groups := make([]string, len(c.With))
		for i, group := range c.With {
			groups[i] = strings.Join(codeNames(group), " or ")
		}
		if len(c.Jobs) > 0 {
			groups = append(groups, "the job role "+rbac.JobTitles(c.Jobs))
		}
		w.text("  with %s: %s", strings.Join(groups, " and "), c.Action)
	}

	if d.Kind == "job_role" {
		return w.err
	}

	if len(e.Alone)+len(e.Together) == 0 {
		w.text("  allows nothing here")
	}

	if len(e.Includes) > 0 {
		w.text("  includes %s", strings.Join(codeNames(e.Includes), ", "))
	}

	if len(e.IncludedIn) > 0 {
		w.text("  included in %s", strings.Join(codeNames(e.IncludedIn), ", "))
	}

	w.text("  %s", rbac.GrantedBy)
	return w.err
}

func texts(codes []rbac.ActivityCode) []string {
	out := []string{}
	for _, c := range codes {
		out = append(out, string(c))
	}
	return out
}
