package main

import (
	"context"
	"crypto/elliptic"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/cardreader/virtual"
	"wardlight/client/hubtest"
)

// secondReader is a cardreader.System with a second reader next to the bench's reader.
type secondReader struct {
	uncloseable
	other *virtual.Reader
}

func (s secondReader) Wait(ctx context.Context, _ []cardreader.Reader,
	timeout time.Duration,
) ([]cardreader.Reader, error) {
	others, err := s.other.Wait(ctx, nil, timeout)
	if err != nil {
		return nil, err
	}
	ours, err := s.uncloseable.Wait(ctx, nil, timeout)
	return append(others, ours...), err
}

func (s secondReader) Connect(ctx context.Context, reader string) (cardreader.Link, error) {
	if reader == s.other.Name() {
		return s.other.Connect(ctx, reader)
	}
	return s.uncloseable.Connect(ctx, reader)
}

// A saved sign-in stays valid for its card when cards are inserted into or removed from other readers.
func TestLogin_CardInAnotherReader(t *testing.T) {
	b := setUp(t)
	other := virtual.NewReader("Badge Pad")
	b.world.system = func() cardreader.System { return secondReader{uncloseable{b.reader}, other} }
	badge, err := virtual.New(virtual.Config{Passcode: []byte(passcode), Quirks: virtual.NoApplication})
	if err != nil {
		t.Fatal(err)
	}

	other.Insert(badge)
	asked, d := b.ask(t, exitDone, "login")
	if checkMembers(t, d, map[string]any{"card.reader": "Virtual Reader"}); !asked {
		t.Error("login did not ask for the passcode")
	}

	other.Eject()
	if asked, _ = b.ask(t, exitDone, "alert", hubtest.WithAlert); asked {
		t.Error("alert asked for the passcode after a badge was removed from another reader")
	}

	colleague := hubtest.EC(t, elliptic.P256(), noon.AddDate(0, 0, -1), noon.AddDate(0, 0, 1))
	second, err := virtual.New(virtual.Config{
		Key: colleague.Key, Certificate: colleague.Certificate.Raw,
		Passcode: []byte(passcode),
	})
	if err != nil {
		t.Fatal(err)
	}

	other.Insert(second)
	if asked, _ = b.ask(t, exitDone, "alert", hubtest.WithAlert); asked {
		t.Error("alert asked for the passcode after a second card was inserted into another reader")
	}

	b.ask(t, exitDone, "logout")
	if asked, d = b.ask(t, exitUsage, "login"); asked {
		t.Error("login with two usable cards asked for a passcode, want a usage error")
	}

	checkMembers(t, d, map[string]any{"error.sentence": "several cards can sign in: 999000000111 in Badge Pad; " +
		"999000000111 in Virtual Reader"})
	if _, d = b.ask(t, exitDone, "login", "--reader", "virtual"); b.hub.LiveSessions() != 1 || second.TriesLeft() != 3 {
		t.Errorf("login: got %d sessions and %d tries left on the other card, want 1 and 3",
			b.hub.LiveSessions(), second.TriesLeft())
	}

	checkMembers(t, d, map[string]any{"card.reader": "Virtual Reader"})
	b.ask(t, exitDone, "logout")
}
