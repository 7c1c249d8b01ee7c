package winetest

import (
	"encoding/binary"
	"io"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"wardlight/cardreader/virtual"
)

// ReaderName is the name of the Reader. No 8-bit code page has all of its letters.
const ReaderName = "Lesegerät Ж中 0"

// Reader is the reader of a replacement for the smartcard service of Windows (c/winscard.c).
type Reader struct {
	card *virtual.Card
	port int
	out  atomic.Bool
}

// InstallReader installs the replacement for the smartcard service, with card in its reader. Only programs with the
// variables of Environ use it.
func (w *Windows) InstallReader(tb testing.TB, card *virtual.Card) *Reader {
	tb.Helper()
	Library(tb, w.Drive("windows", "system32", "winscard.dll"), "winscard.c", "-lws2_32")
	listener, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}

	r := &Reader{card: card, port: listener.Addr().(*net.TCPAddr).Port}
	var serving sync.WaitGroup
	tb.Cleanup(func() {
		_ = listener.Close()
		serving.Wait()
	})

	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			stop := make(chan struct{})
			serving.Go(func() {
				defer close(stop)
				r.serve(conn)
			})
			tb.Cleanup(func() { _ = conn.Close(); <-stop })
		}
	})

	return r
}

// Environ returns the environment variables for programs that use the reader.
func (r *Reader) Environ() []string {
	return []string{
		"WINSCARD_PORT=" + strconv.Itoa(r.port),
		"WINEDLLOVERRIDES=winscard=n;mscoree=;mshtml=;winemenubuilder.exe=",
	}
}

// Pull removes the card.
func (r *Reader) Pull() { r.out.Store(true) }

// Insert inserts the card again.
func (r *Reader) Insert() {
	r.card.Reset()
	r.out.Store(false)
}

// serve answers the requests of one process until the connection ends.
func (r *Reader) serve(conn net.Conn) {
	defer conn.Close()

	for {
		var head [3]byte
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			return
		}

		command := make([]byte, binary.BigEndian.Uint16(head[1:]))
		if _, err := io.ReadFull(conn, command); err != nil {
			return
		}

		var response []byte
		switch out := r.out.Load(); {
		case out:
		case head[0] == 'P':
			response = r.card.ATR()
		case head[0] == 'T':
			response = r.card.Process(command)
		case head[0] == 'R':
			r.card.Reset()
		}

		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(response))),
			response...)); err != nil {
			return
		}
	}
}
