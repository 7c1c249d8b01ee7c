package main

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"wardlight/cardreader"
	"wardlight/internal/session"
	"wardlight/internal/signin"
	"wardlight/rbac"
)

// sitting is a signed-in desk, for the length of one command.
type sitting struct {
	*parts
	in     session.SignedIn
	role   rbac.RoleProfile
	kept   *signin.Kept // nil when the passcode was asked for; then reader and card are those that signed in
	reader cardreader.Reader
	card   session.Card
}

// signIn takes a command from the card to a session, runs do, and ends the session, whatever happens. A sign-in that
// is kept, and whose card is still in, serves instead and goes on.
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

// checkPasscodeFD returns checkFD for --passcode-fd.
func (a *app) checkPasscodeFD() error { return a.checkFD("--passcode-fd", a.passcodeFD) }

// signInAfresh asks for the passcode.
func (a *app) signInAfresh(ctx context.Context, p *parts, do func(context.Context, *sitting) error) error {
	readers, err := session.Readers(ctx, p.system, p.config.Reader)
	if err != nil {
		return err
	}
	in, card, err := p.desk.SignInAt(ctx, readers, a.passcode)
	if err != nil {
		return named(err)
	}
	used := slices.IndexFunc(readers, func(r cardreader.Reader) bool { return r.Name == card.Slot })
	return do(ctx, &sitting{parts: p, in: in, reader: readers[used], card: card})
}

// named returns err; several cards that can sign in are for the command line to choose from: a *usageError.
func named(err error) error {
	if several := new(session.SeveralCardsError); errors.As(err, &several) {
		return &usageError{problem: several.Error(), hint: "name the reader of yours with --reader"}
	}
	return err
}

// inRole returns signIn with a role that may do all that the command needs.
func (a *app) inRole(ctx context.Context, needs func(rbac.RoleProfile) []rbac.Action, do func(context.Context, *sitting) error) error {
	return a.signIn(ctx, func(ctx context.Context, s *sitting) error {
		role, err := session.ChooseRole(s.in, cmp.Or(a.role, s.defaultRole()), needs)
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

// defaultRole returns the role to act in where --role names none: the one chosen at login, while the person has it.
func (s *sitting) defaultRole() string {
	if s.kept == nil {
		return ""
	}
	if role := s.kept.RoleProfile(); role != nil {
		return role.URID
	}
	return ""
}
