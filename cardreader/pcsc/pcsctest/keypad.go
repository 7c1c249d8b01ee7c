package pcsctest

import (
	"encoding/binary"
	"io"
	"net"
	"path/filepath"
	"sync"
	"testing"
)

// Messages of pcsc-lite between library and service (winscard_msg.h). A message has a header with size and command,
// and the fields of the command. The two commands here also have data for the reader.
const (
	msgTransmit     = 0x09
	msgControl      = 0x0A
	headerSize      = 8
	transmitSize    = 32 // struct transmit_struct
	controlSize     = 24 // struct control_struct
	maxMessage      = 1 << 17
	featureRequest  = 0x42000000 + 3400 // CM_IOCTL_GET_FEATURE_REQUEST
	verifyDirect    = 0x42330006        // control code of FEATURE_VERIFY_PIN_DIRECT in these tests
	verifyStructure = 19                // bytes before the command in PIN_VERIFY_STRUCTURE
	protocolT1      = 2
)

// Keypad adds a keypad (PC/SC part 10) to a reader without one. It is a proxy between programs and the service. It
// announces FEATURE_VERIFY_PIN_DIRECT for the reader, and sends the typed passcode to the card.
type Keypad struct {
	Socket string // for the variable PCSCLITE_CSOCK_NAME

	tb      testing.TB
	service string

	mu     sync.Mutex
	typed  string
	answer []byte
	asked  [][]byte
}

// NewKeypad starts the proxy for the service at a socket. dir is a folder of the test with a short name.
func NewKeypad(tb testing.TB, dir, service string) *Keypad {
	tb.Helper()
	k := &Keypad{Socket: filepath.Join(dir, "keypad"), tb: tb, service: service}
	var config net.ListenConfig
	listener, err := config.Listen(tb.Context(), "unix", k.Socket)
	if err != nil {
		tb.Fatal(err)
	}

	var open sync.WaitGroup
	tb.Cleanup(func() {
		_ = listener.Close()
		open.Wait()
	})

	open.Go(func() {
		for {
			program, err := listener.Accept()
			if err != nil {
				return
			}
			open.Go(func() { k.serve(program) })
		}
	})

	return k
}

// Type sets the digits typed for later passcode requests. If answer is not nil, the reader returns it instead, such as
// 64 01 when its user cancels.
func (k *Keypad) Type(digits string, answer []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.typed, k.answer = digits, answer
}

// Asked returns the PIN_VERIFY structures that programs have sent.
func (k *Keypad) Asked() [][]byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.asked
}

// serve forwards the messages of one program, except those about the keypad.
func (k *Keypad) serve(program net.Conn) {
	defer func() { _ = program.Close() }()
	service, err := new(net.Dialer).DialContext(k.tb.Context(), "unix", k.service)
	if err != nil {
		return
	}
	defer func() { _ = service.Close() }()

	// Data from the service are forwarded to the program, unless they answer a command of this proxy.
	ours := &divertingWriter{to: program}
	go func() {
		_, _ = io.Copy(ours, service)
		_ = program.Close()
	}()

	for {
		header, fields, data, err := readMessage(program)
		if err != nil {
			return
		}

		if binary.NativeEndian.Uint32(header[4:]) == msgControl {
			if response, is := k.control(fields, data, service, ours); is {
				binary.NativeEndian.PutUint32(fields[16:], uint32(len(response)))
				binary.NativeEndian.PutUint32(fields[20:], 0)
				_, _ = program.Write(append(fields, response...))
				continue
			}
		}

		if _, err := service.Write(append(append(header, fields...), data...)); err != nil {
			return
		}
	}
}

// readMessage reads one message from a program.
func readMessage(r io.Reader) (header, fields, data []byte, err error) {
	header = make([]byte, headerSize)
	if _, err = io.ReadFull(r, header); err != nil {
		return nil, nil, nil, err
	}
	fields = make([]byte, min(binary.NativeEndian.Uint32(header), maxMessage))
	if _, err = io.ReadFull(r, fields); err != nil {
		return nil, nil, nil, err
	}
	switch command := binary.NativeEndian.Uint32(header[4:]); {
	case command == msgTransmit && len(fields) == transmitSize:
		data = make([]byte, min(binary.NativeEndian.Uint32(fields[12:]), maxMessage))
	case command == msgControl && len(fields) == controlSize:
		data = make([]byte, min(binary.NativeEndian.Uint32(fields[8:]), maxMessage))
	}
	_, err = io.ReadFull(r, data)
	return header, fields, data, err
}

// control answers control requests about the keypad. is reports whether the request was one.
func (k *Keypad) control(fields, data []byte, service io.Writer, ours *divertingWriter) (response []byte, is bool) {
	switch code := binary.NativeEndian.Uint32(fields[4:]); {
	case code == featureRequest:
		return binary.BigEndian.AppendUint32([]byte{0x06, 4}, verifyDirect), true
	case code != verifyDirect || len(data) < verifyStructure+5:
		return nil, false
	}
	k.mu.Lock()
	typed, answer := k.typed, k.answer
	k.asked = append(k.asked, data)
	k.mu.Unlock()
	if answer != nil {
		return answer, true
	}
	command := append([]byte(nil), data[verifyStructure:]...)
	copy(command[5:], typed)
	return k.transmit(binary.NativeEndian.Uint32(fields), command, service, ours), true
}

// transmit sends a command to the card over the program's connection, and returns the response.
func (k *Keypad) transmit(card uint32, command []byte, service io.Writer, ours *divertingWriter) []byte {
	message := make([]byte, headerSize+transmitSize)
	for i, v := range []uint32{
		transmitSize, msgTransmit, card, protocolT1, 8, uint32(len(command)), protocolT1, 8,
		2 + 256, 0,
	} {
		binary.NativeEndian.PutUint32(message[4*i:], v)
	}
	answer := ours.open()
	defer ours.close()
	if _, err := service.Write(append(message, command...)); err != nil {
		return nil
	}
	fields := make([]byte, transmitSize)
	if _, err := io.ReadFull(answer, fields); err != nil {
		return nil
	}
	response := make([]byte, min(binary.NativeEndian.Uint32(fields[24:]), maxMessage))
	_, _ = io.ReadFull(answer, response)
	return response
}

// divertingWriter is a writer whose bytes can be diverted temporarily.
type divertingWriter struct {
	to io.Writer

	mu sync.Mutex
	in *io.PipeWriter // nil while bytes are written to the writer
}

// Write writes to the current destination.
func (t *divertingWriter) Write(b []byte) (int, error) {
	t.mu.Lock()
	in := t.in
	t.mu.Unlock()
	if in != nil {
		return in.Write(b)
	}
	return t.to.Write(b)
}

func (t *divertingWriter) open() io.Reader {
	r, w := io.Pipe()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.in = w
	return r
}

func (t *divertingWriter) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	_ = t.in.Close()
	t.in = nil
}
