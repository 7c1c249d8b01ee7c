package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/session"
	"wardlight/rbac"
)

// sitting is a signed-in desk, for the length of one command.
type sitting struct {
	*parts
	in     session.SignedIn
	role   rbac.RoleProfile
	kept   *keptSignIn // nil when the passcode was asked for; then reader and card are those that signed in
	reader cardreader.Reader
	card   session.Card
}

// signIn takes a command from the card to a session, runs do, and ends the session, whatever happens. A sign-in that is kept,
// and whose card is still in, serves instead and goes on.
func (a *app) signIn(ctx context.Context, do func(context.Context, *sitting) error) error {
	if err := a.checkPasscodeFD(); err != nil {
		return err
	}
	p, err := a.gather()
	if err != nil {
		return err
	}
	defer p.close(ctx)
	if done, err := a.withKept(ctx, p, do); done {
		return err
	}
	return a.signInAfresh(ctx, p, do)
}

// checkPasscodeFD is checkFD for --passcode-fd.
func (a *app) checkPasscodeFD() error { return a.checkFD("--passcode-fd", a.passcodeFD) }

// signInAfresh asks for the passcode.
func (a *app) signInAfresh(ctx context.Context, p *parts, do func(context.Context, *sitting) error) error {
	reader, err := pick(ctx, p.system, p.config.Reader)
	if err != nil {
		return err
	}
	card, err := p.desk.ReadAhead(ctx, reader.Name)
	if err != nil {
		return err
	}
	var passcode cardreader.Passcode
	defer passcode.Wipe()
	if err := a.passcode(ctx, card, &passcode); err != nil {
		return err
	}
	in, err := p.desk.SignIn(ctx, &passcode)
	if err != nil {
		return err
	}
	return do(ctx, &sitting{parts: p, in: in, reader: reader, card: card})
}

// inRole is signIn with a role that may do all that the command needs.
func (a *app) inRole(ctx context.Context, needs func(rbac.RoleProfile) []rbac.Action, do func(context.Context, *sitting) error) error {
	return a.signIn(ctx, func(ctx context.Context, s *sitting) error {
		role, err := chooseRole(s.in, cmp.Or(a.role, s.defaultRole()), needs)
		if err != nil {
			return err
		}
		if err := s.desk.Choose(role.URID); err != nil {
			return err
		}
		s.role = role
		return do(ctx, s)
	})
}

// chooseRole is the role to act in: the one named; else the one that can do the front door's job; else the one that can do
// this. Errors are *client.Error of kind NotAllowed: none can (with the codes that are missing), or several can and none was
// named. Nothing of that needs the hub.
func chooseRole(in session.SignedIn, urid string, needs func(rbac.RoleProfile) []rbac.Action) (rbac.RoleProfile, error) {
	if urid != "" {
		i := slices.IndexFunc(in.Roles, func(r rbac.RoleProfile) bool { return r.URID == urid })
		if i < 0 {
			return rbac.RoleProfile{}, &client.Error{Kind: client.NotAllowed, Detail: "You do not have the role that --role names. " + roleList("Yours are", in.Roles)}
		}
		return in.Roles[i], lacks(in.Roles[i], needs)
	}
	fitting := in.Usable
	if len(fitting) == 0 {
		fitting = slices.DeleteFunc(slices.Clone(in.Roles), func(r rbac.RoleProfile) bool { return lacks(r, needs) != nil })
	}
	switch {
	case len(fitting) == 1:
		return fitting[0], nil
	case len(fitting) > 1:
		return rbac.RoleProfile{}, &client.Error{Kind: client.NotAllowed, Detail: roleList("Several roles fit: name one with --role.", fitting)}
	case len(in.Roles) == 0:
		return rbac.RoleProfile{}, &client.Error{Kind: client.NotAllowed, Detail: "You have no role at all."}
	case len(in.Roles) == 1:
		return rbac.RoleProfile{}, lacks(in.Roles[0], needs)
	}
	nearest := slices.MinFunc(in.Roles, func(a, b rbac.RoleProfile) int { return len(missing(a, needs)) - len(missing(b, needs)) })
	e := shortfall(nearest, needs) // none fits, so this one lacks something
	e.Detail = fmt.Sprintf("None of your %d roles may do this. %s, nearest to it: %s", len(in.Roles), nearest.JobName, e.Detail)
	return rbac.RoleProfile{}, e
}

// lacks is why the role may not do all that is needed: nil, or a *client.Error that names the codes.
func lacks(r rbac.RoleProfile, needs func(rbac.RoleProfile) []rbac.Action) error {
	if e := shortfall(r, needs); e != nil {
		return e
	}
	return nil
}

// shortfall is the first thing that the role may not do, with every code that it lacks; nil when it may do all.
func shortfall(r rbac.RoleProfile, needs func(rbac.RoleProfile) []rbac.Action) *client.Error {
	for _, action := range needs(r) {
		if d := rbac.Decide(r, action); !d.Allowed {
			e := session.NotAllowed(d)
			e.Missing = missing(r, needs)
			return e
		}
	}
	return nil
}

// missing is every code that the role lacks for what is needed, each once.
func missing(r rbac.RoleProfile, needs func(rbac.RoleProfile) []rbac.Action) []string {
	var codes []string
	for _, action := range needs(r) {
		for _, c := range rbac.Decide(r, action).Missing {
			if !slices.Contains(codes, string(c)) {
				codes = append(codes, string(c))
			}
		}
	}
	return codes
}

// roleList is a sentence with roles after it: "Yours are: 999000000222 Nurse Access Role at EXAMPLE GENERAL HOSPITAL; ...".
func roleList(head string, roles []rbac.RoleProfile) string {
	lines := make([]string, len(roles))
	for i, r := range roles {
		lines[i] = fmt.Sprintf("%s %s at %s", r.URID, r.JobName, r.OrgName)
	}
	return strings.TrimSuffix(head, ".") + ": " + strings.Join(lines, "; ") + "."
}
