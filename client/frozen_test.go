package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/client/hubtest"
)

// line is a TCP proxy in front of a hub. It can drop all traffic of its connections without closing them, as happens
// when a network path changes.
type line struct {
	net.Listener
	to string

	mu     sync.Mutex
	frozen chan struct{} // closed by freeze; each connection uses the channel current at its start
	all    []net.Conn
}

func newLine(t *testing.T, hub *hubtest.Hub) *line {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	l := &line{Listener: listener, to: strings.TrimPrefix(hub.URL, "https://"), frozen: make(chan struct{})}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { l.carry(from) })
		}
	})

	t.Cleanup(func() {
		_ = l.Close()
		l.mu.Lock()
		for _, c := range l.all {
			_ = c.Close()
		}
		l.mu.Unlock()
		serving.Wait()
	})

	return l
}

// dropTraffic drops all later traffic of the current connections.
func (l *line) dropTraffic() {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.frozen)
	l.frozen = make(chan struct{})
}

func (l *line) carry(from net.Conn) {
	to, err := net.Dial("tcp", l.to)
	if err != nil {
		_ = from.Close()
		return
	}

	l.mu.Lock()
	frozen := l.frozen
	l.all = append(l.all, from, to)
	l.mu.Unlock()
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{from, to}, {to, from}} {
		both.Go(func() {
			buf := make([]byte, 32<<10)
			for {
				n, err := way[0].Read(buf)
				select {
				case <-frozen:
					_, _ = io.Copy(io.Discard, way[0])
					return
				default:
				}
				if _, lost := way[1].Write(buf[:n]); err != nil || lost != nil {
					_ = way[1].Close()
					return
				}
			}
		})
	}

	both.Wait()
}

// via returns a change that connects a client through the line, with HTTP/2 or HTTP/1.1, and with pings after that
// time; 0 means no pings.
func (l *line) via(http2 bool, pings, timeout time.Duration) func(*client.Config) {
	return func(c *client.Config) {
		transport := c.HTTP.Transport.(*http.Transport)
		transport.Proxy = nil
		transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, l.Addr().String())
		}
		transport.ForceAttemptHTTP2, transport.HTTP2 = http2, nil
		if pings > 0 {
			transport.HTTP2 = &http.HTTP2Config{SendPingTimeout: pings, PingTimeout: pings}
		}
		c.Timeout = timeout
	}
}

func TestPings_LostConnection(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	l := newLine(t, hub)
	sessions := nurse(t, hub, l.via(true, 500*time.Millisecond, time.Minute))
	l.dropTraffic()
	// Without pings the call would take a minute.
	if lamp := sessions.Lamp(t.Context(), hubtest.WithAlert); lamp.State != client.Alert {
		t.Errorf("Lamp after the connection was lost = %+v, want an alert over a new one", lamp)
	}
	l.dropTraffic()
	_, err := sessions.Open(t.Context(), hubtest.WithAlert, "")
	var e *client.Error
	if !errors.As(err, &e) || e.Kind != client.Unreachable || !e.OutcomeUnknown {
		t.Fatalf("Open after the connection was lost: got error %#v, want kind Unreachable, unsettled", err)
	}
	if _, err := sessions.Open(t.Context(), hubtest.WithAlert, e.RequestID); err != nil {
		t.Errorf("second Open: %v", err)
	}
}

func TestAConnectionWithoutCallsIsClosedBeforeAPing(t *testing.T) {
	transport := client.NewHTTP(nil).Transport.(*http.Transport)
	if transport.IdleConnTimeout <= 0 || transport.IdleConnTimeout >= transport.HTTP2.SendPingTimeout {
		t.Errorf("IdleConnTimeout = %v, want less than SendPingTimeout, %v",
			transport.IdleConnTimeout, transport.HTTP2.SendPingTimeout)
	}
}

func TestTheClientPingsBeforeACallIsGivenUp(t *testing.T) {
	config := client.NewHTTP(nil).Transport.(*http.Transport).HTTP2
	if config == nil || config.SendPingTimeout <= 0 || config.PingTimeout <= 0 ||
		config.SendPingTimeout+config.PingTimeout >= client.DefaultTimeout {
		t.Errorf("HTTP/2 configuration = %+v, want timeouts that add up to less than %v", config, client.DefaultTimeout)
	}
}

func TestACallThatIsGivenUpLeavesNoLostConnectionForTheNext(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	l := newLine(t, hub)
	sessions := nurse(t, hub, l.via(false, 0, 2*time.Second)) // HTTP/1.1 has no pings
	var several sync.WaitGroup                                // so that there are several idle connections
	for range 3 {
		several.Go(func() { sessions.Lamp(t.Context(), hubtest.WithAlert) })
	}
	several.Wait()
	l.dropTraffic()
	if lamp := sessions.Lamp(t.Context(), hubtest.WithAlert); client.KindOf(lamp.Err) != client.TimedOut {
		t.Errorf("Lamp after the connections were lost = %+v, want kind TimedOut", lamp)
	}
	if lamp := sessions.Lamp(t.Context(), hubtest.WithAlert); lamp.State != client.Alert {
		t.Errorf("second Lamp = %+v, %v, want an alert", lamp, lamp.Err)
	}
}

func TestAProbeAlsoGoesOverTheConnectionThatIsInUse(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	l := newLine(t, hub)
	h := dial(t, hub, l.via(false, 0, 2*time.Second))
	if p := h.Probe(t.Context()); p.Err != nil || !p.HandshakeDone || p.TLS != "TLS 1.3" || p.ConnectionLost {
		t.Fatalf("first Probe = %+v, want no error", p)
	}
	signIn(t, h)
	if p := h.Probe(t.Context()); p.Err != nil || !p.HandshakeDone || p.TLS != "TLS 1.3" ||
		!p.Certificate.Equal(hub.Certificate()) || p.ConnectionLost {
		t.Errorf("Probe over an existing connection = %+v, want no error", p)
	}
	l.dropTraffic()
	p := h.Probe(t.Context())
	if client.KindOf(p.Err) != client.TimedOut || !p.ConnectionLost || !p.Connected || !p.HandshakeDone || !p.Answered {
		t.Errorf("Probe after the connection was lost = %+v, want Lost, and success over a new one", p)
	}
	if p := h.Probe(t.Context()); p.Err != nil || p.ConnectionLost {
		t.Errorf("next Probe = %+v, want no error", p)
	}
}
