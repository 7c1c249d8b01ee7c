package cardreader

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// Traced returns a System like sys that writes all communication with cards to w, line by line: commands and responses
// in hex, with the status word separate, and changes of readers and errors. The data of commands that contain a
// passcode (VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER, and the parts of a chain of them) are replaced by
// their length, so that the trace may be sent to support. pcscd's own log shows the passcode in clear and must not be
// sent. Errors of w are ignored, because a failed trace should not prevent a sign-in.
//
//	connect "Reader 00 00" ATR 3B8701803... longest APDU 65544
//	> 00A40400 0BA00000030800001000010000
//	< 6111... 9000
//	> 00200080 (9 bytes hidden)
//
// Cards in several readers may be used at the same time. The lines of each reader but the first begin with its number.
func Traced(sys System, w io.Writer) System {
	t := &tracer{w: w}
	return &traced{System: sys, tracer: t}
}

type traced struct {
	System
	tracer *tracer
}

// Wait implements System.
func (s *traced) Wait(ctx context.Context, known []Reader, timeout time.Duration) ([]Reader, error) {
	now, err := s.System.Wait(ctx, known, timeout)
	switch {
	case err != nil:
		s.tracer.line("wait: %s", causes(err))
	case !SameReaders(known, now):
		s.tracer.line("readers: %d", len(now))
		for _, r := range now {
			s.tracer.line("reader %q present %t mute %t in use %t taken %t ATR %X", r.Name, r.Present, r.Mute, r.Shared,
				r.Exclusive, r.ATR)
		}
	}
	return now, err
}

// OtherPrograms implements ProgramLister.
func (s *traced) OtherPrograms() []string { return OtherPrograms(s.System) }

// Connect implements System.
func (s *traced) Connect(ctx context.Context, reader string) (Link, error) {
	link, err := s.System.Connect(ctx, reader)
	if err != nil {
		s.tracer.line("connect %q: %s", reader, causes(err))
		return nil, err
	}
	number := s.tracer.numberOf(reader)
	s.tracer.line(number+"connect %q ATR %X longest APDU %d", reader, link.ATR(), link.MaxAPDU())
	return &tracedLink{Link: link, tracer: s.tracer, number: number}, nil
}

// tracedLink is a Link of one transaction. Its commands are sequential.
type tracedLink struct {
	Link
	tracer *tracer
	number string // number of its reader, and a space; "" for the first reader
}

// Transmit implements Link.
func (l *tracedLink) Transmit(command []byte) ([]byte, error) {
	l.tracer.line(l.number+"> %s", Redacted(command))
	return l.answered(l.Link.Transmit(command))
}

// VerifyTyped implements Link. The passcode typed on the reader is not known here.
func (l *tracedLink) VerifyTyped(command []byte) ([]byte, error) {
	l.tracer.line(l.number+"> %s, typed on the reader", Redacted(command))
	return l.answered(l.Link.VerifyTyped(command))
}

// answered writes a response to the trace.
func (l *tracedLink) answered(response []byte, err error) ([]byte, error) {
	if err != nil {
		l.tracer.line(l.number+"< %s", causes(err))
		return response, err
	}
	if n := len(response) - 2; n > 0 {
		l.tracer.line(l.number+"< %X %X", response[:n], response[n:])
	} else {
		l.tracer.line(l.number+"< %X", response)
	}
	return response, err
}

// Close implements Link.
func (l *tracedLink) Close(after Disposition) {
	how := "leave"
	if after == Reset {
		how = "reset"
	}
	l.tracer.line(l.number+"close, %s", how)
	l.Link.Close(after)
}

// tracer writes whole lines. It is safe for concurrent use.
type tracer struct {
	mu      sync.Mutex
	w       io.Writer
	readers []string // in the order of their first connection
}

// numberOf returns the prefix of a reader's lines.
func (t *tracer) numberOf(reader string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.Index(t.readers, reader)
	if i < 0 {
		i = len(t.readers)
		t.readers = append(t.readers, reader)
	}
	if i == 0 {
		return ""
	}
	return fmt.Sprintf("%d ", i+1)
}

func (t *tracer) line(format string, values ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, _ = fmt.Fprintf(t.w, format+"\n", values...)
}

// secretInstructions are the instructions whose data contain a passcode or an unblocking code (ISO 7816-4, section
// 11.5).
var secretInstructions = []byte{
	0x20, 0x21, // VERIFY
	0x24, 0x25, 0x26, // CHANGE REFERENCE DATA, and disabling it
	0x28,       // ENABLE VERIFICATION REQUIREMENT
	0x2C, 0x2D, // RESET RETRY COUNTER
}

// Redacted returns a command in hex without data that may be secret. A command too short for an instruction is hidden
// completely.
func Redacted(command []byte) string {
	if len(command) < 4 {
		return fmt.Sprintf("(%d bytes hidden)", len(command))
	}
	header, rest := command[:4], command[4:]
	switch {
	case len(rest) == 0:
		return fmt.Sprintf("%X", header)
	case slices.Contains(secretInstructions, command[1]):
		return fmt.Sprintf("%X (%d bytes hidden)", header, len(rest))
	}
	return fmt.Sprintf("%X %X", header, rest)
}

// causes returns the code of an error and its chain of causes in one line.
func causes(err error) string {
	var out bytes.Buffer
	var e *Error
	if errors.As(err, &e) {
		out.WriteString(e.Code())
	}
	for cause := errors.Unwrap(err); cause != nil; cause = errors.Unwrap(cause) {
		fmt.Fprintf(&out, " %q", cause.Error())
	}
	if out.Len() == 0 {
		return fmt.Sprintf("%q", err.Error())
	}
	return out.String()
}
