package session_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/nhs"
	"wardlight/internal/session"
)

// store is a session.Unanswered that outlives a desk.
type store struct {
	mu   sync.Mutex
	ids  map[string]string
	kept chan string // gets every id that was kept, where it is not nil
	err  error       // of all
	drop error       // of Drop alone
}

func (s *store) Find(_ context.Context, key string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ids[key], s.err
}

func (s *store) Keep(_ context.Context, key, id string) error {
	s.mu.Lock()
	if s.err == nil {
		s.ids[key] = id
	}
	err := s.err
	s.mu.Unlock()
	if s.kept != nil {
		s.kept <- id
	}
	return err
}

func (s *store) Drop(_ context.Context, key, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ids[key] == id && s.drop == nil {
		delete(s.ids, key)
	}
	return errors.Join(s.err, s.drop)
}

func (s *store) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.ids)
}

// withStore is a bench whose desk has a store.
func withStore(t *testing.T) (*bench, *store) {
	b, s := setUp(t, -1, 1), &store{ids: make(map[string]string)}
	b.config.Unanswered = s
	b.Desk = session.New(b.config)
	b.sitNurse(t)
	return b, s
}

// hangUp ends the connection without an answer.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// opens opens the alert and returns the request id that it went under.
func (b *bench) opens(t *testing.T, n nhs.Number, counts bool) string {
	t.Helper()
	_, err := b.Open(t.Context(), n)
	var e *client.Error
	if unsettled := errors.As(err, &e) && e.Unsettled; unsettled == counts || err == nil != counts {
		t.Fatalf("opening: %v", err)
	}
	return b.lastID()
}

func (b *bench) lastID() string {
	sent := b.hub.Requests(hubtest.CareTeam)
	return sent[len(sent)-1].Header.Get("X-Request-ID")
}

func TestTheIDOfAnOpeningWithoutAnAnswerOutlivesItsSession(t *testing.T) {
	for name, next := range map[string]func(*testing.T, *bench){
		"the next session": func(t *testing.T, b *bench) {
			b.End(t.Context(), session.Locked)
			b.sitNurse(t)
		},
		"the next program": func(t *testing.T, b *bench) {
			b.End(t.Context(), session.Quit)
			b.settle(t)
			b.Desk = session.New(b.config)
			b.sitNurse(t)
		},
		"a kept session that is over": func(t *testing.T, b *bench) {
			b.hub.Answer(hubtest.CareTeam, func(w http.ResponseWriter, r *http.Request) { hubtest.Refuse(w, r, 401, "ACCESS_DENIED", "") })
			_, err := b.Open(t.Context(), hubtest.WithAlert)
			var e *client.Error
			if !errors.As(err, &e) || e.Kind != client.SignedOut || !e.Unsettled || !strings.Contains(e.Advice(), "sign in again") {
				t.Fatalf("error is %v", err)
			}
		},
		"a busy hub": func(t *testing.T, b *bench) {
			b.hub.Answer(hubtest.CareTeam, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Retry-After", "20")
				hubtest.Refuse(w, r, 429, "TOO_MANY_REQUESTS", "")
			})
			_, err := b.Open(t.Context(), hubtest.WithAlert)
			var e *client.Error
			if !errors.As(err, &e) || !e.Unsettled || !strings.Contains(e.Advice(), "notifies nobody a second time") || !strings.Contains(e.Advice(), "Wait 20 seconds") {
				t.Fatalf("error is %v", err)
			}
		},
		"just within a day": func(_ *testing.T, b *bench) { b.clock.Add(24*time.Hour - time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			b, s := withStore(t)
			b.hub.Answer(hubtest.CareTeam, hangUp)
			first := b.opens(t, hubtest.WithAlert, false)
			next(t, b)
			b.hub.Answer(hubtest.CareTeam, nil)
			if second := b.opens(t, hubtest.WithAlert, true); second != first {
				t.Errorf("the opening went under %s, and again under %s", first, second)
			}
			b.settle(t)
			if s.len() != 0 {
				t.Errorf("an opening that was answered is still kept: %v", s.ids)
			}
			if third := b.opens(t, hubtest.WithAlert, true); third == first {
				t.Error("another opening went under the id of the one that was answered")
			}
		})
	}
}

func TestTheIDOfAnOpeningIsKeptWhileItIsUnderWay(t *testing.T) {
	b, s := withStore(t)
	s.kept = make(chan string, 1)
	var kept string
	b.hub.Answer(hubtest.CareTeam, func(w http.ResponseWriter, r *http.Request) {
		kept = <-s.kept // a program that is killed now has it
		b.hub.Usual(hubtest.CareTeam)(w, r)
	})
	if id := b.opens(t, hubtest.WithAlert, true); id != kept {
		t.Errorf("kept was %q, sent %q", kept, id)
	}
}

func TestAnotherOpeningHasAnotherID(t *testing.T) {
	b, s := withStore(t)
	b.hub.Answer(hubtest.CareTeam, hangUp)
	first := b.opens(t, hubtest.WithAlert, false)
	if other := b.opens(t, hubtest.NoAlert, false); other == first {
		t.Error("another patient's opening went under the same id")
	}
	for key := range s.ids {
		if strings.Contains(key, hubtest.WithAlert) {
			t.Errorf("the key %q names the patient", key)
		}
	}
	b.clock.Add(24*time.Hour + time.Minute)
	s.ids = make(map[string]string) // whoever keeps them drops them then
	if later := b.opens(t, hubtest.WithAlert, false); later == first {
		t.Error("the id serves after a day")
	}
}

func TestAnOpeningThatWasRefusedOrNeverLeftIsNotKept(t *testing.T) {
	b, s := withStore(t)
	b.hub.Answer(hubtest.CareTeam, func(w http.ResponseWriter, r *http.Request) { hubtest.Refuse(w, r, 403, "ACCESS_DENIED", "") })
	var e *client.Error
	if _, err := b.Open(t.Context(), hubtest.WithAlert); !errors.As(err, &e) || e.Unsettled {
		t.Errorf("error is %v", err)
	}
	b.settle(t)
	if s.len() != 0 {
		t.Errorf("kept are %v", s.ids)
	}
}

func TestAnOpeningUnderALockIsKept(t *testing.T) {
	b, s := withStore(t)
	arrived, goOn := make(chan struct{}), make(chan struct{})
	b.hub.Answer(hubtest.CareTeam, func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-goOn
	})
	done := make(chan error, 1)
	go func() { _, err := b.Open(t.Context(), hubtest.WithAlert); done <- err }()
	<-arrived
	first := b.lastID()
	b.End(t.Context(), session.Locked)
	close(goOn)
	if err := <-done; !errors.Is(err, session.ErrNoSession) {
		t.Errorf("error is %v", err)
	}
	b.settle(t)
	if s.len() != 1 {
		t.Errorf("kept are %v", s.ids)
	}
	b.hub.Answer(hubtest.CareTeam, nil)
	b.sitNurse(t)
	if again := b.opens(t, hubtest.WithAlert, true); again != first {
		t.Errorf("the opening went under %s, and again under %s", first, again)
	}
}

func TestAnOpeningWhoseIDCannotBeKeptSaysSo(t *testing.T) {
	b, s := withStore(t)
	s.err = errors.New("no keyring")
	b.hub.Answer(hubtest.CareTeam, hangUp)
	_, err := b.Open(t.Context(), hubtest.WithAlert)
	var e *client.Error
	var lost *session.NotKept
	if !errors.As(err, &e) || !e.Unsettled || !errors.As(err, &lost) || !errors.Is(lost.Err, s.err) || e.RequestID != b.lastID() {
		t.Fatalf("error is %#v", err)
	}
	b.hub.Answer(hubtest.CareTeam, nil)
	if again := b.opens(t, hubtest.WithAlert, true); again != e.RequestID {
		t.Errorf("while the program runs it went under %s, and again under %s", e.RequestID, again)
	}
}

func TestAnOpeningUnderAGivenID(t *testing.T) {
	b, _ := withStore(t)
	const given = "5b0c6a3e-9d1f-4f0e-8a55-0e0c2f6f1c11"
	if _, err := b.OpenAgain(t.Context(), hubtest.WithAlert, given); err != nil || b.lastID() != given {
		t.Errorf("it went under %s: %v", b.lastID(), err)
	}
}

func TestAnOpeningThatWasAnsweredIsOverEvenWhereItsIDCannotBeDropped(t *testing.T) {
	b, s := withStore(t)
	s.drop = errors.New("the disk is full")
	first := b.opens(t, hubtest.WithAlert, true)
	b.settle(t)
	if s.len() != 1 {
		t.Fatalf("kept are %v", s.ids)
	}
	if second := b.opens(t, hubtest.WithAlert, true); second == first {
		t.Error("another opening went under its id")
	}
}

func TestAnOpeningWhoseAnswerNobodySawIsOpenedAgainUnderItsID(t *testing.T) {
	b, s := withStore(t)
	first := b.opens(t, hubtest.WithAlert, true)
	if err := b.Unseen(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	b.settle(t)
	if s.len() != 1 {
		t.Errorf("kept are %v", s.ids)
	}
	if again := b.opens(t, hubtest.WithAlert, true); again != first {
		t.Errorf("the opening went under %s, and again under %s", first, again)
	}
}

// The answer comes when the session has just ended: nobody sees it, and the screen says that opening again notifies
// nobody.
func TestAnOpeningThatIsAnsweredAfterTheSessionsEndIsOpenedAgainUnderItsID(t *testing.T) {
	b, s := withStore(t)
	b.hub.Answer(hubtest.Audit, func(w http.ResponseWriter, r *http.Request) {
		b.End(context.Background(), session.Locked) // the plans have come, the list of who has looked has not
		b.hub.Usual(hubtest.Audit)(w, r)
	})
	if _, err := b.Open(t.Context(), hubtest.WithAlert); !errors.Is(err, session.ErrNoSession) {
		t.Fatalf("error is %v", err)
	}
	first := b.lastID()
	b.settle(t)
	if s.len() != 1 {
		t.Errorf("kept are %v", s.ids)
	}
	b.hub.Answer(hubtest.Audit, nil)
	b.sitNurse(t)
	if again := b.opens(t, hubtest.WithAlert, true); again != first {
		t.Errorf("the opening went under %s, and again under %s", first, again)
	}
	// It was shown at last, or was not: the screens have left it.
	b.End(t.Context(), session.Locked)
	if err := b.Unseen(t.Context(), first); err != nil {
		t.Error(err)
	}
	b.sitNurse(t)
	if again := b.opens(t, hubtest.WithAlert, true); again != first {
		t.Errorf("unseen, it went under %s", again)
	}
}

func TestAGivenIDThatTheHubRefusesIsNotKept(t *testing.T) {
	b, s := withStore(t)
	b.hub.Answer(hubtest.CareTeam, hangUp)
	first := b.opens(t, hubtest.WithAlert, false)
	b.hub.Answer(hubtest.CareTeam, func(w http.ResponseWriter, r *http.Request) { hubtest.Refuse(w, r, 400, "PRECONDITION_FAILED", "") })
	const given = "5b0c6a3e-9d1f-4f0e-8a55-0e0c2f6f1c11"
	var e *client.Error
	if _, err := b.OpenAgain(t.Context(), hubtest.WithAlert, given); !errors.As(err, &e) || e.Kind != client.BadRequest || e.Unsettled {
		t.Fatalf("error is %v", err)
	}
	b.settle(t)
	for _, id := range s.ids {
		if id != first {
			t.Errorf("kept is %s", id)
		}
	}
	b.hub.Answer(hubtest.CareTeam, hangUp)
	if _, err := b.OpenAgain(t.Context(), hubtest.WithAlert, given); !errors.As(err, &e) || !e.Unsettled {
		t.Fatalf("error is %v", err)
	}
	for _, id := range s.ids {
		if id != given {
			t.Errorf("kept is %s, not what the last try had", id)
		}
	}
}
