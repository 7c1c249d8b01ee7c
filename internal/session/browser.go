package session

import (
	"context"
	"log/slog"

	"wardlight/client"
	"wardlight/internal/browser"
)

// CanUseBrowser returns nil, or an error that says why the user can't sign in in the browser at this computer.
func (d *Manager) CanUseBrowser() error {
	if d.cfg.Browser == nil {
		return &browser.Error{Kind: browser.NoBrowser}
	}
	return d.cfg.Browser.Available()
}

// SignInByBrowser opens the browser for a sign-in with CIS2 and waits until the user has signed in there. No card is
// used: the session of an earlier card ends first. Call Choose afterwards to select a role.
//
// Errors are *browser.Error, *client.Error, or [ErrNoSession] if End was called meanwhile.
func (d *Manager) SignInByBrowser(ctx context.Context) (SignedIn, error) {
	if err := d.CanUseBrowser(); err != nil {
		return SignedIn{}, err
	}
	s := d.startCardSession(ctx)
	if s == nil {
		return SignedIn{}, cancelled(ctx.Err())
	}
	ctx, stop := s.within(ctx)
	defer stop()

	begun, code, err := d.askBrowser(ctx)
	if err != nil {
		if ctx.Err() != nil {
			err = cancelled(ctx.Err())
		}
		return SignedIn{}, d.sessionError(s, err)
	}

	d.addPending() // before the goroutine starts: a caller that gives up may call Wait at once
	session, err := await(ctx, cancelled, func() (*client.Session, error) {
		defer d.donePending()
		return d.exchange(ctx, s, func(ctx context.Context) (*client.Session, error) {
			return d.cfg.Hub.SignInByBrowser(ctx, begun, code)
		})
	})
	if err != nil {
		return SignedIn{}, d.sessionError(s, err)
	}

	in := signedIn(session)
	d.cfg.Log.Info("signed in by browser", slog.String("person", in.Person.UUID), slog.Int("roles", len(in.Roles)))
	return in, nil
}

// askBrowser begins a sign-in at the hub, opens the browser and returns the code with which it returns.
func (d *Manager) askBrowser(ctx context.Context) (client.BrowserSignIn, string, error) {
	var none client.BrowserSignIn
	l, err := browser.Listen(ctx)
	if err != nil {
		return none, "", err
	}
	defer l.Close()

	begun, err := d.cfg.Hub.BeginBrowser(ctx, l.RedirectURI())
	if err != nil {
		return none, "", err
	}

	l.Expect(begun.State)
	if err := d.cfg.Browser.Open(ctx, begun.URL); err != nil {
		return none, "", err
	}
	bounded, cancel := context.WithTimeout(ctx, begun.Expires.Sub(d.cfg.Clock()))
	defer cancel()
	code, err := l.Wait(bounded)
	return begun, code, err
}
