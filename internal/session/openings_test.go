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

// store is a session.Unanswered that several instances of [session.Manager] can use.
type store struct {
	mu    sync.Mutex
	ids   map[string]string
	saved chan string // receives every id that is stored, if not nil
	err   error       // returned by all methods
	drop  error       // returned by Drop
}

func (s *store) Find(_ context.Context, key string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ids[key], s.err
}

func (s *store) Save(_ context.Context, key, id string) error {
	s.mu.Lock()
	if s.err == nil {
		s.ids[key] = id
	}
	err := s.err
	s.mu.Unlock()
	if s.saved != nil {
		s.saved <- id
	}
	return err
}

func (s *store) Delete(_ context.Context, key, id string) error {
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

// withStore returns a bench with a store.
func withStore(t *testing.T) (*fixture, *store) {
	b, s := setUp(t, -1, 1), &store{ids: make(map[string]string)}
	b.config.Openings = s
	b.Manager = session.New(b.config)
	b.sitNurse(t)
	return b, s
}

// hangUp closes the connection without an answer.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// opens opens the alert and returns the request id that was sent. counts is whether an answer is expected.
func (b *fixture) opens(t *testing.T, n nhs.Number, counts bool) string {
	t.Helper()
	_, err := b.Open(t.Context(), n)
	var e *client.Error
	if unsettled := errors.As(err, &e) && e.OutcomeUnknown; unsettled == counts || err == nil != counts {
		t.Fatalf("Open: error %v, want success or no answer: %v", err, counts)
	}
	return b.lastID()
}

func (b *fixture) lastID() string {
	sent := b.hub.Requests(hubtest.CareTeam)
	return sent[len(sent)-1].Header.Get("X-Request-ID")
}

func TestTheIDOfAnOpeningWithoutAnAnswerOutlivesItsSession(t *testing.T) {
	for name, next := range map[string]func(*testing.T, *fixture){
		"the next session": func(t *testing.T, b *fixture) {
			b.End(t.Context(), session.Locked)
			b.sitNurse(t)
		},
		"the next program": func(t *testing.T, b *fixture) {
			b.End(t.Context(), session.Quit)
			b.settle(t)
			b.Manager = session.New(b.config)
			b.sitNurse(t)
		},
		"a kept session that is over": func(t *testing.T, b *fixture) {
			b.hub.Answer(hubtest.CareTeam, func(w http.ResponseWriter, r *http.Request) {
				hubtest.Refuse(w, r, 401, "ACCESS_DENIED", "")
			})
			_, err := b.Open(t.Context(), hubtest.WithAlert)
			var e *client.Error
			if !errors.As(err, &e) || e.Kind != client.SignedOut || !e.OutcomeUnknown ||
				!strings.Contains(e.Advice(), "sign in again") {
				t.Fatalf("Open: error %v, want SignedOut, unsettled, with the advice to sign in again", err)
			}
		},
		"a busy hub": func(t *testing.T, b *fixture) {
			b.hub.Answer(hubtest.CareTeam, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Retry-After", "20")
				hubtest.Refuse(w, r, 429, "TOO_MANY_REQUESTS", "")
			})
			_, err := b.Open(t.Context(), hubtest.WithAlert)
			var e *client.Error
			if !errors.As(err, &e) || !e.OutcomeUnknown ||
				!strings.Contains(e.Advice(), "notifies nobody a second time") ||
				!strings.Contains(e.Advice(), "Wait 20 seconds") {
				t.Fatalf("Open: error %v, want it unsettled, with the advice to wait", err)
			}
		},
		"just within a day": func(_ *testing.T, b *fixture) { b.clock.Add(24*time.Hour - time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			b, s := withStore(t)
			b.hub.Answer(hubtest.CareTeam, hangUp)
			first := b.opens(t, hubtest.WithAlert, false)
			next(t, b)
			b.hub.Answer(hubtest.CareTeam, nil)
			if second := b.opens(t, hubtest.WithAlert, true); second != first {
				t.Errorf("second attempt sent request id %s, want %s", second, first)
			}
			b.settle(t)
			if s.len() != 0 {
				t.Errorf("stored ids after an answer = %v, want none", s.ids)
			}
			if third := b.opens(t, hubtest.WithAlert, true); third == first {
				t.Errorf("a new opening sent request id %s of an answered one", third)
			}
		})
	}
}

func TestTheIDOfAnOpeningIsKeptWhileItIsUnderWay(t *testing.T) {
	b, s := withStore(t)
	s.saved = make(chan string, 1)
	var saved string
	b.hub.Answer(hubtest.CareTeam, func(w http.ResponseWriter, r *http.Request) {
		saved = <-s.saved // stored before the request, in case the process is killed
		b.hub.DefaultHandler(hubtest.CareTeam)(w, r)
	})
	if id := b.opens(t, hubtest.WithAlert, true); id != saved {
		t.Errorf("request id sent = %q, want the stored %q", id, saved)
	}
}

func TestAnotherOpeningHasAnotherID(t *testing.T) {
	b, s := withStore(t)
	b.hub.Answer(hubtest.CareTeam, hangUp)
	first := b.opens(t, hubtest.WithAlert, false)
	if other := b.opens(t, hubtest.NoAlert, false); other == first {
		t.Errorf("the opening of another patient sent the same request id %s", other)
	}
	for key := range s.ids {
		if strings.Contains(key, hubtest.WithAlert) {
			t.Errorf("key %q contains the NHS number", key)
		}
	}
	b.clock.Add(24*time.Hour + time.Minute)
	s.ids = make(map[string]string) // a real store drops them after OpeningTTL
	if later := b.opens(t, hubtest.WithAlert, false); later == first {
		t.Errorf("request id %s was used again after a day", later)
	}
}

func TestAnOpeningThatWasRefusedOrNeverLeftIsNotKept(t *testing.T) {
	b, s := withStore(t)
	b.hub.Answer(hubtest.CareTeam, func(w http.ResponseWriter, r *http.Request) {
		hubtest.Refuse(w, r, 403, "ACCESS_DENIED", "")
	})
	var e *client.Error
	if _, err := b.Open(t.Context(), hubtest.WithAlert); !errors.As(err, &e) || e.OutcomeUnknown {
		t.Errorf("Open: error %v, want a refusal that is not unsettled", err)
	}
	b.settle(t)
	if s.len() != 0 {
		t.Errorf("stored ids = %v, want none", s.ids)
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
		t.Errorf("Open: error %v, want ErrNoSession", err)
	}

	b.settle(t)
	if s.len() != 1 {
		t.Errorf("stored ids = %v, want one", s.ids)
	}

	b.hub.Answer(hubtest.CareTeam, nil)
	b.sitNurse(t)
	if again := b.opens(t, hubtest.WithAlert, true); again != first {
		t.Errorf("second attempt sent request id %s, want %s", again, first)
	}
}

func TestAnOpeningWhoseIDCannotBeKeptSaysSo(t *testing.T) {
	b, s := withStore(t)
	s.err = errors.New("no keyring")
	b.hub.Answer(hubtest.CareTeam, hangUp)
	_, err := b.Open(t.Context(), hubtest.WithAlert)
	var e *client.Error
	var lost *session.NotStoredError
	if !errors.As(err, &e) || !e.OutcomeUnknown || !errors.As(err, &lost) || !errors.Is(lost.Err, s.err) ||
		e.RequestID != b.lastID() {
		t.Fatalf("Open: error %#v, want NotKept with the id %s", err, b.lastID())
	}
	b.hub.Answer(hubtest.CareTeam, nil)
	if again := b.opens(t, hubtest.WithAlert, true); again != e.RequestID {
		t.Errorf("second attempt in the same process sent request id %s, want %s", again, e.RequestID)
	}
}

func TestAnOpeningUnderAGivenID(t *testing.T) {
	b, _ := withStore(t)
	const given = "5b0c6a3e-9d1f-4f0e-8a55-0e0c2f6f1c11"
	if _, err := b.OpenAgain(t.Context(), hubtest.WithAlert, given); err != nil || b.lastID() != given {
		t.Errorf("OpenAgain sent request id %s, error %v, want %s", b.lastID(), err, given)
	}
}

func TestAnOpeningThatWasAnsweredIsOverEvenWhereItsIDCannotBeDropped(t *testing.T) {
	b, s := withStore(t)
	s.drop = errors.New("the disk is full")
	first := b.opens(t, hubtest.WithAlert, true)
	b.settle(t)
	if s.len() != 1 {
		t.Fatalf("stored ids = %v, want one", s.ids)
	}
	if second := b.opens(t, hubtest.WithAlert, true); second == first {
		t.Errorf("a new opening sent request id %s of an answered one", second)
	}
}

func TestAnOpeningWhoseAnswerNobodySawIsOpenedAgainUnderItsID(t *testing.T) {
	b, s := withStore(t)
	first := b.opens(t, hubtest.WithAlert, true)
	if err := b.MarkUnseen(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	b.settle(t)
	if s.len() != 1 {
		t.Errorf("stored ids = %v, want one", s.ids)
	}
	if again := b.opens(t, hubtest.WithAlert, true); again != first {
		t.Errorf("second attempt sent request id %s, want %s", again, first)
	}
}

// The answer arrives just after the session has ended, so that the user doesn't see it. The screen says that opening
// again notifies nobody.
func TestAnOpeningThatIsAnsweredAfterTheSessionsEndIsOpenedAgainUnderItsID(t *testing.T) {
	b, s := withStore(t)
	b.hub.Answer(hubtest.Audit, func(w http.ResponseWriter, r *http.Request) {
		b.End(context.Background(), session.Locked) // the plans have arrived, the access history has not
		b.hub.DefaultHandler(hubtest.Audit)(w, r)
	})

	if _, err := b.Open(t.Context(), hubtest.WithAlert); !errors.Is(err, session.ErrNoSession) {
		t.Fatalf("Open: error %v, want ErrNoSession", err)
	}

	first := b.lastID()
	b.settle(t)
	if s.len() != 1 {
		t.Errorf("stored ids = %v, want one", s.ids)
	}

	b.hub.Answer(hubtest.Audit, nil)
	b.sitNurse(t)
	if again := b.opens(t, hubtest.WithAlert, true); again != first {
		t.Errorf("second attempt sent request id %s, want %s", again, first)
	}

	// The second answer was not shown either, because the user had left the screen.
	b.End(t.Context(), session.Locked)
	if err := b.MarkUnseen(t.Context(), first); err != nil {
		t.Error(err)
	}

	b.sitNurse(t)
	if again := b.opens(t, hubtest.WithAlert, true); again != first {
		t.Errorf("attempt after Unseen sent request id %s, want %s", again, first)
	}
}

func TestAGivenIDThatTheHubRefusesIsNotKept(t *testing.T) {
	b, s := withStore(t)
	b.hub.Answer(hubtest.CareTeam, hangUp)
	first := b.opens(t, hubtest.WithAlert, false)
	b.hub.Answer(hubtest.CareTeam, func(w http.ResponseWriter, r *http.Request) {
		hubtest.Refuse(w, r, 400, "PRECONDITION_FAILED", "")
	})

	const given = "5b0c6a3e-9d1f-4f0e-8a55-0e0c2f6f1c11"
	var e *client.Error
	if _, err := b.OpenAgain(t.Context(), hubtest.WithAlert, given); !errors.As(err, &e) ||
		e.Kind != client.BadRequest || e.OutcomeUnknown {
		t.Fatalf("OpenAgain: error %v, want BadRequest, not unsettled", err)
	}

	b.settle(t)
	for _, id := range s.ids {
		if id != first {
			t.Errorf("stored id = %s, want %s", id, first)
		}
	}

	b.hub.Answer(hubtest.CareTeam, hangUp)
	if _, err := b.OpenAgain(t.Context(), hubtest.WithAlert, given); !errors.As(err, &e) || !e.OutcomeUnknown {
		t.Fatalf("OpenAgain: error %v, want it unsettled", err)
	}

	for _, id := range s.ids {
		if id != given {
			t.Errorf("stored id = %s, want %s of the last attempt", id, given)
		}
	}
}
