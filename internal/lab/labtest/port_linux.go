package labtest

import (
	"fmt"
	"testing"

	"golang.org/x/sys/unix"
)

// Port keeps a port of the loopback for the test. A program that is told of it may listen there, and another one
// after it; between them nobody does. The kernel gives it to nobody else: a socket is bound to it, which does not
// listen, and lets others who name the port have it too (SO_REUSEADDR, as Go's listeners, node and sshd set it).
func Port(tb testing.TB) int {
	tb.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = unix.Close(fd) })
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		tb.Fatal(err)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		tb.Fatal(err)
	}
	at, err := unix.Getsockname(fd)
	if err != nil {
		tb.Fatal(err)
	}
	return at.(*unix.SockaddrInet4).Port
}

// Address returns a Port with the address of the loopback before it.
func Address(tb testing.TB) string {
	tb.Helper()
	return fmt.Sprintf("127.0.0.1:%d", Port(tb))
}
