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
	if card.UUID != hubtest.UUID || card.Tries != 3 || card.KeyKind != "P-256" || card.Driver != "PIV" || card.Reader != reader {
		t.Errorf("card is %+v", card)
	}
	p := typed(passcode)
	in, err := b.SignIn(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if p.Len() != 0 {
		t.Error("the passcode was not wiped")
	}
	if b.card.Verified() {
		t.Error("the card still knows the passcode")
	}
	if in.Person.Name != "SAMPLE, Ada (Ms)" || len(in.Usable) != 1 || len(in.Roles) != 1 {
		t.Errorf("signed in: %+v", in)
	}
	if err := b.Choose(nurse); err != nil {
		t.Fatal(err)
	}
	found, err := b.Find(t.Context(), client.Query{Family: "Example", Born: nhs.Date{Year: 2016, Month: 3, Day: 4}})
	if err != nil || len(found.Rows) != 2 {
		t.Errorf("found %+v, error %v", found, err)
	}
	if patient, err := b.Patient(t.Context(), hubtest.WithAlert); err != nil || patient.DisplayName() != "EXAMPLE, Tess" {
		t.Errorf("patient %+v, error %v", patient, err)
	}
	if lamp := b.Lamp(t.Context(), hubtest.WithAlert); lamp.State != client.Alert {
		t.Errorf("lamp is %+v", lamp)
	}
	if opened, err := b.Open(t.Context(), hubtest.WithAlert); err != nil || len(opened.Plans) != 1 || !opened.Notifies {
		t.Errorf("opened %+v, error %v", opened, err)
	}
	b.End(t.Context(), session.CardRemoved)
	b.settle(t)
	if b.hub.Live() != 0 {
		t.Error("the session lives on at the hub")
	}
	if _, err := b.Patient(t.Context(), hubtest.WithAlert); !errors.Is(err, session.ErrNoSession) {
		t.Errorf("after the end: error is %v", err)
	}
	if lamp := b.Lamp(t.Context(), hubtest.WithAlert); lamp.State != client.CouldNotCheck || client.KindOf(lamp.Err) != client.SignedOut {
		t.Errorf("after the end: lamp is %+v", lamp)
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
				t.Errorf("error is %v", err)
			}
			if card.UUID != hubtest.UUID {
				t.Errorf("card is %+v: support needs to know whose it is", card)
			}
			tries := b.card.TriesLeft()
			p := typed(passcode)
			if _, err := b.SignIn(t.Context(), p); cardreader.KindOf(err) != c.want || p.Len() != 0 || b.card.TriesLeft() != tries {
				t.Errorf("sign-in gave %v", err)
			}
		})
	}
}

// lock uses up the card's tries.
func lock(t *testing.T, b *bench) {
	t.Helper()
	if _, err := b.ReadAhead(t.Context(), in(reader)); err != nil {
		t.Fatal(err)
	}
	for b.card.TriesLeft() > 0 {
		if _, err := b.SignIn(t.Context(), typed("000000")); err == nil {
			t.Fatal("a wrong passcode signed in")
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
		t.Errorf("error is %v", err)
	}
	if _, err := b.SignIn(t.Context(), typed(passcode)); err != nil {
		t.Error(err)
	}
	if n := len(b.hub.Requests(hubtest.Challenge)); n != 1 {
		t.Errorf("%d nonces were fetched, want 1", n)
	}
}

func TestAHubOutOfReachCostsNoTry(t *testing.T) {
	b := setUp(t, -1, 1)
	b.hub.Stop()
	if _, err := b.ReadAhead(t.Context(), in(reader)); err != nil {
		t.Fatalf("reading ahead must not need the hub: %v", err)
	}
	p := typed("000000")
	if _, err := b.SignIn(t.Context(), p); client.KindOf(err) != client.Unreachable || p.Len() != 0 {
		t.Errorf("error is %v", err)
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
		t.Errorf("%d nonces were fetched, want 2", n)
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
	if _, err := b.SignIn(t.Context(), typed(passcode)); client.KindOf(err) != client.NonceGone {
		t.Errorf("error is %v", err)
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
	if b.hub.Live() != 0 {
		t.Error("the first session lives on")
	}
	if _, err := b.Patient(t.Context(), hubtest.WithAlert); !errors.Is(err, session.ErrNoSession) {
		t.Errorf("error is %v", err)
	}
}

func TestOnlyARoleOfThePersonsIsTaken(t *testing.T) {
	b := setUp(t, -1, 1)
	if err := b.Choose(nurse); !errors.Is(err, session.ErrNoSession) {
		t.Errorf("before sign-in: error is %v", err)
	}
	b.signIn(t)
	if _, err := b.Patient(t.Context(), hubtest.WithAlert); !errors.Is(err, session.ErrNoSession) {
		t.Errorf("before a role: error is %v", err)
	}
	if err := b.Choose("111111111111"); !errors.Is(err, session.ErrNoSession) {
		t.Errorf("a stranger's role: error is %v", err)
	}
	if err := b.Choose(nurse); err != nil {
		t.Error(err)
	}
}

func TestWhatTheRoleMayNotDoIsRefusedWithoutTheHub(t *testing.T) {
	b := setUp(t, -1, 1)
	b.hub.Person.Roles[0].Codes = []string{"B0264"}
	if in := b.signIn(t); len(in.Roles) != 1 || len(in.Usable) != 0 {
		t.Errorf("signed in: %+v", in)
	}
	if err := b.Choose(nurse); err != nil {
		t.Fatal(err)
	}
	lamp := b.Lamp(t.Context(), hubtest.WithAlert)
	var e *client.Error
	if lamp.State != client.CouldNotCheck || !errors.As(lamp.Err, &e) || e.Kind != client.NotAllowed || len(e.Missing) != 1 || e.Missing[0] != "B0107" || e.Status != 0 {
		t.Errorf("lamp is %+v", lamp)
	}
	if _, err := b.Open(t.Context(), hubtest.WithAlert); client.KindOf(err) != client.NotAllowed {
		t.Errorf("error is %v", err)
	}
	if n := len(b.hub.Requests(hubtest.Flag)) + len(b.hub.Requests(hubtest.CareTeam)); n != 0 {
		t.Errorf("the hub was asked %d times", n)
	}
}

func TestAnOpeningWithoutAnAnswerIsAskedAgainUnderTheSameID(t *testing.T) {
	b := setUp(t, -1, 1)
	b.sitNurse(t)
	b.hub.Answer(hubtest.CareTeam, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	for range 2 {
		_, err := b.Open(t.Context(), hubtest.WithAlert)
		var e *client.Error
		if !errors.As(err, &e) || !e.Unsettled {
			t.Fatalf("error is %#v", err)
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
		t.Errorf("ids are %v: three askings for one opening, then another opening", ids)
	}
}
