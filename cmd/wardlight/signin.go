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

// sitting is a signed-in session with its card and role, for the duration of one command.
type sitting struct {
	*parts
	in     session.SignedIn
	role   rbac.RoleProfile
	kept   *signin.Kept // nil after a sign-in with the passcode; reader and card then are those that signed in
	reader cardreader.Reader
	card   session.Card
}

// signIn calls do with a session. A saved sign-in whose card is still inserted is used, and stays open. Otherwise the
// user signs in, and the session ends when do returns, with or without an error.
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

// checkPasscodeFD validates the descriptor of --passcode-fd.
func (a *app) checkPasscodeFD() error { return a.checkFD("--passcode-fd", a.passcodeFD) }

// signInAfresh signs in with the passcode.
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

// named returns err. If the error is that several cards can sign in, it returns a *usageError with the hint to use
// --reader.
func named(err error) error {
	if several := new(session.SeveralCardsError); errors.As(err, &several) {
		return &usageError{problem: several.Error(), hint: "name the reader of yours with --reader"}
	}
	return err
}

// inRole is like signIn, but with a role that is allowed to do everything that the command needs.
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

// defaultRole returns the role to use without --role: the one chosen at login, if the person still has it.
func (s *sitting) defaultRole() string {
	if s.kept == nil {
		return ""
	}
	if role := s.kept.RoleProfile(); role != nil {
		return role.URID
	}
	return ""
}
