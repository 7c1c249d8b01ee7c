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

// The connections that a hub accepts where nothing else is set. A connection takes about 40 kB.
const (
	MaxConnections       = 4096
	MaxSourceConnections = 512
)

// ConnectionLimits says how many connections are open at once.
type ConnectionLimits struct {
	All     int            // of everybody
	Source  int            // of one source, as limit.Sources counts them
	Proxies []netip.Prefix // have no limit of their own: everybody comes through them
	Clock   func() time.Time
	Log     *slog.Logger
}

// refusalEvery is how often connections that are closed for the limits are logged at most.
const refusalEvery = time.Minute

// LimitConnections returns l with a limit on the connections that are open at once, so that nobody shuts out others by
// keeping connections. A connection past the limit takes the place of the one that has been idle for longest: of the
// same source, or, where all have too many, of the source that has the most. Where none is idle it is closed at once.
// Serve reports to it which connections are idle.
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

// connections are the open ones of a source.
type connections struct {
	open int
	idle *list.List // of *limitedConn, that which has been idle for longest first
}

// limitedConn is a connection that counts. Its fields belong to the listener's lock.
type limitedConn struct {
	net.Conn
	of     *limitedListener
	source string
	idle   *list.Element // nil while it is in use
	closed bool
}

// Accept returns the next connection that the limits admit.
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

// admit counts a connection, or refuses it. idle is the one that has to be closed for it; nil for none.
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
		idle = oldest.Value.(*limitedConn) //nolint:errcheck,forcetypeassert // only connections are in the list
		l.forget(idle)
	}
	l.sources[c.source] = own
	own.open++
	l.open++
	return idle, true
}

// log says that connections are closed, once a minute at most.
func (l *limitedListener) log(source string) {
	now := l.Clock()
	if !l.logged.IsZero() && now.Sub(l.logged).Abs() < refusalEvery {
		return
	}
	l.logged = now
	l.Log.Warn("There are too many connections: idle ones are closed, and new ones where none is idle.", "source", source, "open", l.open)
}

// forget takes a connection out of the count, once.
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

// Close closes the connection and takes it out of the count.
func (c *limitedConn) Close() error {
	c.of.mu.Lock()
	c.of.forget(c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}

// changed notes which connections are idle (http.Server.ConnState).
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
