package pcscd

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"
)

// Forward forwards connections to a service, like a socket that ssh forwards to a remote terminal. It delays data by
// half a round trip in each direction, and records what programs request from the service.
type Forward struct {
	listener  net.Listener
	service   string
	half      time.Duration
	serving   sync.WaitGroup
	closing   context.Context
	stop      context.CancelFunc
	mu        sync.Mutex
	messages  []Message
	connected int
}

// Message is a request of a program to the service. Each takes a round trip, because the program waits for the
// response.
type Message struct {
	Connection int    // counted from 1; each PC/SC context has its own connection
	Command    string // name in pcsc-lite: "TRANSMIT"
}

// NewForward listens on socket and forwards connections to the socket service, until Close.
func NewForward(ctx context.Context, socket, service string, roundTrip time.Duration) (*Forward, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "unix", socket)
	if err != nil {
		return nil, err
	}
	f := &Forward{listener: listener, service: service, half: roundTrip / 2}
	f.closing, f.stop = context.WithCancel(ctx)
	f.serving.Go(f.serve)
	return f, nil
}

// Close closes all connections.
func (f *Forward) Close() {
	f.stop()
	_ = f.listener.Close()
	f.serving.Wait()
}

// Messages returns the messages received so far, in order.
func (f *Forward) Messages() []Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.messages)
}

func (f *Forward) serve() {
	for {
		program, err := f.listener.Accept()
		if err != nil {
			return
		}
		f.connected++
		number := f.connected
		f.serving.Go(func() { f.pass(number, program) })
	}
}

// pass forwards one connection until either side closes it.
func (f *Forward) pass(number int, program net.Conn) {
	service, err := new(net.Dialer).DialContext(f.closing, "unix", f.service)
	if err != nil {
		_ = program.Close()
		return
	}

	ctx, end := context.WithCancel(f.closing)
	defer end()
	defer context.AfterFunc(ctx, func() {
		_ = program.Close()
		_ = service.Close()
	})()

	seen, seeing := io.Pipe()
	var both sync.WaitGroup
	both.Go(func() { f.count(number, seen) })
	both.Go(func() {
		f.carry(ctx, service, io.TeeReader(program, seeing))
		_ = seeing.Close()
		end()
	})

	both.Go(func() {
		f.carry(ctx, program, service)
		end()
	})

	both.Wait()
	_ = program.Close()
	_ = service.Close()
}

// delayedData is data that is being delayed.
type delayedData struct {
	due   time.Time
	bytes []byte
}

// carry copies data from one side to the other, half a round trip later. Several chunks may be delayed at the same
// time.
func (f *Forward) carry(ctx context.Context, to io.Writer, from io.Reader) {
	way := make(chan delayedData, 1024)
	var arrivals sync.WaitGroup
	arrivals.Go(func() {
		for l := range way {
			timer := time.NewTimer(time.Until(l.due))
			select {
			case <-timer.C:
			case <-ctx.Done():
				timer.Stop()
			}
			_, _ = to.Write(l.bytes)
		}
	})

	for {
		b := make([]byte, 1<<16)
		n, err := from.Read(b)
		if n > 0 {
			way <- delayedData{time.Now().Add(f.half), b[:n]}
		}
		if err != nil {
			break
		}
	}

	close(way)
	arrivals.Wait()
}

// commands maps the commands of pcsc-lite's protocol (winscard_msg.h, version 4.4) to their names. Programs wait for a
// response to all of them, including STOP_WAITING.
var commands = map[uint32]string{
	0x01: "ESTABLISH_CONTEXT", 0x02: "RELEASE_CONTEXT", 0x04: "CONNECT", 0x05: "RECONNECT", 0x06: "DISCONNECT",
	0x07: "BEGIN_TRANSACTION", 0x08: "END_TRANSACTION", 0x09: "TRANSMIT", 0x0A: "CONTROL", 0x0B: "STATUS",
	0x0D: "CANCEL",
	0x0F: "GET_ATTRIB", 0x11: "VERSION", 0x12: "GET_READERS_STATE", 0x13: "WAIT_READER_STATE_CHANGE",
	0x14: "STOP_WAITING",
}

// dataLength maps commands to the offset in their structure of the number of bytes that follow.
var dataLength = map[string]int{"TRANSMIT": 12, "CONTROL": 8}

// count parses the messages of a connection. A message has a length and command, a structure and, for some commands,
// data.
func (f *Forward) count(number int, from *io.PipeReader) {
	defer func() { _, _ = io.Copy(io.Discard, from) }()
	r := bufio.NewReader(from)
	for {
		var head struct{ Size, Command uint32 }
		if binary.Read(r, binary.NativeEndian, &head) != nil || head.Size > 1<<16 {
			return
		}

		name, known := commands[head.Command]
		if !known {
			name = fmt.Sprintf("%02X", head.Command)
		}

		f.mu.Lock()
		f.messages = append(f.messages, Message{number, name})
		f.mu.Unlock()
		body := make([]byte, head.Size)
		if _, err := io.ReadFull(r, body); err != nil {
			return
		}

		if at, has := dataLength[name]; has && len(body) >= at+4 {
			if _, err := r.Discard(int(binary.NativeEndian.Uint32(body[at:]))); err != nil {
				return
			}
		}
	}
}
