package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"wardlight/internal/nhs"
	"wardlight/internal/session"
	"wardlight/internal/signin"
	"wardlight/internal/text"
	"wardlight/rbac"
)

// sessionDocument is the JSON document wardlight.login/1 and wardlight.status/1: a saved sign-in.
type sessionDocument struct {
	Schema string          `json:"schema"`
	Person personPart      `json:"person"`
	Role   *rolePart       `json:"role"` // role to act in; null when --role must name one
	Ends   *string         `json:"ends"` // latest end of the session; it also ends when idle for 15 minutes
	Card   sessionCardPart `json:"card"`
	Place  string          `json:"kept_in"`
}

// sessionCardPart is the card of a saved sign-in.
type sessionCardPart struct {
	Reader      string `json:"reader"`
	ATR         string `json:"atr"`
	Serial      string `json:"serial"`             // "" when the card has none
	Certificate string `json:"certificate_sha256"` // hash of the sign-in certificate
}

func newLogin(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "login",
		Short: "Sign in and keep the sign-in for later commands, while the card stays in",
		Long: `Sign in and keep the sign-in in this computer's keyring. Later commands use it without asking for the passcode, as long as
the very same card has stayed in its reader: each looks first. Otherwise they end it and ask for the passcode. With
--role they act in that role.

The passcode is not kept. The hub ends a sign-in that is unused for 15 minutes, and after eight hours in any case;
nothing watches the reader between commands, so take the card with you AND run 'wardlight logout'.

The exit code is 7 when this computer has no keyring, or it is locked. Then nobody is signed in.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.login(cmd.Context()) },
	}
}

func (a *app) login(ctx context.Context) error {
	if a.browser {
		return &usageError{
			problem: "'wardlight login' keeps a sign-in while its smartcard stays in, and --browser uses none",
			hint:    "leave --browser out, or give it to each command",
		}
	}
	if err := a.checkPasscodeFD(); err != nil {
		return err
	}
	p, err := a.newParts()
	if err != nil {
		return err
	}
	defer p.close(ctx)
	// An earlier sign-in ends whether or not this one succeeds. Doing this first detects a missing keyring before the
	// passcode is asked for.
	if _, _, err := a.savedSessions(p).Forget(ctx); err != nil {
		return err
	}
	return a.signInWithPasscode(ctx, p, func(ctx context.Context, s *cardSession) error {
		return a.saveSession(ctx, s)
	})
}

// saveSession stores a sign-in, after checking that its card has been in the reader since before the passcode was
// typed.
func (a *app) saveSession(ctx context.Context, s *cardSession) error {
	role, err := a.roleToSave(s)
	if err != nil {
		return err
	}
	saved, err := a.savedSessions(s.parts).Save(ctx, s.sessions, s.reader, s.card, role)
	if err != nil {
		return err
	}
	return a.showSavedSession("wardlight.login/1", saved)
}

// roleToSave returns the URID named by --role, which must be one of the person's. Without --role it returns the only
// usable role, or "" when there is none or several.
func (a *app) roleToSave(s *cardSession) (string, error) {
	if a.role != "" {
		role, err := session.ChooseRole(s.in, a.role, func(rbac.RoleProfile) []rbac.Action { return nil })
		return role.URID, err
	}
	only, _ := s.in.Only()
	return only.URID, nil
}

// showSavedSession shows the saved sign-in, as text or as a JSON document.
func (a *app) showSavedSession(schema string, k *signin.SavedSignIn) error {
	role := k.RoleProfile()
	if a.json {
		d := sessionDocument{
			Schema: schema, Person: partOfPerson(k.Session.Person()), Ends: instant(k.Session.Ends()),
			Place: a.keyring.Name(),
			Card: sessionCardPart{
				Reader: text.Clean(k.Card.Reader, 0), ATR: strings.ToUpper(k.Card.ATR), Serial: k.Card.Serial,
				Certificate: k.Card.Fingerprint,
			},
		}
		if role != nil {
			part := partOfRole(*role)
			d.Role = &part
		}
		return a.print(d)
	}

	acting := "none chosen: name one with --role"
	if role != nil {
		acting = role.URID + " " + role.JobName + " at " + role.OrgName
	}

	person := k.Session.Person()
	w := &lines{out: a.out}
	w.text("%-20s %s   UUID %s", "Signed in", person.Name, person.UUID)
	w.text("%-20s %s", "Role", acting)
	w.text("%-20s %s; unused for 15 minutes it ends before", "Until", nhs.Instant(k.Session.Ends(), a.zone()))
	w.text("%-20s %s in %s", "Card", cardName(k), text.Clean(k.Card.Reader, 0))
	w.text("%-20s %s", "Kept in", a.keyring.Name())
	return w.err
}

// cardName returns a card's name for people: its holder's number, and its serial number where it has one.
func cardName(k *signin.SavedSignIn) string {
	name := k.Session.Person().UUID
	if k.Card.Serial != "" {
		name += " (" + text.Clean(k.Card.Serial, 0) + ")"
	}
	return name
}
