package hub_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/hub"
	"wardlight/hub/notify"
	"wardlight/hub/store"
	"wardlight/internal/fhir"
)

// council is an authority's webhook. It refuses everything until up is set, and verifies signatures by itself.
type council struct {
	t      *testing.T
	key    []byte
	mu     sync.Mutex
	up     bool
	tries  int
	taken  []string // IDs of accepted messages
	server *httptest.Server
}

func newCouncil(t *testing.T) *council {
	c := &council{t: t, key: []byte("a secret of twenty-seven by")}
	c.server = httptest.NewServer(c)
	t.Cleanup(c.server.Close)
	return c
}

func (c *council) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tries++
	if !c.up {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}

	body, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Error(err)
	}

	mac := hmac.New(sha256.New, c.key)
	mac.Write([]byte(r.Header.Get("webhook-id") + "." + r.Header.Get("webhook-timestamp") + "." + string(body)))
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); r.Header.Get("webhook-signature") != want {
		c.t.Errorf("webhook-signature = %s, want %s", r.Header.Get("webhook-signature"), want)
	}

	var m fhir.Bundle
	if err := json.Unmarshal(body, &m); err != nil || m.Type != "message" || m.ID != r.Header.Get("webhook-id") {
		c.t.Errorf("webhook body: got error %v for %s, want a message with the webhook's ID", err, body)
	}

	c.taken = append(c.taken, m.ID)
}

func (c *council) set(up bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.up = up
}

func (c *council) seen() (tries int, taken []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tries, slices.Clone(c.taken)
}

func TestTheAuthorityIsToldOnceItCanBe(t *testing.T) {
	la := newCouncil(t)
	ticks := make(chan time.Time)
	b := newFixture(t, func(b *fixture, c *hub.Config) {
		c.After = func(time.Duration) <-chan time.Time { return ticks }
		c.Transport = &notify.Webhook{Secrets: func(string) [][]byte { return [][]byte{la.key} }, Clock: b.clock.Now}
	})

	for _, code := range []string{"V998", "V999"} {
		must(t, b.sqlite.PutAuthority(t.Context(), store.Authority{
			Code: code, Name: code, DutyPhone: "01",
			Endpoint: la.server.URL,
		}))
	}

	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.hub.Run(ctx) }()
	b.signIn().get(nurse, careTeam, about(tess))

	// until advances the clock in steps of 15 minutes until done returns true.
	until := func(what string, done func() bool) {
		t.Helper()
		deadline := time.After(time.Minute)
		for !done() {
			b.clock.Add(15 * time.Minute)
			select {
			case ticks <- b.clock.Now():
			case <-deadline:
				t.Fatalf("timeout waiting until %s", what)
			}
		}
	}

	until("both notifications were tried twice", func() bool { tries, _ := la.seen(); return tries >= 4 })
	if _, taken := la.seen(); len(taken) != 0 {
		t.Fatalf("the authority accepted %v while it was down, want none", taken)
	}

	la.set(true)
	until("both were taken", func() bool { _, taken := la.seen(); return len(taken) == 2 })
	delivered := func() bool {
		_, notified := b.left(tess)
		return !slices.ContainsFunc(notified, func(n store.Notification) bool { return n.Delivered.IsZero() })
	}

	until("both are marked as delivered", delivered)
	until("another round", func() bool { return true })
	_, taken := la.seen()
	_, notified := b.left(tess)
	for _, n := range notified {
		if !slices.Contains(taken, n.ID) {
			t.Errorf("notification %s was not delivered", n.ID)
		}
	}

	if len(taken) != 2 {
		t.Errorf("got delivered messages %v, want 2", taken)
	}

	stop()
	must(t, <-ended)
	if strings.Contains(b.log.String(), tess.Digits()) {
		t.Error("the log contains the NHS number")
	}
}

// TestAnAuthorityThatDoesNotAnswerDelaysNoOther counts what one authority receives while another leaves its first
// request unanswered.
func TestAnAuthorityThatDoesNotAnswerDelaysNoOther(t *testing.T) {
	const openings = 10
	la, answer, stored := newCouncil(t), make(chan struct{}), make(chan struct{}, 2*openings)
	la.set(true)
	stalled := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		stored <- struct{}{}
		<-answer
	}))

	t.Cleanup(stalled.Close)
	release := sync.OnceFunc(func() { close(answer) })
	t.Cleanup(release)
	b := newFixture(t, func(b *fixture, c *hub.Config) {
		c.After = func(time.Duration) <-chan time.Time { return nil } // only events wake the dispatcher
		c.Transport = &notify.Webhook{Secrets: func(string) [][]byte { return [][]byte{la.key} }, Clock: b.clock.Now}
	})

	for code, url := range map[string]string{"V998": stalled.URL, "V999": la.server.URL} {
		must(t, b.sqlite.PutAuthority(t.Context(), store.Authority{
			Code: code, Name: code, DutyPhone: "01",
			Endpoint: url,
		}))
	}

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- b.hub.Run(ctx) }()
	x := b.signIn()
	for range openings {
		if r := x.get(nurse, careTeam, about(tess)); r.status != 200 {
			t.Fatalf("opening: got status %d, body %s; want 200", r.status, r.body)
		}
	}

	waitUntil(t, "the other authority has all of its notifications", func() bool {
		_, taken := la.seen()
		return len(taken) == openings
	})

	waitUntil(t, "the stalled authority has a request", func() bool { return len(stored) > 0 })
	if len(stored) != 1 {
		t.Errorf("the stalled authority got %d requests, want 1", len(stored))
	}

	release()
	waitUntil(t, "the stalled authority has the rest", func() bool { return len(stored) == openings })
	stop()
	must(t, <-ended)
}

// waitUntil waits until done returns true. It fails the test after a minute.
func waitUntil(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(time.Minute)
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("timeout waiting until %s", what)
		}
	}
}
