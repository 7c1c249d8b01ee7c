package handover

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"wardlight/internal/nhs"
)

// The protocol. Every line begins with its name and version, and ends with a line feed:
//
//	screens:  wardlight-show/1 ready
//	command:  wardlight-show/1 9990000018
//	screens:  wardlight-show/1 shown
//
// If the patient is not shown, the last word is the name of a Kind. The command waits for the line "ready" before it
// sends the number: otherwise the number could stay in the socket's queue of a stopped process and be shown later.
const (
	version = "wardlight-show/1"
	ready   = "ready"
	shown   = "shown"
)

// maxLine is the maximum length of a line in bytes, including the line feed.
const maxLine = 64

// errLine is returned for a malformed line.
var errLine = errors.New("handover: this is not a line of the protocol")

// readWord reads one line and returns the word after the version. It reads no byte after the line feed and at most
// maxLine bytes. Errors are errVersion, errLine and those of the reader.
func readWord(r io.Reader) (string, error) {
	line := make([]byte, 0, maxLine)
	defer func() { clear(line[:cap(line)]) }()
	for one := make([]byte, 1); ; {
		if _, err := io.ReadFull(r, one); err != nil {
			return "", err
		}
		if one[0] == '\n' {
			return wordOf(string(line))
		}
		if line = append(line, one[0]); len(line) == maxLine {
			return "", errLine
		}
	}
}

// errVersion is returned for a line of another version of the protocol.
var errVersion = errors.New("handover: this is another version of the protocol")

// wordOf returns the word in a line. A word consists of lower-case letters, digits and underscores.
func wordOf(line string) (string, error) {
	head, word, found := strings.Cut(line, " ")
	odd := strings.ContainsFunc(word, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_'
	})
	switch {
	case !found, word == "", odd, !strings.HasPrefix(head, "wardlight-show/"):
		return "", errLine
	case head != version:
		return "", errVersion
	}
	return word, nil
}

// writeWord writes a line with the word.
func writeWord(w io.Writer, word string) error {
	_, err := io.WriteString(w, version+" "+word+"\n")
	return err
}

// kindOf returns the kind with a name, or Failed if the name is unknown.
func kindOf(name string) Kind {
	for k, w := range table {
		if w.Name == name {
			return k
		}
	}
	return Failed
}

// conn is a connection with deadlines, such as a net.Conn.
type conn interface {
	io.ReadWriter
	SetDeadline(t time.Time) error
}

// withTimeout calls do. Reads and writes on c fail when the timeout has expired or ctx is done.
func withTimeout(ctx context.Context, timeout time.Duration, c conn, do func() error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	past := time.Unix(1, 0)
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(past) })
	err := do()
	if !stop() && err == nil {
		err = ctx.Err()
	}
	return err
}

// serve implements the screens' side of one connection. take passes a request to the screens; its context is done when
// the peer has stopped waiting.
func serve(ctx context.Context, timeout time.Duration, c conn, take func(context.Context, Request) error) error {
	var number nhs.Number
	err := withTimeout(ctx, timeout, c, func() error {
		if err := writeWord(c, ready); err != nil {
			return err
		}
		word, err := readWord(c)
		if err != nil {
			return err
		}
		number, err = nhs.ParseNumber(word)
		return err
	})

	var form *nhs.FormError
	switch {
	case errors.Is(err, errVersion):
		return withTimeout(ctx, timeout, c, func() error { return writeWord(c, OtherVersion.String()) })
	case errors.Is(err, errLine), errors.As(err, &form):
		return withTimeout(ctx, timeout, c, func() error { return writeWord(c, Failed.String()) })
	case err != nil:
		return err
	}

	word := requestShow(ctx, timeout, number, take)
	return withTimeout(ctx, timeout, c, func() error { return writeWord(c, word) })
}

// requestShow passes the number to the screens, waits for their reply, and returns its word.
func requestShow(ctx context.Context, timeout time.Duration, n nhs.Number,
	take func(context.Context, Request) error,
) string {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, reply := NewRequest(n, ctx.Done())
	if err := take(ctx, request); err != nil {
		return NoAnswer.String()
	}
	select {
	case err := <-reply:
		if err != nil {
			return err.Kind.String()
		}
		return shown
	case <-ctx.Done():
		return NoAnswer.String()
	}
}

// send implements the command's side of one connection. began reports whether the number was sent. Errors are *Error.
func send(ctx context.Context, timeout time.Duration, c conn, n nhs.Number) (began bool, err *Error) {
	var word string
	read := func() (err error) { word, err = readWord(c); return err }
	if failed := withTimeout(ctx, timeout, c, read); failed != nil {
		return false, failure(failed)
	}
	if word != ready {
		return false, &Error{Kind: kindOf(word)}
	}

	write := func() error { return writeWord(c, n.Digits()) }
	if failed := withTimeout(ctx, timeout, c, write); failed != nil {
		return true, failure(failed)
	}

	// The screens report a timeout of their own after the same time.
	if failed := withTimeout(ctx, 2*timeout, c, read); failed != nil {
		return true, failure(failed)
	}
	if word != shown {
		return true, &Error{Kind: kindOf(word)}
	}

	return true, nil
}

// failure returns the error for a line that could not be read.
func failure(err error) *Error {
	switch {
	case errors.Is(err, errVersion):
		return &Error{Kind: OtherVersion, Err: err}
	case errors.Is(err, errLine):
		return &Error{Kind: Failed, Err: err}
	default:
		return &Error{Kind: NoAnswer, Err: err}
	}
}
