//go:build !linux

package virtual

import (
	"io"
	"net"
)

// withQuickAck returns conn, because acknowledgements are not delayed on this system, or cannot be configured.
func withQuickAck(conn net.Conn) io.ReadWriter { return conn }
