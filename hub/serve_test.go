package hub_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/hub"
)

func TestServingEndsAfterTheRequestsThatRun(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	running, goOn := make(chan struct{}), make(chan struct{})
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(running)
		<-goOn
		_, _ = io.WriteString(w, "answered")
	})

	ended := make(chan error, 1)
	go func() { ended <- hub.Serve(ctx, l, nil, h, slog.New(slog.DiscardHandler)) }()

	body := make(chan string, 1)
	go func() {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.Addr().String(), nil)
		if err != nil {
			body <- err.Error()
			return
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			body <- err.Error()
			return
		}
		defer resp.Body.Close() //nolint:errcheck // the body is read next
		b, _ := io.ReadAll(resp.Body)
		body <- string(b)
	}()
	<-running
	stop()

	// Shutdown has started when the listener is closed.
	for {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", l.Addr().String())
		if err != nil {
			break
		}
		_ = c.Close()
	}

	close(goOn)
	if got := <-body; got != "answered" {
		t.Errorf("running request during shutdown: got %q, want \"answered\"", got)
	}

	must(t, <-ended)
}

// TestServe_SlowRequests sends half a header, and half a body, and then nothing. The hub must close both connections.
func TestServe_SlowRequests(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended, bodies := make(chan error, 1), make(chan error, 1)
	h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		bodies <- err
	})
	go func() { ended <- hub.Serve(ctx, l, nil, h, slog.New(slog.DiscardHandler)) }()

	var all sync.WaitGroup
	for name, sent := range map[string]string{
		"half a header": "GET / HTTP/1.1\r\nHost: hub.example\r\n",
		"half a body":   "POST / HTTP/1.1\r\nHost: hub.example\r\nContent-Length: 9\r\n\r\nhalf",
	} {
		all.Go(func() {
			c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", l.Addr().String())
			if err != nil {
				t.Errorf("%s: %v", name, err)
				return
			}
			defer c.Close() //nolint:errcheck // the test is over

			_ = c.SetDeadline(time.Now().Add(time.Minute)) // far more than the hub's limits
			_, _ = io.WriteString(c, sent)
			if answer, err := io.ReadAll(c); err != nil {
				t.Errorf("%s: got %q, %v, want a closed connection", name, answer, err)
			}
		})
	}

	all.Wait()
	if err := <-bodies; err == nil {
		t.Error("half a body: got no error in the handler, want one")
	}
	stop()
	must(t, <-ended)
}

func TestAHeaderThatIsTooLargeIsRefused(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- hub.Serve(ctx, l, nil, http.NotFoundHandler(), slog.New(slog.DiscardHandler)) }()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.Addr().String(), nil)
	must(t, err)
	req.Header.Set("X-Request-ID", strings.Repeat("A", 40<<10))
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	must(t, resp.Body.Close())
	if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("request with large headers: got status %d, want 431", resp.StatusCode)
	}
	stop()
	must(t, <-ended)
}

func TestAListenerThatFailsIsSaid(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	must(t, l.Close())
	if err := hub.Serve(t.Context(), l, nil, http.NotFoundHandler(), slog.New(slog.DiscardHandler)); err == nil {
		t.Error("Serve on a closed listener succeeded, want error")
	}
}

func TestAHubIsNotMadeOfTooLittle(t *testing.T) {
	b := newFixture(t)
	whole := hub.Config{Store: b.sqlite, CA: b.ca.cas(), Issuer: issuer, Transport: silence{}}
	for name, change := range map[string]func(*hub.Config){
		"no store":          func(c *hub.Config) { c.Store = nil },
		"no CA":             func(c *hub.Config) { c.CA = nil },
		"no transport":      func(c *hub.Config) { c.Transport = nil },
		"no issuer":         func(c *hub.Config) { c.Issuer = "" },
		"issuer without //": func(c *hub.Config) { c.Issuer = "hub.example" },
		"issuer with / end": func(c *hub.Config) { c.Issuer = issuer + "/" },
	} {
		c := whole
		change(&c)
		if _, err := hub.New(c); err == nil {
			t.Errorf("New with %s succeeded, want error", name)
		}
	}
	if _, err := hub.New(whole); err != nil {
		t.Error(err)
	}
}
