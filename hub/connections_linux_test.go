package hub_test

import (
	"bufio"
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/hub"
)

// client opens connections from its own loopback address: all of 127.0.0.0/8 is local.
type client struct {
	t    *testing.T
	from string
	to   string
}

// open opens a connection and sends a request. The connection stays open after the answer.
func (c client) open(path string) *bufio.ReadWriter {
	c.t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(c.from)}}
	conn, err := d.DialContext(c.t.Context(), "tcp", c.to)
	must(c.t, err)
	c.t.Cleanup(func() { _ = conn.Close() })
	must(c.t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	_, _ = conn.Write([]byte("GET " + path + " HTTP/1.1\r\nHost: hub\r\n\r\n")) // fails if it was refused and closed
	return bufio.NewReadWriter(bufio.NewReader(conn), bufio.NewWriter(conn))
}

// answered reports whether the request on the connection is answered.
func answered(conn *bufio.ReadWriter) bool {
	resp, err := http.ReadResponse(conn.Reader, nil)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusNoContent
}

// closed reports whether the server has closed an idle connection.
func closed(conn *bufio.ReadWriter) bool {
	_, _ = conn.WriteString("GET / HTTP/1.1\r\nHost: hub\r\n\r\n")
	_ = conn.Flush()
	return !answered(conn)
}

func TestConnections_KeptByOneClient(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	var running atomic.Int64
	entered, goOn := make(chan struct{}, 16), make(chan struct{})
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			running.Add(1)
			entered <- struct{}{}
			<-goOn
		}
		w.WriteHeader(http.StatusNoContent)
	})

	limited := hub.LimitConnections(l, hub.ConnectionLimits{
		All: 8, Source: 4, Clock: func() time.Time { return start }, Log: slog.New(slog.DiscardHandler),
	})

	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- hub.Serve(ctx, limited, nil, h, slog.New(slog.DiscardHandler)) }()
	t.Cleanup(func() { stop(); must(t, <-ended) })
	from := func(address string) client { return client{t, address, l.Addr().String()} }

	var saved []*bufio.ReadWriter
	for i := range 12 {
		conn := from("127.0.0.1").open("/")
		if !answered(conn) {
			t.Fatalf("connection %d of a client got no answer", i)
		}
		saved = append(saved, conn)
	}

	// The server decides which connections it closes, because a connection that has just been answered isn't idle yet.
	left := 0
	for _, conn := range saved {
		if !closed(conn) {
			left++
		}
	}

	if left != 4 {
		t.Errorf("%d connections of one client are open, want 4", left)
	}

	// The limit also holds for requests in progress, and other clients still get answers.
	for range 4 {
		from("127.0.0.2").open("/slow")
		<-entered
	}

	for range 4 {
		if answered(from("127.0.0.2").open("/slow")) {
			t.Error("a fifth concurrent request of one client was answered, want its connection closed")
		}
	}

	if n := running.Load(); n != 4 {
		t.Errorf("%d requests of one client are in progress, want 4", n)
	}

	for range 4 { // there are eight connections: these replace idle ones of the first client
		if !answered(from("127.0.0.3").open("/")) {
			t.Error("a request of another client was not answered")
		}
	}

	close(goOn)
}
