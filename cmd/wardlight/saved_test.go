package main

import (
	"bytes"
	"context"
	"crypto/elliptic"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"wardlight/cardreader"
	"wardlight/cardreader/virtual"
	"wardlight/client/hubtest"
	"wardlight/internal/schematest"
	"wardlight/internal/secretstore"
)

// ask runs one command line and returns whether it asked for the passcode, and its document.
func (b *fixture) ask(t *testing.T, want int, args ...string) (asked bool, document map[string]any) {
	t.Helper()
	b.out.Reset()
	b.err.Reset()
	b.world.file = func(int) io.ReadCloser {
		asked = true
		return io.NopCloser(strings.NewReader(passcode + "\n"))
	}
	if got := run(t.Context(), append(args, "--passcode-fd", "3", "--json"), b.world); got != want {
		t.Fatalf("%q: exit code %d, want %d\n%s%s", args, got, want, b.out.String(), b.err.String())
	}
	if err := json.Unmarshal(b.out.Bytes(), &document); err != nil {
		t.Fatalf("%q: the output is not one JSON document: %v\n%s", args, err, b.out.String())
	}
	schematest.Output(t, b.out.Bytes())
	return asked, document
}

// requireSession returns a bench with a saved sign-in.
func signedIn(t *testing.T) *fixture {
	t.Helper()
	b := setUp(t)
	if asked, _ := b.ask(t, exitDone, "login"); !asked || b.hub.LiveSessions() != 1 || b.memory.Len() != 1 {
		t.Fatalf("login: asked %v, %d sessions, %d secrets, want true, 1, 1", asked, b.hub.LiveSessions(),
			b.memory.Len())
	}
	return b
}

// checkSessionGone checks that neither the hub nor the keyring has a session left.
func (b *fixture) checkSessionGone(t *testing.T) {
	t.Helper()
	if b.hub.LiveSessions() != 0 || b.memory.Len() != 0 {
		t.Errorf("live sessions: got %d at the hub and %d in the keyring, want 0", b.hub.LiveSessions(), b.memory.Len())
	}
}

func TestLoginServesTheCommandsThatFollowUntilLogout(t *testing.T) {
	b := signedIn(t)
	for _, args := range [][]string{
		{"alert", hubtest.WithAlert},
		{"trace", hubtest.WithAlert},
		{"role", "check"},
		{"status"},
		{"alert", hubtest.NoAlert},
	} {
		if asked, _ := b.ask(t, exitDone, args...); asked || b.hub.LiveSessions() != 1 {
			t.Errorf("%q with a saved sign-in: asked for the passcode %v, %d sessions, want false and 1",
				args, asked, b.hub.LiveSessions())
		}
	}

	if b.card.Verified() {
		t.Error("the card is still verified after the command")
	}

	_, d := b.ask(t, exitDone, "status")
	checkMembers(t, d, map[string]any{
		"schema": "wardlight.status/1", "person.uuid": hubtest.UUID, "role.urid": "999000000222",
		"ends":        "2026-11-22T20:00:00Z",
		"card.reader": "Virtual Reader", "card.atr": "3B87018031C073C021C0A5", "kept_in": "a keyring in memory",
	})

	_, d = b.ask(t, exitDone, "logout")
	checkMembers(t, d, map[string]any{"schema": "wardlight.logout/1", "signed_out": true, "revoked": true})
	b.checkSessionGone(t)
	_, d = b.ask(t, exitDone, "logout")
	checkMembers(t, d, map[string]any{"signed_out": false, "revoked": false})
	_, d = b.ask(t, exitSignIn, "status")
	checkMembers(t, d, map[string]any{"error.kind": "not_kept", "error.code": "K20"})
}

func TestASavedSignInOutlivesTheRefusalOfAProxy(t *testing.T) {
	b := signedIn(t)
	page := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, "<h1>Sign in to the proxy</h1>")
	}
	for _, route := range []string{hubtest.Record, hubtest.Flag} {
		b.hub.Answer(route, page)
		asked, d := b.ask(t, exitHub, "alert", hubtest.WithAlert)
		checkMembers(t, d, map[string]any{"error.kind": "intercepted", "error.code": "H17-401"})
		if asked || b.hub.LiveSessions() != 1 || b.memory.Len() != 1 {
			t.Errorf("%s intercepted: asked %v, %d sessions, %d secrets, want false, 1, 1",
				route, asked, b.hub.LiveSessions(), b.memory.Len())
		}
		b.hub.Answer(route, nil)
	}
	if asked, _ := b.ask(t, exitDone, "alert", hubtest.WithAlert); asked {
		t.Error("alert asked for the passcode, want the saved sign-in to be used")
	}
}

func TestLoginSaysWhoseSignInIsKeptAndWhere(t *testing.T) {
	b := setUp(t)
	if got := run(t.Context(), []string{"login", "--passcode-fd", "3"}, b.world); got != exitDone {
		t.Fatalf("login: exit code %d, want %d: %s", got, exitDone, b.err.String())
	}
	checkContains(t, b.out.String(), "SAMPLE, Ada (Ms)   UUID 999000000111",
		"999000000222 Nurse Access Role at EXAMPLE GENERAL HOSPITAL",
		"22-Nov-2026 20:00; unused for 15 minutes it ends before", "Virtual Reader", "a keyring in memory")
}

func TestAKeptSignInEndsWithItsCard(t *testing.T) {
	other := hubtest.EC(t, elliptic.P256(), noon.AddDate(0, 0, -1), noon.AddDate(0, 0, 1))
	unknown, err := virtual.New(virtual.Config{
		Key: other.Key, Certificate: other.Certificate.Raw,
		Passcode: []byte(passcode),
	})
	if err != nil {
		t.Fatal(err)
	}

	for name, c := range map[string]struct {
		happens func(*fixture)
		in      bool // a card is inserted afterwards
	}{
		"put back":     {func(b *fixture) { b.reader.Eject(); b.reader.Insert(b.card) }, true},
		"another card": {func(b *fixture) { b.reader.Eject(); b.reader.Insert(unknown) }, true},
		"no card":      {func(b *fixture) { b.reader.Eject() }, false},
		"mute":         {func(b *fixture) { b.reader.InsertMute() }, false},
		"no reader":    {func(b *fixture) { b.reader.Unplug() }, false},
		"no service": {func(b *fixture) {
			b.reader.Fail(&cardreader.Error{Kind: cardreader.ServiceDown})
		}, false},
		"uncounted, other": {func(b *fixture) { b.world.system = withoutEventCounter(b, unknown) }, true},
		"certificate ended": {func(b *fixture) {
			b.world.clock = func() time.Time { return noon.AddDate(0, 0, 2) }
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := signedIn(t)
			c.happens(b)
			want := exitCard
			if c.in {
				want = exitDone
			}
			asked, _ := b.ask(t, want, "alert", hubtest.WithAlert)
			if asked != c.in {
				t.Errorf("alert asked for the passcode: got %v, want %v", asked, c.in)
			}
			if name == "certificate ended" { // the session ended with the certificate, so there is nothing to revoke
				b.hub.EndSessions()
			}
			b.checkSessionGone(t)
		})
	}
}

// withoutEventCounter returns a reader system that doesn't count card insertions, after the card was replaced by one
// with the same ATR.
func withoutEventCounter(b *fixture, card *virtual.Card) func() cardreader.System {
	other := virtual.NewReader(b.reader.Name())
	for n := uint16(0); n < events(b.reader); n++ {
		other.Insert(card)
	}
	return func() cardreader.System { return uncloseable{other} }
}

func TestStatusEndsASignInWhoseCardIsGone(t *testing.T) {
	b := signedIn(t)
	b.reader.Eject()
	_, d := b.ask(t, exitSignIn, "status")
	if sentence := at(t, d, "error.sentence").(string); !strings.Contains(sentence, "The card was taken out") {
		t.Errorf("status after the card was removed: got %q, want the reason", sentence)
	}
	b.checkSessionGone(t)
}

func TestSavedSession_CardInUse(t *testing.T) {
	b := signedIn(t)
	b.reader.SetExclusive(true)
	_, d := b.ask(t, exitCard, "alert", hubtest.WithAlert)
	checkMembers(t, d, map[string]any{"error.kind": "card_in_use"})
	b.reader.SetExclusive(false)
	if asked, _ := b.ask(t, exitDone, "alert", hubtest.WithAlert); asked || b.hub.LiveSessions() != 1 {
		t.Error("alert asked for the passcode after the card was in use, want the saved sign-in to be used")
	}
}

func TestSavedSession_EndedByHub(t *testing.T) {
	b := signedIn(t)
	b.hub.EndSessions()
	asked, d := b.ask(t, exitDone, "alert", hubtest.WithAlert)
	checkMembers(t, d, map[string]any{"state": "alert"})
	if !asked {
		t.Error("alert did not ask for the passcode after the hub ended the session")
	}
	b.checkSessionGone(t)
}

func TestASessionThatEndsInMidCheckIsToldOnce(t *testing.T) {
	b := signedIn(t)
	b.hub.Answer(hubtest.Flag, func(w http.ResponseWriter, r *http.Request) {
		hubtest.Refuse(w, r, 401, "ACCESS_DENIED", "")
	})
	asked, d := b.ask(t, exitSignIn, "alert", hubtest.WithAlert)
	checkMembers(t, d, map[string]any{"state": "could_not_check", "error.kind": "signed_out"})
	if asked {
		t.Error("alert asked for the passcode after it had shown an answer")
	}
	b.checkSessionGone(t)
}

func TestNoKeptAndAnotherHubLeaveAKeptSignInAlone(t *testing.T) {
	b := signedIn(t)
	if asked, _ := b.ask(t, exitDone, "alert", hubtest.WithAlert, "--no-kept"); !asked || b.hub.LiveSessions() != 1 ||
		b.memory.Len() != 1 {
		t.Errorf("alert --no-kept: asked %v, %d sessions, %d secrets, want true, 1, 1",
			asked, b.hub.LiveSessions(), b.memory.Len())
	}
	another := setUp(t)
	another.world.keyring, another.memory = b.world.keyring, b.memory
	if asked, _ := another.ask(t, exitDone, "alert", hubtest.WithAlert); !asked || b.memory.Len() != 1 {
		t.Errorf("alert at another hub: asked %v, %d secrets, want true and 1", asked, b.memory.Len())
	}
	for _, r := range another.hub.Requests("") {
		if strings.Contains(r.Header.Get("Authorization"), "DPoP") && another.hub.LiveSessions() != 0 {
			t.Error("the saved token was sent to another hub")
		}
	}
}

func TestLoginAgainEndsTheEarlierSignIn(t *testing.T) {
	b := signedIn(t)
	if asked, _ := b.ask(t, exitDone, "login"); !asked || b.hub.LiveSessions() != 1 || b.memory.Len() != 1 {
		t.Errorf("second login: asked %v, %d sessions, %d secrets, want true, 1, 1",
			asked, b.hub.LiveSessions(), b.memory.Len())
	}
}

func TestTheRoleChosenAtLoginIsActedIn(t *testing.T) {
	b := setUp(t)
	b.hub.Person.Roles = append(b.hub.Person.Roles, hubtest.Nurse("999000000333"))
	_, d := b.ask(t, exitSignIn, "login", "--role", "1")
	checkMembers(t, d, map[string]any{"error.kind": "not_allowed"})
	b.checkSessionGone(t)
	_, d = b.ask(t, exitDone, "login", "--role", "999000000333")
	checkMembers(t, d, map[string]any{"role.urid": "999000000333"})
	_, d = b.ask(t, exitDone, "alert", hubtest.WithAlert)
	checkMembers(t, d, map[string]any{"role.urid": "999000000333"})
	_, d = b.ask(t, exitDone, "alert", hubtest.WithAlert, "--role", "999000000222")
	checkMembers(t, d, map[string]any{"role.urid": "999000000222"})
	_, d = b.ask(t, exitDone, "login")
	if at(t, d, "role") != nil {
		t.Error("login chose one of two usable roles, want none")
	}
}

func TestWithoutAKeyringLoginSaysSoAndTheRestWorks(t *testing.T) {
	b := setUp(t)
	b.memory.Fail(keyring.ErrUnsupportedPlatform)
	asked, d := b.ask(t, exitKeyring, "login")
	checkMembers(t, d, map[string]any{
		"schema": "wardlight.error/1", "error.kind": "keyring_absent", "error.code": "K10",
		"error.sentence": "There is no keyring on this computer to keep a sign-in in.",
	})
	if asked {
		t.Error("login without a keyring asked for the passcode")
	}
	b.ask(t, exitKeyring, "status")
	b.ask(t, exitKeyring, "logout")
	if asked, _ := b.ask(t, exitDone, "alert", hubtest.WithAlert); !asked {
		t.Error("alert without a keyring did not ask for the passcode")
	}
	if b.hub.LiveSessions() != 0 {
		t.Errorf("live sessions at the hub: got %d, want 0", b.hub.LiveSessions())
	}
}

func TestACardPulledDuringLoginKeepsNothing(t *testing.T) {
	b := setUp(t)
	b.hub.Answer(hubtest.Token, func(w http.ResponseWriter, r *http.Request) {
		b.reader.Eject()
		b.reader.Insert(b.card)
		b.hub.DefaultHandler(hubtest.Token)(w, r)
	})
	_, d := b.ask(t, exitCard, "login")
	checkMembers(t, d, map[string]any{"error.kind": "card_removed"})
	b.checkSessionGone(t)
}

func TestLogin_SavedSessionWithoutPasscode(t *testing.T) {
	b := signedIn(t)
	secret, err := b.world.keyring.Get(t.Context(), "sign-in "+b.hub.URL)
	if err != nil || !bytes.Contains(secret, []byte("Virtual Reader")) || bytes.Contains(secret, []byte(passcode)) {
		t.Errorf("saved sign-in: error %v, %d bytes; want the reader's name and not the passcode in it",
			err, len(secret))
	}
	if err := b.world.keyring.Set(t.Context(), "sign-in "+b.hub.URL, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if _, err := b.world.keyring.SignIn(t.Context(), b.hub.URL); secretstore.KindOf(err) != secretstore.Damaged ||
		errors.Unwrap(err) != nil {
		t.Errorf("SignIn of a malformed secret: got %v, want kind Damaged and no wrapped error", err)
	}
	if asked, _ := b.ask(t, exitDone, "alert", hubtest.WithAlert); !asked || b.memory.Len() != 0 {
		t.Error("alert used the malformed sign-in or did not delete it")
	}
}

// events returns the reader's event counter.
func events(r *virtual.Reader) uint16 {
	readers, err := r.Wait(context.Background(), nil, 0)
	if err != nil {
		return 0
	}
	return readers[0].Events
}
