package virtual

import (
	"io"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// quickConn acknowledges at once what it reads.
type quickConn struct {
	net.Conn
	raw syscall.RawConn
}

// quick makes a TCP connection acknowledge at once. vpcd 3.3 sends length and body of a frame in two writes, of which
// Nagle's algorithm holds the second until the first is acknowledged, and Linux delays that by 40 ms: the difference
// between 18 and 515 ms for a sign-in.
func quick(conn net.Conn) io.ReadWriter {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return conn
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return conn
	}
	return quickConn{conn, raw}
}

// Read asks for quick acknowledgement before every read, because the kernel forgets it.
func (q quickConn) Read(b []byte) (int, error) {
	_ = q.raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_QUICKACK, 1) // slow is still right
	})
	return q.Conn.Read(b)
}
