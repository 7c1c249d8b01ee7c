package session_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/nhs"
	"wardlight/internal/session"
)

func TestFromCardToAlert(t *testing.T) {
	b := setUp(t, -1, 1)
	card, err := b.ReadAhead(t.Context(), in(reader))
	if err != nil {
		t.Fatal(err)
	}

	if card.UUID != hubtest.UUID || card.Tries != 3 || card.KeyKind != "P-256" || card.Driver != "PIV" ||
		card.Reader != reader {
		t.Errorf("ReadAhead = %+v, want the card in %s with 3 tries", card, reader)
	}

	p := typed(passcode)
	in, err := b.SignIn(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}

	if p.Len() != 0 {
		t.Error("SignIn did not wipe the passcode")
	}

	if b.card.Verified() {
		t.Error("the card is still in the verified state after the sign-in")
	}

	if in.Person.Name != "SAMPLE, Ada (Ms)" || len(in.Usable) != 1 || len(in.Roles) != 1 {
		t.Errorf("SignIn = %+v, want SAMPLE, Ada (Ms) with one role", in)
	}

	if err := b.Choose(nurse); err != nil {
		t.Fatal(err)
	}

	found, err := b.Find(t.Context(), client.Query{Family: "Example", Born: nhs.Date{Year: 2016, Month: 3, Day: 4}})
	if err != nil || len(found.Rows) != 2 {
		t.Errorf("Find = %+v, %v, want 2 rows", found, err)
	}

	if patient, err := b.Patient(t.Context(), hubtest.WithAlert); err != nil ||
		patient.DisplayName() != "EXAMPLE, Tess" {
		t.Errorf("Patient = %+v, %v, want EXAMPLE, Tess", patient, err)
	}

	if lamp := b.Lamp(t.Context(), hubtest.WithAlert); lamp.State != client.Alert {
		t.Errorf("Lamp = %+v, want an alert", lamp)
	}

	if opened, err := b.Open(t.Context(), hubtest.WithAlert); err != nil || len(opened.Plans) != 1 || !opened.Notifies {
		t.Errorf("Open = %+v, %v, want one plan, with notification", opened, err)
	}

	b.End(t.Context(), session.CardRemoved)
	b.settle(t)
	if b.hub.LiveSessions() != 0 {
		t.Error("the session is still open at the hub after End")
	}

	if _, err := b.Patient(t.Context(), hubtest.WithAlert); !errors.Is(err, session.ErrNoSession) {
		t.Errorf("Patient after End: error %v, want ErrNoSession", err)
	}

	if lamp := b.Lamp(t.Context(), hubtest.WithAlert); lamp.State != client.CouldNotCheck ||
		client.KindOf(lamp.Err) != client.SignedOut {
		t.Errorf("Lamp after End = %+v, want could not check: signed out", lamp)
	}
}

func TestACardThatCannotSignInSaysSoBeforeThePasscode(t *testing.T) {
	for name, c := range map[string]struct {
		from, until int
		lock        bool
		want        cardreader.Kind
		sentence    string
	}{
		"ended":   {-30, -1, false, cardreader.CertificateEnded, "Your certificate ended on 21-Nov-2026."},
		"not yet": {2, 30, false, cardreader.CertificateNotYet, "Your certificate is valid only from 24-Nov-2026."},
		"locked":  {-1, 1, true, cardreader.Locked, "This smartcard is locked."},
	} {
		t.Run(name, func(t *testing.T) {
			b := setUp(t, c.from, c.until)
			if c.lock {
				lock(t, b)
			}
			card, err := b.ReadAhead(t.Context(), in(reader))
			var e *cardreader.Error
			if !errors.As(err, &e) || e.Kind != c.want || e.Sentence() != c.sentence {
				t.Errorf("ReadAhead: error %v, want kind %v: %q", err, c.want, c.sentence)
			}
			if card.UUID != hubtest.UUID {
				t.Errorf("ReadAhead = %+v, want the card with its UUID, for support", card)
			}
			tries := b.card.TriesLeft()
			p := typed(passcode)
			if _, err := b.SignIn(t.Context(), p); cardreader.KindOf(err) != c.want || p.Len() != 0 ||
				b.card.TriesLeft() != tries {
				t.Errorf("SignIn: error %v, want kind %v, and no try used", err, c.want)
			}
		})
	}
}

// lock uses up all passcode tries of the card.
func lock(t *testing.T, b *fixture) {
	t.Helper()
	if _, err := b.ReadAhead(t.Context(), in(reader)); err != nil {
		t.Fatal(err)
	}
	for b.card.TriesLeft() > 0 {
		if _, err := b.SignIn(t.Context(), typed("000000")); err == nil {
			t.Fatal("SignIn with a wrong passcode succeeded, want error")
		}
	}
}

func TestAWrongPasscodeCostsOneTryAndNoNonce(t *testing.T) {
	b := setUp(t, -1, 1)
	if _, err := b.ReadAhead(t.Context(), in(reader)); err != nil {
		t.Fatal(err)
	}
	p := typed("000000")
	_, err := b.SignIn(t.Context(), p)
	var e *cardreader.Error
	if !errors.As(err, &e) || e.Kind != cardreader.WrongPasscode || e.Tries != 2 || p.Len() != 0 {
		t.Errorf("SignIn: error %v, want WrongPasscode with 2 tries left", err)
	}
	if _, err := b.SignIn(t.Context(), typed(passcode)); err != nil {
		t.Error(err)
	}
	if n := len(b.hub.Requests(hubtest.Challenge)); n != 1 {
		t.Errorf("%d nonces requested, want 1", n)
	}
}

// The hub is asked what it offers while the user types the passcode, so a lamp is one call.
func TestLamp_RoundTrips(t *testing.T) {
	b := setUp(t, -1, 1)
	b.hub.OfferFlags()
	if _, err := b.ReadAhead(t.Context(), in(reader)); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return len(b.hub.Requests(hubtest.Metadata)) == 1 })
	if _, err := b.SignIn(t.Context(), typed(passcode)); err != nil {
		t.Fatal(err)
	}
	if err := b.Choose(nurse); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool {
		before := len(b.hub.Requests(""))
		lamp := b.Lamp(t.Context(), hubtest.WithAlert)
		return lamp.State == client.Alert && len(lamp.Flags) == 1 && len(b.hub.Requests(""))-before == 1
	})
}

func TestAHubOutOfReachCostsNoTry(t *testing.T) {
	b := setUp(t, -1, 1)
	b.hub.Stop()
	if _, err := b.ReadAhead(t.Context(), in(reader)); err != nil {
		t.Fatalf("ReadAhead without a hub: %v, want no error", err)
	}
	p := typed("000000")
	if _, err := b.SignIn(t.Context(), p); client.KindOf(err) != client.Unreachable || p.Len() != 0 {
		t.Errorf("SignIn without a hub: error %v, want Unreachable, and the passcode wiped", err)
	}
	if left := b.card.TriesLeft(); left != 3 {
		t.Errorf("%d tries left, want 3", left)
	}
}

func TestANonceThatLapsedIsFetchedAgain(t *testing.T) {
	b := setUp(t, -1, 1)
	if _, err := b.ReadAhead(t.Context(), in(reader)); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return len(b.hub.Requests(hubtest.Challenge)) == 1 })
	b.clock.Add(3 * time.Minute)
	if _, err := b.SignIn(t.Context(), typed(passcode)); err != nil {
		t.Error(err)
	}
	if n := len(b.hub.Requests(hubtest.Challenge)); n != 2 {
		t.Errorf("%d nonces requested, want 2", n)
	}
}

func TestARefusedSignInLeavesTheDeskReadyForAnother(t *testing.T) {
	b := setUp(t, -1, 1)
	if _, err := b.ReadAhead(t.Context(), in(reader)); err != nil {
		t.Fatal(err)
	}
	b.hub.Answer(hubtest.Token, func(w http.ResponseWriter, r *http.Request) {
		hubtest.RefuseSignIn(w, r, 400, "invalid_grant", "nonce_unknown")
	})
	if _, err := b.SignIn(t.Context(), typed(passcode)); client.KindOf(err) != client.NonceExpired {
		t.Errorf("SignIn: error %v, want NonceGone", err)
	}
	b.hub.Answer(hubtest.Token, nil)
	if _, err := b.SignIn(t.Context(), typed(passcode)); err != nil {
		t.Error(err)
	}
}

func TestAnotherCardEndsTheFirstOnesSession(t *testing.T) {
	b := setUp(t, -1, 1)
	b.sitNurse(t)
	if _, err := b.ReadAhead(t.Context(), in(reader)); err != nil {
		t.Fatal(err)
	}
	b.settle(t)
	if b.hub.LiveSessions() != 0 {
		t.Error("the first session is still open at the hub")
	}
	if _, err := b.Patient(t.Context(), hubtest.WithAlert); !errors.Is(err, session.ErrNoSession) {
		t.Errorf("Patient: error %v, want ErrNoSession", err)
	}
}

func TestOnlyARoleOfThePersonsIsTaken(t *testing.T) {
	b := setUp(t, -1, 1)
	if err := b.Choose(nurse); !errors.Is(err, session.ErrNoSession) {
		t.Errorf("Choose before the sign-in: error %v, want ErrNoSession", err)
	}
	b.signIn(t)
	if _, err := b.Patient(t.Context(), hubtest.WithAlert); !errors.Is(err, session.ErrNoSession) {
		t.Errorf("Patient before Choose: error %v, want ErrNoSession", err)
	}
	if err := b.Choose("111111111111"); !errors.Is(err, session.ErrNoSession) {
		t.Errorf("Choose of another person's role: error %v, want ErrNoSession", err)
	}
	if err := b.Choose(nurse); err != nil {
		t.Error(err)
	}
}

func TestWhatTheRoleMayNotDoIsRefusedWithoutTheHub(t *testing.T) {
	b := setUp(t, -1, 1)
	b.hub.Person.Roles[0].Codes = []string{"B0264"}
	if in := b.signIn(t); len(in.Roles) != 1 || len(in.Usable) != 0 {
		t.Errorf("SignIn = %+v, want one role that is not usable", in)
	}

	if err := b.Choose(nurse); err != nil {
		t.Fatal(err)
	}

	lamp := b.Lamp(t.Context(), hubtest.WithAlert)
	var e *client.Error
	if lamp.State != client.CouldNotCheck || !errors.As(lamp.Err, &e) || e.Kind != client.NotAllowed ||
		len(e.Missing) != 1 || e.Missing[0] != "B0107" || e.Status != 0 {
		t.Errorf("Lamp = %+v, want could not check: not allowed, B0107 missing", lamp)
	}

	if _, err := b.Open(t.Context(), hubtest.WithAlert); client.KindOf(err) != client.NotAllowed {
		t.Errorf("Open: error %v, want NotAllowed", err)
	}

	if n := len(b.hub.Requests(hubtest.Flag)) + len(b.hub.Requests(hubtest.CareTeam)); n != 0 {
		t.Errorf("%d requests to the hub, want 0", n)
	}
}

func TestAnOpeningWithoutAnAnswerIsAskedAgainUnderTheSameID(t *testing.T) {
	b := setUp(t, -1, 1)
	b.sitNurse(t)
	b.hub.Answer(hubtest.CareTeam, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })

	for range 2 {
		_, err := b.Open(t.Context(), hubtest.WithAlert)
		var e *client.Error
		if !errors.As(err, &e) || !e.OutcomeUnknown {
			t.Fatalf("Open: error %#v, want it unsettled", err)
		}
	}

	b.hub.Answer(hubtest.CareTeam, nil)
	for range 2 {
		if _, err := b.Open(t.Context(), hubtest.WithAlert); err != nil {
			t.Fatal(err)
		}
	}

	sent := b.hub.Requests(hubtest.CareTeam)
	ids := make(map[string]int)
	for _, r := range sent {
		ids[r.Header.Get("X-Request-ID")]++
	}

	if len(sent) != 4 || len(ids) != 2 || ids[sent[0].Header.Get("X-Request-ID")] != 3 {
		t.Errorf("request ids = %v, want one id three times, and then another", ids)
	}
}
