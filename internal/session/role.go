package session

import (
	"fmt"
	"slices"
	"strings"

	"wardlight/client"
	"wardlight/rbac"
)

// Only returns the role that is used without asking: the only usable one. It reports false if there are several or
// none.
func (in SignedIn) Only() (rbac.RoleProfile, bool) {
	if len(in.Usable) != 1 {
		return rbac.RoleProfile{}, false
	}
	return in.Usable[0], true
}

// ChooseRole returns the role to act in, for a caller that can't ask the user. With a urid it returns that role.
// Otherwise it returns the only usable role that allows all actions in needs or, if there is none, the only role that
// does.
//
// Errors are *client.Error of kind NotAllowed: no role is sufficient (with the missing codes), or several are and no
// urid was passed. No request is sent.
func ChooseRole(in SignedIn, urid string, needs func(rbac.RoleProfile) []rbac.Action) (rbac.RoleProfile, error) {
	if urid != "" {
		i := slices.IndexFunc(in.Roles, func(r rbac.RoleProfile) bool { return r.URID == urid })
		if i < 0 {
			return rbac.RoleProfile{}, &client.Error{
				Kind:   client.NotAllowed,
				Detail: "You do not have the role that --role names. " + roleList("Yours are", in.Roles),
			}
		}
		return in.Roles[i], lacks(in.Roles[i], needs)
	}

	unfit := func(r rbac.RoleProfile) bool { return lacks(r, needs) != nil }
	fitting := slices.DeleteFunc(slices.Clone(in.Usable), unfit)
	if len(fitting) == 0 {
		fitting = slices.DeleteFunc(slices.Clone(in.Roles), unfit)
	}

	switch {
	case len(fitting) == 1:
		return fitting[0], nil
	case len(fitting) > 1:
		return rbac.RoleProfile{}, &client.Error{
			Kind:   client.NotAllowed,
			Detail: roleList("Several roles fit: name one with --role.", fitting),
		}
	case len(in.Roles) == 0:
		return rbac.RoleProfile{}, &client.Error{Kind: client.NotAllowed, Detail: "You have no role at all."}
	case len(in.Roles) == 1:
		return rbac.RoleProfile{}, lacks(in.Roles[0], needs)
	}

	nearest := slices.MinFunc(in.Roles, func(a, b rbac.RoleProfile) int {
		return len(missingCodes(a, needs)) - len(missingCodes(b, needs))
	})

	e := shortfall(nearest, needs) // not nil, because no role is sufficient
	e.Detail = fmt.Sprintf("None of your %d roles may do this. %s, nearest to it: %s", len(in.Roles), nearest.JobName,
		e.Detail)
	return rbac.RoleProfile{}, e
}

// lacks returns nil if the role allows all actions in needs, and otherwise a *client.Error with the missing codes.
func lacks(r rbac.RoleProfile, needs func(rbac.RoleProfile) []rbac.Action) error {
	if e := shortfall(r, needs); e != nil {
		return e
	}
	return nil
}

// shortfall returns an error about the first action that the role does not allow, with all missing codes. It returns
// nil if the role allows all actions.
func shortfall(r rbac.RoleProfile, needs func(rbac.RoleProfile) []rbac.Action) *client.Error {
	for _, action := range needs(r) {
		if d := rbac.Decide(r, action); !d.Allowed {
			e := NotAllowed(d)
			e.Missing = missingCodes(r, needs)
			return e
		}
	}
	return nil
}

// missingCodes returns the activity codes for needs that the role lacks, without duplicates.
func missingCodes(r rbac.RoleProfile, needs func(rbac.RoleProfile) []rbac.Action) []string {
	var codes []string
	for _, c := range rbac.MissingCodes(r, needs(r)...) {
		codes = append(codes, string(c))
	}
	return codes
}

// roleList returns head followed by the roles: "Yours are: 999000000222 Nurse Access Role at EXAMPLE GENERAL HOSPITAL;
// ...".
func roleList(head string, roles []rbac.RoleProfile) string {
	lines := make([]string, len(roles))
	for i, r := range roles {
		lines[i] = fmt.Sprintf("%s %s at %s", r.URID, r.JobName, r.OrgName)
	}
	return strings.TrimSuffix(head, ".") + ": " + strings.Join(lines, "; ") + "."
}
