package labtest

import (
	"fmt"
	"testing"

	"golang.org/x/sys/unix"
)

// Port reserves a port on the loopback interface until the test ends. A program that is passed the port may listen on
// it, and another one after it ends. Between them the port is closed. The kernel assigns it to no other program,
// because a socket is bound to it. That socket doesn't listen, and allows programs that name the port to bind it, too
// (SO_REUSEADDR, which Go's listeners, node and sshd set).
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

// Address returns a reserved port with the loopback address: "127.0.0.1:PORT".
func Address(tb testing.TB) string {
	tb.Helper()
	return fmt.Sprintf("127.0.0.1:%d", Port(tb))
}
