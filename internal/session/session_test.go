package session_test

import (
	"context"
	"crypto"
	"crypto/elliptic"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/cardreader"
	"wardlight/cardreader/piv"
	"wardlight/cardreader/virtual"
	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/nhs"
	"wardlight/internal/session"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const (
	passcode = "246813"
	reader   = "Virtual Reader"
	nurse    = "999000000222"
)

// clock is a clock that a test can move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// bench is a desk with a virtual card in its reader and a stand-in hub.
type bench struct {
	*session.Desk
	hub    *hubtest.Hub
	clock  *clock
	reader *virtual.Reader
	card   *virtual.Card
	config session.Config
}

// setUp makes a bench whose card is good from and until those days from noon.
func setUp(t *testing.T, from, until int) *bench {
	t.Helper()
	b := &bench{clock: &clock{now: noon}, reader: virtual.NewReader(reader)}
	b.hub = hubtest.New(t, b.clock.Now)
	who := hubtest.EC(t, elliptic.P256(), noon.AddDate(0, 0, from), noon.AddDate(0, 0, until))
	var err error
	b.card, err = virtual.New(virtual.Config{Key: who.Key, Certificate: who.Certificate.Raw, Passcode: []byte(passcode)})
	if err != nil {
		t.Fatal(err)
	}
	b.reader.Insert(b.card)
	hub, err := client.New(client.Config{BaseURL: b.hub.URL, HTTP: client.NewHTTP(b.hub.Roots), Clock: b.clock.Now, NewID: uuid.NewString, Timeout: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	b.config = session.Config{
		Open: func(ctx context.Context, name string) (cardreader.Card, error) { return piv.Open(ctx, b.reader, name) },
		Hub:  hub, Clock: b.clock.Now, NewID: uuid.NewString,
	}
	b.Desk = session.New(b.config)
	t.Cleanup(func() { b.End(context.Background(), session.Quit); b.settle(t) })
	return b
}

// settle waits until all that was ended is revoked.
func (b *bench) settle(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	b.Wait(ctx)
	if ctx.Err() != nil {
		t.Error("the desk never came to rest")
	}
}

func typed(s string) *cardreader.Passcode {
	p := new(cardreader.Passcode)
	for _, b := range []byte(s) {
		p.Append(b)
	}
	return p
}

// signIn reads the card and signs in.
func (b *bench) signIn(t *testing.T) session.SignedIn {
	t.Helper()
	if _, err := b.ReadAhead(t.Context(), reader); err != nil {
		t.Fatal(err)
	}
	in, err := b.SignIn(t.Context(), typed(passcode))
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// sitNurse signs in and takes the nurse's role.
func (b *bench) sitNurse(t *testing.T) {
	t.Helper()
	b.signIn(t)
	if err := b.Choose(nurse); err != nil {
		t.Fatal(err)
	}
}

func TestFromCardToAlert(t *testing.T) {
	b := setUp(t, -1, 1)
	card, err := b.ReadAhead(t.Context(), reader)
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
	if opened, err := b.Open(t.Context(), hubtest.WithAlert); err != nil || len(opened.Plans) != 1 || !opened.Notified {
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
		"ended":   {-30, -1, false, cardreader.CertificateEnded, "Your certificate ended on 21-Nov-2026: renew it with your RA."},
		"not yet": {2, 30, false, cardreader.CertificateNotYet, "Your certificate is valid only from 24-Nov-2026."},
		"locked":  {-1, 1, true, cardreader.Locked, "This smartcard is locked."},
	} {
		t.Run(name, func(t *testing.T) {
			b := setUp(t, c.from, c.until)
			if c.lock {
				lock(t, b)
			}
			card, err := b.ReadAhead(t.Context(), reader)
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
	if _, err := b.ReadAhead(t.Context(), reader); err != nil {
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
	if _, err := b.ReadAhead(t.Context(), reader); err != nil {
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
	if _, err := b.ReadAhead(t.Context(), reader); err != nil {
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
	if _, err := b.ReadAhead(t.Context(), reader); err != nil {
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
	if _, err := b.ReadAhead(t.Context(), reader); err != nil {
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
	if _, err := b.ReadAhead(t.Context(), reader); err != nil {
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

func TestAnEndDuringACallDropsItsAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		route string
		call  func(*bench) error
	}{
		"find": {hubtest.Search, func(b *bench) error {
			_, err := b.Find(context.Background(), client.Query{Family: "Example", Born: nhs.Date{Year: 2016, Month: 3, Day: 4}})
			return err
		}},
		"patient": {hubtest.Record, func(b *bench) error {
			_, err := b.Patient(context.Background(), hubtest.WithAlert)
			return err
		}},
		"lamp": {hubtest.Flag, func(b *bench) error { return b.Lamp(context.Background(), hubtest.WithAlert).Err }},
		"open": {hubtest.CareTeam, func(b *bench) error {
			_, err := b.Open(context.Background(), hubtest.WithAlert)
			return err
		}},
		"sign in": {hubtest.Token, func(b *bench) error {
			_, err := b.SignIn(context.Background(), typed(passcode))
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			b := setUp(t, -1, 1)
			b.sitNurse(t)
			b.hub.Answer(c.route, func(w http.ResponseWriter, r *http.Request) {
				b.End(context.Background(), session.Idle)
				if c.route == hubtest.Token { // the hub begins a session that nobody waits for
					b.hub.Usual(c.route)(w, r)
					return
				}
				<-r.Context().Done()
			})
			if err := c.call(b); !errors.Is(err, session.ErrNoSession) {
				t.Errorf("error is %v, want ErrNoSession", err)
			}
			b.settle(t)
			if n := b.hub.Live(); n != 0 {
				t.Errorf("%d sessions live on at the hub", n)
			}
		})
	}
}

// stuckCard does not answer until it is let go.
type stuckCard struct {
	cardreader.Card
	asked, free chan struct{}
	wiped       chan int
}

func (c *stuckCard) Sign(_ context.Context, p *cardreader.Passcode, _ []byte, _ crypto.Hash) ([]byte, error) {
	close(c.asked)
	<-c.free
	p.Wipe()
	c.wiped <- p.Len()
	return nil, &cardreader.Error{Kind: cardreader.Removed}
}

func TestACardThatHangsDoesNotHoldUpTheEnd(t *testing.T) {
	b := setUp(t, -1, 1)
	stuck := &stuckCard{asked: make(chan struct{}), free: make(chan struct{}), wiped: make(chan int, 1)}
	open := b.config.Open
	b.config.Open = func(ctx context.Context, name string) (cardreader.Card, error) {
		var err error
		stuck.Card, err = open(ctx, name)
		return stuck, err
	}
	desk := session.New(b.config)
	if _, err := desk.ReadAhead(t.Context(), reader); err != nil {
		t.Fatal(err)
	}
	p := typed(passcode)
	failed := make(chan error, 1)
	go func() {
		_, err := desk.SignIn(context.Background(), p)
		failed <- err
	}()
	<-stuck.asked
	desk.End(t.Context(), session.Locked)
	if err := <-failed; !errors.Is(err, session.ErrNoSession) {
		t.Errorf("error is %v, want ErrNoSession", err)
	}
	if p.Len() != 0 {
		t.Error("the caller's passcode was not wiped")
	}
	close(stuck.free)
	<-stuck.wiped
}

func TestManyHandsAtOnceLeaveNothingBehind(t *testing.T) {
	b := setUp(t, -1, 1)
	b.sitNurse(t)
	var hands sync.WaitGroup
	for i := range 24 {
		hands.Go(func() {
			switch i % 6 {
			case 0:
				_, _ = b.ReadAhead(t.Context(), reader)
			case 1:
				_, _ = b.SignIn(t.Context(), typed(passcode))
			case 2:
				_ = b.Choose(nurse)
			case 3:
				_ = b.Lamp(t.Context(), hubtest.WithAlert)
			case 4:
				_, _ = b.Open(t.Context(), hubtest.WithAlert)
			case 5:
				b.End(t.Context(), session.Idle)
			}
		})
	}
	hands.Wait()
	b.End(t.Context(), session.Quit)
	b.settle(t)
	if n := b.hub.Live(); n != 0 {
		t.Errorf("%d sessions live on", n)
	}
}

// eventually waits until f holds.
func eventually(t *testing.T, f func() bool) {
	t.Helper()
	deadline, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !f() {
		select {
		case <-tick.C:
		case <-deadline.Done():
			t.Fatal("it never came about")
		}
	}
}
