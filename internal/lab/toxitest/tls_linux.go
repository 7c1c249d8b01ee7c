package toxitest

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// TLS is a TCP proxy that knows the records of TLS 1.3. It can change and hold back messages, which Toxiproxy
// can't.
type TLS struct {
	Address string // host and port where it listens

	ctx      context.Context // of the test
	upstream string
	flip     atomic.Int32 // the sender whose messages are changed
	hold     atomic.Bool
	flipped  atomic.Int32
	before   atomic.Int64
	running  sync.WaitGroup

	mu    sync.Mutex
	conns []net.Conn
}

// Sender is an end of a connection.
type Sender int32

// The ends of a connection. The zero value is neither.
const (
	Neither Sender = iota
	Client
	Server
)

// Lengths and types of TLS records (RFC 8446 §5).
const (
	recordHeader    = 5
	applicationData = 23
)

// minMessage is the minimum length in bytes of a record with a request or an answer of the hub. The rest of the
// handshake, settings of HTTP/2 and alerts are shorter.
const minMessage = 256

// StartTLS starts a proxy that forwards connections to an address. It ends with the test.
func StartTLS(tb testing.TB, upstream string) *TLS {
	tb.Helper()
	listener, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}

	p := &TLS{Address: listener.Addr().String(), ctx: tb.Context(), upstream: upstream}
	p.running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			p.running.Go(func() { p.serve(conn) })
		}
	})

	tb.Cleanup(func() {
		_ = listener.Close()
		p.closeAll()
		p.running.Wait()
	})
	return p
}

// Flip makes the proxy change one byte of each request or answer that the sender sends from now on.
func (p *TLS) Flip(by Sender) { p.flip.Store(int32(by)) }

// Hold makes the proxy forward no answer from now on, and nothing that the server sends after it on that connection.
func (p *TLS) Hold(on bool) { p.hold.Store(on) }

// Flipped returns how many records were changed.
func (p *TLS) Flipped() int { return int(p.flipped.Load()) }

// BeforeAnswer returns how many bytes the server sent before its first answer, on the newest connection with one.
func (p *TLS) BeforeAnswer() int64 { return p.before.Load() }

// add registers a connection, so that the end of the test closes it.
func (p *TLS) add(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns = append(p.conns, c)
}

func (p *TLS) closeAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		_ = c.Close()
	}
}

func (p *TLS) serve(client net.Conn) {
	p.add(client)
	defer client.Close()
	server, err := new(net.Dialer).DialContext(p.ctx, "tcp", p.upstream)
	if err != nil {
		return
	}
	p.add(server)
	defer server.Close()

	// The first record of application data from the client ends the handshake (RFC 8446 §2). What the server sent
	// before, such as its certificate, is part of it.
	var done atomic.Bool
	p.running.Go(func() {
		defer server.Close()
		p.forward(client, server, Client, &done)
	})
	p.forward(server, client, Server, &done)
}

// forward copies records until one end closes its connection.
func (p *TLS) forward(from io.Reader, to io.Writer, by Sender, done *atomic.Bool) {
	var sent int64
	answered, held := false, false
	record := make([]byte, recordHeader+1<<16)
	for {
		if _, err := io.ReadFull(from, record[:recordHeader]); err != nil {
			return
		}
		end := recordHeader + int(binary.BigEndian.Uint16(record[recordHeader-2:]))
		if _, err := io.ReadFull(from, record[recordHeader:end]); err != nil {
			return
		}

		if done.Load() && record[0] == applicationData && end >= minMessage {
			if by == Server && !answered {
				answered = true
				p.before.Store(sent)
			}
			held = held || by == Server && p.hold.Load()
			if Sender(p.flip.Load()) == by {
				record[end/2] ^= 1
				p.flipped.Add(1)
			}
		}
		if by == Client && record[0] == applicationData {
			done.Store(true)
		}

		if held {
			continue
		}
		if _, err := to.Write(record[:end]); err != nil {
			return
		}
		sent += int64(end)
	}
}
