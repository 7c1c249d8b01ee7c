package doctor

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"wardlight/cardreader"
)

// Recorder is a System that keeps what is said between its caller and the cards, without what must not be kept. Only what is
// known to be harmless is kept whole: SELECT, GET DATA and their answers. Of every other command the header and the lengths
// are kept, so that neither a passcode (VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER) nor a signature can be in it.
type Recorder struct {
	cardreader.System
	clock func() time.Time

	mu    sync.Mutex
	lines []string
	lost  int
}

// maxLines is how many lines are kept; reading a card makes about twenty.
const maxLines = 1000

// Record makes a Recorder of sys.
func Record(sys cardreader.System, clock func() time.Time) *Recorder {
	return &Recorder{System: sys, clock: clock}
}

// Connect is the System's, recorded.
func (r *Recorder) Connect(ctx context.Context, reader string) (cardreader.Link, error) {
	link, err := r.System.Connect(ctx, reader)
	if err != nil {
		_, _, code := told(err)
		r.note("connect %s: %s", clean(reader), code)
		return nil, err
	}
	r.note("connect %s: ATR % X, reader passes APDUs of %d bytes", clean(reader), link.ATR(), link.MaxAPDU())
	return &recorded{Link: link, to: r}, nil
}

func (r *Recorder) note(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.lines) == maxLines {
		r.lost++
		return
	}
	r.lines = append(r.lines, r.clock().UTC().Format("15:04:05.000 ")+fmt.Sprintf(format, args...))
}

// WriteTo writes what was recorded, a line each.
func (r *Recorder) WriteTo(w io.Writer) (int64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var written int64
	for _, l := range r.lines {
		n, err := fmt.Fprintln(w, l)
		written += int64(n)
		if err != nil {
			return written, err
		}
	}
	if r.lost > 0 {
		n, err := fmt.Fprintf(w, "%d more lines were not kept\n", r.lost)
		return written + int64(n), err
	}
	return written, nil
}

// recorded is one link of a Recorder.
type recorded struct {
	cardreader.Link
	to   *Recorder
	open bool // the last command's answer may be kept, what GET RESPONSE fetches of it too
}

// The instructions that are kept whole (ISO 7816-4; SP 800-73-4 part 2).
const (
	insSelect      = 0xA4
	insGetData     = 0xCB
	insGetResponse = 0xC0
)

// Transmit is the Link's, recorded. The command is written down before it is sent: a driver may overwrite it.
func (l *recorded) Transmit(command []byte) ([]byte, error) {
	said := l.command(command)
	began := l.to.clock()
	response, err := l.Link.Transmit(command)
	took := l.to.clock().Sub(began).Round(time.Millisecond)
	if err != nil {
		_, _, code := told(err)
		l.to.note("> %s\n             < %s (%s)", said, code, took)
		return response, err
	}
	l.to.note("> %s\n             < %s (%s)", said, l.response(response), took)
	return response, nil
}

func (l *recorded) command(c []byte) string {
	if len(c) < 4 {
		l.open = false
		return fmt.Sprintf("(%d bytes)", len(c))
	}
	switch c[1] {
	case insSelect, insGetData:
		l.open = true
		return fmt.Sprintf("% X", c)
	case insGetResponse:
		return fmt.Sprintf("% X", c)
	}
	l.open = false
	if len(c) == 4 {
		return fmt.Sprintf("% X", c)
	}
	return fmt.Sprintf("% X (%d bytes not kept)", c[:4], len(c)-4)
}

func (l *recorded) response(r []byte) string {
	n := len(r) - 2
	switch {
	case n < 0:
		return fmt.Sprintf("(%d bytes)", len(r))
	case n == 0 || l.open:
		return fmt.Sprintf("% X", r)
	}
	return fmt.Sprintf("(%d bytes not kept) % X", n, r[n:])
}

// Close is the Link's, recorded.
func (l *recorded) Close(after cardreader.Disposition) error {
	how := "left as it is"
	if after == cardreader.Reset {
		how = "reset"
	}
	l.to.note("disconnect: card %s", how)
	return l.Link.Close(after)
}
