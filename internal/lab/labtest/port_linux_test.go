package labtest

import (
	"net"
	"testing"
)

func TestAPortThatIsKeptIsFreeForWhoIsToldOfItAndForNobodyElse(t *testing.T) {
	address := Address(t)
	for range 2 {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			t.Fatal("Dial of a reserved port succeeded, want it closed")
		}
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
		l.Close()
	}

	for range 200 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if l.Addr().String() == address {
			t.Fatal("the kernel assigned the reserved port to another listener")
		}
	}
}
