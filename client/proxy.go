package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
)

// proxyRefusal is the error of a proxy that refused to connect to the hub.
type proxyRefusal struct{ status int }

// Error implements error.
func (r *proxyRefusal) Error() string { return fmt.Sprintf("CONNECT refused with status %d", r.status) }

// sentence returns the message for the user.
func (r *proxyRefusal) sentence() string {
	return fmt.Sprintf("The proxy between this computer and the hub refused the connection, with status %d.", r.status)
}

// refusalOfProxy returns a *proxyRefusal for an answer to CONNECT other than 200. It is the OnProxyConnectResponse of
// http.Transport. Without it, net/http's error has only the status line, as if the hub were unreachable.
func refusalOfProxy(ctx context.Context, _ *url.URL, _ *http.Request, res *http.Response) error {
	if res.StatusCode != http.StatusOK {
		return &proxyRefusal{res.StatusCode}
	}
	if t, ok := ctx.Value(probeKey{}).(*probeTrace); ok {
		t.behindProxy()
	}
	return nil
}

// isProxyLost reports whether the proxy could not be reached.
func isProxyLost(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "proxyconnect"
}
