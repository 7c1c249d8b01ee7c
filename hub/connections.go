package hub

import (
	"container/list"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"wardlight/hub/limit"
)

// Default limits on open connections. A connection takes about 40 kB.
const (
	MaxConnections       = 4096
	MaxSourceConnections = 512
)

// ConnectionLimits limits the number of open connections.
type ConnectionLimits struct {
	All     int            // in total
	Source  int            // for each source, as limit.Sources counts them
	Proxies []netip.Prefix // addresses without a limit of their own, because they forward other clients' connections
	Clock   func() time.Time
	Log     *slog.Logger
}

// refusalEvery is the minimum time between two log lines about connections that were closed because of the limits.
const refusalEvery = time.Minute

// LimitConnections returns l with a limit on the number of open connections, so that no client shuts out others by
// keeping connections open. A connection past the limit replaces the longest idle one: of the same source if that is
// at its limit, otherwise of the source with the most connections. If none is idle, the new connection is closed at
// once. [Serve] reports to the listener which connections are idle.
func LimitConnections(l net.Listener, c ConnectionLimits) net.Listener {
	return &limitedListener{Listener: l, ConnectionLimits: c, sources: make(map[string]*connections)}
}

type limitedListener struct {
	net.Listener
	ConnectionLimits

	mu      sync.Mutex
	open    int
	sources map[string]*connections
	logged  time.Time
}

// connections are the open connections of one source.
type connections struct {
	open int
	idle *list.List // of *limitedConn, the longest idle first
}

// limitedConn is a counted connection. The listener's lock guards its fields.
type limitedConn struct {
	net.Conn
	of     *limitedListener
	source string
	idle   *list.Element // nil while the connection is in use
	closed bool
}

// Accept returns the next connection that is within the limits. It closes the others.
func (l *limitedListener) Accept() (net.Conn, error) {
	for {
		accepted, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		remote := accepted.RemoteAddr().String()
		c := &limitedConn{Conn: accepted, of: l, source: limit.Sources{}.Of(remote, nil)}
		idle, admitted := l.admit(c, l.proxy(remote))
		if idle != nil {
			_ = idle.Conn.Close()
		}
		if admitted {
			return c, nil
		}
		_ = accepted.Close()
	}
}

func (l *limitedListener) proxy(remote string) bool {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return false
	}
	for _, p := range l.Proxies {
		if p.Contains(at.Addr().Unmap()) {
			return true
		}
	}
	return false
}

// admit counts a connection and reports whether it is admitted. idle is the connection that the caller has to close to
// make room, or nil.
func (l *limitedListener) admit(c *limitedConn, proxy bool) (idle *limitedConn, admitted bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	own := l.sources[c.source]
	if own == nil {
		own = &connections{idle: list.New()}
	}

	from := own
	switch {
	case !proxy && own.open >= l.Source:
	case l.open >= l.All:
		for _, s := range l.sources {
			if s.idle.Len() > 0 && (from.idle.Len() == 0 || s.open > from.open) {
				from = s
			}
		}
	default:
		from = nil
	}

	if from != nil {
		l.log(c.source)
		oldest := from.idle.Front()
		if oldest == nil {
			return nil, false
		}
		idle = oldest.Value.(*limitedConn) //nolint:errcheck,forcetypeassert // the list has no other type
		l.forget(idle)
	}

	l.sources[c.source] = own
	own.open++
	l.open++
	return idle, true
}

// log logs that connections are being closed, at most once per refusalEvery.
func (l *limitedListener) log(source string) {
	now := l.Clock()
	if !l.logged.IsZero() && now.Sub(l.logged).Abs() < refusalEvery {
		return
	}
	l.logged = now
	l.Log.Warn("There are too many connections: idle connections are closed, and new ones are refused if none is idle.",
		"source", source, "open", l.open)
}

// forget removes a connection from the counts. A second call does nothing.
func (l *limitedListener) forget(c *limitedConn) {
	if c.closed {
		return
	}
	c.closed = true
	own := l.sources[c.source]
	if c.idle != nil {
		own.idle.Remove(c.idle)
		c.idle = nil
	}
	l.open--
	if own.open--; own.open == 0 {
		delete(l.sources, c.source)
	}
}

// Close closes the connection and removes it from the counts.
func (c *limitedConn) Close() error {
	c.of.mu.Lock()
	c.of.forget(c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}

// changed records which connections are idle. It is the server's http.Server.ConnState.
func (l *limitedListener) changed(conn net.Conn, state http.ConnState) {
	if over, ok := conn.(*tls.Conn); ok {
		conn = over.NetConn()
	}

	c, ok := conn.(*limitedConn)
	if !ok {
		return
	}

	l.mu.Lock()
	defer l.mu.Unlock()
	if c.closed {
		return
	}

	own := l.sources[c.source]
	if c.idle != nil {
		own.idle.Remove(c.idle)
		c.idle = nil
	}

	if state == http.StateIdle {
		c.idle = own.idle.PushBack(c)
	}
}
