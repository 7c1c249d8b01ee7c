package session_test

import (
	"context"
	"errors"
	"testing"

	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/session"
)

func TestAKeptSessionOutlivesItsDeskAndServesAnother(t *testing.T) {
	b := setUp(t, -1, 1)
	if _, err := b.Seal(); !errors.Is(err, session.ErrNoSession) {
		t.Errorf("Seal without a session: error %v, want ErrNoSession", err)
	}

	b.sitNurse(t)
	sealed, err := b.Seal()
	if err != nil {
		t.Fatal(err)
	}

	b.Detach()
	b.End(t.Context(), session.Quit)
	b.settle(t)
	if b.hub.LiveSessions() != 1 {
		t.Fatal("End revoked a session after Detach")
	}

	later := setUpAgain(t, b)
	saved, err := later.config.Hub.(*client.Hub).Resume(sealed)
	if err != nil {
		t.Fatal(err)
	}

	in := later.Resume(t.Context(), saved)
	if in.Person.UUID != hubtest.UUID || len(in.Usable) != 1 {
		t.Errorf("Resume = %+v, want the person and one usable role", in)
	}

	if err := later.Choose(nurse); err != nil {
		t.Fatal(err)
	}

	if lamp := later.Lamp(t.Context(), hubtest.WithAlert); lamp.State != client.Alert {
		t.Errorf("Lamp after Resume = %+v, want an alert", lamp)
	}

	later.End(t.Context(), session.Quit)
	later.settle(t)
	if b.hub.LiveSessions() != 1 {
		t.Error("End revoked a resumed session")
	}
}

// setUpAgain returns another [session.Manager] for the hub of b, as in another process.
func setUpAgain(t *testing.T, b *fixture) *fixture {
	t.Helper()
	again := *b
	again.Manager = session.New(b.config)
	return &again
}

// Resume returns no error, so it must not leave out the session that it reports.
func TestResume_WithAnEndedContext(t *testing.T) {
	b := setUp(t, -1, 1)
	b.signIn(t)
	sealed, err := b.Seal()
	if err != nil {
		t.Fatal(err)
	}
	b.Detach()
	later := setUpAgain(t, b)
	saved, err := later.config.Hub.(*client.Hub).Resume(sealed)
	if err != nil {
		t.Fatal(err)
	}

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	later.Resume(ended, saved)
	if err := later.Choose(nurse); err != nil {
		t.Errorf("Choose after Resume: %v", err)
	}
}
