package virtual

import (
	"io"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// quickAckConn is a TCP connection that acknowledges data immediately.
type quickAckConn struct {
	net.Conn
	raw syscall.RawConn
}

// withQuickAck returns a TCP connection that acknowledges data immediately. vpcd 3.3 sends length and body of a frame
// in two writes. Nagle's algorithm delays the second until the first is acknowledged, and Linux delays that by 40 ms.
// This makes a sign-in take 515 ms instead of 18 ms.
func withQuickAck(conn net.Conn) io.ReadWriter {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return conn
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return conn
	}
	return quickAckConn{conn, raw}
}

// Read enables quick acknowledgement before every read, because the kernel resets the option.
func (q quickAckConn) Read(b []byte) (int, error) {
	_ = q.raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_QUICKACK, 1) // an error only makes it slower
	})
	return q.Conn.Read(b)
}
