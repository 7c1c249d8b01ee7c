package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"wardlight/cardreader"
	"wardlight/internal/session"
	"wardlight/internal/signin"
	"wardlight/rbac"
)

// cardSession is a signed-in session with its card and role, for the duration of one command.
type cardSession struct {
	*parts
	in     session.SignedIn
	role   rbac.RoleProfile
	saved  *signin.SavedSignIn // nil after a sign-in with the passcode; reader and card then are those that signed in
	reader cardreader.Reader
	card   session.Card
}

// signIn calls do with a session. A saved sign-in whose card is still inserted is used, and stays open. Otherwise the
// user signs in, and the session ends when do returns, with or without an error.
func (a *app) signIn(ctx context.Context, do func(context.Context, *cardSession) error) error {
	if err := a.checkPasscodeFD(); err != nil {
		return err
	}
	p, err := a.newParts()
	if err != nil {
		return err
	}
	defer p.close(ctx)
	if a.browser {
		return a.signInByBrowser(ctx, p, do)
	}
	if done, err := a.withSavedSession(ctx, p, do); done {
		return err
	}
	return a.signInWithPasscode(ctx, p, do)
}

// checkPasscodeFD validates the descriptor of --passcode-fd.
func (a *app) checkPasscodeFD() error { return a.checkFD("--passcode-fd", a.passcodeFD) }

// signInWithPasscode signs in with the passcode.
func (a *app) signInWithPasscode(ctx context.Context, p *parts, do func(context.Context, *cardSession) error) error {
	readers, err := session.Readers(ctx, p.system, p.config.Reader)
	if err != nil {
		return err
	}
	in, card, err := p.sessions.SignInAt(ctx, readers, a.passcode)
	if err != nil {
		return withReaderHint(err)
	}
	used := slices.IndexFunc(readers, func(r cardreader.Reader) bool { return r.Name == card.Slot })
	return do(ctx, &cardSession{parts: p, in: in, reader: readers[used], card: card})
}

// signInByBrowser signs in in the browser.
func (a *app) signInByBrowser(ctx context.Context, p *parts, do func(context.Context, *cardSession) error) error {
	if a.passcodeFD != noDescriptor {
		return &usageError{problem: "--browser and --passcode-fd don't go together", hint: "leave one of them out"}
	}
	if err := p.sessions.CanUseBrowser(); err != nil {
		return err
	}
	fmt.Fprintln(a.err, "wardlight: Sign in in the browser that opens.")
	in, err := p.sessions.SignInByBrowser(ctx)
	if err != nil {
		return err
	}
	return do(ctx, &cardSession{parts: p, in: in})
}

// withReaderHint returns err. If the error is that several cards can sign in, it returns a *usageError with the hint
// to use --reader.
func withReaderHint(err error) error {
	if several := new(session.SeveralCardsError); errors.As(err, &several) {
		return &usageError{problem: several.Error(), hint: "name the reader of yours with --reader"}
	}
	return err
}

// inRole is like signIn, but with a role that is allowed to do everything that the command needs.
func (a *app) inRole(ctx context.Context, needs func(rbac.RoleProfile) []rbac.Action,
	do func(context.Context, *cardSession) error,
) error {
	return a.signIn(ctx, func(ctx context.Context, s *cardSession) error {
		role, err := session.ChooseRole(s.in, cmp.Or(a.role, s.defaultRole()), needs)
		if err != nil {
			return err
		}
		if err := s.sessions.Choose(role.URID); err != nil {
			return err
		}
		s.role = role
		return do(ctx, s)
	})
}

// defaultRole returns the role to use without --role: the one chosen at login, if the person still has it.
func (s *cardSession) defaultRole() string {
	if s.saved == nil {
		return ""
	}
	if role := s.saved.RoleProfile(); role != nil {
		return role.URID
	}
	return ""
}
