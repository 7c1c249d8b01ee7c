package piv

import (
	"context"
	"errors"

	"wardlight/cardreader"
)

// Bounds on what a card may make us do for one command.
const (
	maxResponse = 1 << 16 // bytes
	maxSteps    = 300     // GET RESPONSE commands
	maxExact    = 8       // repetitions with the Le that the card asked for
)

// transport carries commands over a link: lengths, chaining, 61xx and 6Cxx (ISO 7816-4, section 5.1).
type transport struct {
	link     cardreader.Link
	memory   *Memory
	extended bool // extended lengths are known, or not yet known not, to work
}

// newTransport uses extended lengths only when the reader and the card both say that they take them, and none such has
// failed before. A silent reader gets short ones: OpenSC's issue 735 shows what guessing costs.
func newTransport(link cardreader.Link, m *Memory) *transport {
	atr := link.ATR()
	return &transport{
		link: link, memory: m,
		extended: link.MaxAPDU() > maxShortLe && extendedByATR(atr) && m.takesExtended(atr),
	}
}

// send carries out the command, short or extended as fits, and returns its whole response data and status word.
// An extended command that fails for a reason that length could explain is sent again short, and so are all after it.
func (t *transport) send(ctx context.Context, c command) ([]byte, uint16, error) {
	return t.sendUntil(ctx, c, nil)
}

// sendUntil returns send that stops fetching the response as soon as enough says that there is enough of it.
func (t *transport) sendUntil(ctx context.Context, c command, enough func(soFar []byte) bool) ([]byte, uint16, error) {
	if t.extended {
		le := 0
		if c.answers {
			le = min(maxLe, t.link.MaxAPDU())
		}
		if encoded := c.extended(le); len(encoded) <= t.link.MaxAPDU() {
			data, sw, err := t.collect(ctx, encoded, enough)
			if !lengthMayBeWhy(sw, err) {
				return data, sw, err
			}
			t.extended = false
			t.memory.onlyShort(t.link.ATR())
		}
	}
	return t.sendShort(ctx, c, enough)
}

// lengthMayBeWhy: a card that doesn't know extended lengths answers 6700, 6D00 or 6E00, a reader with an error of
// communication. 6Cxx counts, too: Le has one byte there.
func lengthMayBeWhy(sw uint16, err error) bool {
	if err != nil {
		return cardreader.KindOf(err) == cardreader.Internal &&
			!errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
	}
	return sw>>8 == 0x6C || sw == swWrongLength || sw == swNoInstruction || sw == swNoClass
}

// sendShort carries out the command with short lengths, chained when its data are long.
// enough, which may be nil, is as for sendUntil.
func (t *transport) sendShort(ctx context.Context, c command, enough func(soFar []byte) bool) ([]byte, uint16, error) {
	parts := c.chain()
	last := parts[len(parts)-1]
	for _, part := range parts[:len(parts)-1] {
		_, sw, err := t.exchange(ctx, part.short(0))
		if err != nil || sw != swOK {
			return nil, sw, err
		}
	}
	le := 0
	if c.answers {
		le = maxShortLe
	}
	data, sw, err := t.collect(ctx, last.short(le), enough)
	// An ECDSA signature made anew may have another length than the one that was announced.
	for tries := 0; err == nil && sw>>8 == 0x6C && c.answers && tries < maxExact; tries++ {
		data, sw, err = t.collect(ctx, last.short(lengthOf(sw)), enough)
	}
	return data, sw, err
}

// collect sends one encoded command and fetches the rest of its response as long as the card says 61xx and there is not
// enough. What is not fetched the card drops at the next command; the status word then is 9000.
func (t *transport) collect(ctx context.Context, encoded []byte, enough func(soFar []byte) bool) ([]byte, uint16, error) {
	response, sw, err := t.exchange(ctx, encoded)
	for step := 0; err == nil && sw>>8 == 0x61; step++ {
		if enough != nil && enough(response) {
			return response, swOK, nil
		}
		if step == maxSteps || len(response) > maxResponse {
			return nil, 0, &cardreader.Error{Kind: cardreader.Internal, Err: errors.New("the card's response does not end")}
		}
		var more []byte
		getResponse := command{ins: 0xC0}
		more, sw, err = t.exchange(ctx, getResponse.short(lengthOf(sw)))
		if err == nil && sw>>8 == 0x6C {
			more, sw, err = t.exchange(ctx, getResponse.short(lengthOf(sw)))
		}
		response = append(response, more...)
	}
	return response, sw, err
}

// lengthOf returns the length in the second byte of 61xx and 6Cxx, where 00 means 256.
func lengthOf(sw uint16) int {
	if n := int(sw & 0xFF); n != 0 {
		return n
	}
	return maxShortLe
}

// exchange returns one command and its response. It overwrites the command, which may hold the passcode.
func (t *transport) exchange(ctx context.Context, encoded []byte) ([]byte, uint16, error) {
	return t.exchangeBy(ctx, encoded, t.link.Transmit)
}

// exchangeBy is exchange by another way than Transmit.
func (t *transport) exchangeBy(ctx context.Context, encoded []byte, send func([]byte) ([]byte, error)) ([]byte, uint16, error) {
	defer clear(encoded)
	if err := ctx.Err(); err != nil {
		return nil, 0, ended(err)
	}
	response, err := send(encoded)
	if err != nil {
		return nil, 0, err
	}
	n := len(response) - 2
	if n < 0 { // a card pulled in mid-command can "succeed" with nothing
		return nil, 0, &cardreader.Error{Kind: cardreader.Removed}
	}
	return response[:n:n], uint16(response[n])<<8 | uint16(response[n+1]), nil
}

// ended returns the error for a context that ended between two commands.
func ended(err error) error {
	kind := cardreader.Internal
	if errors.Is(err, context.DeadlineExceeded) {
		kind = cardreader.NotResponding
	}
	return &cardreader.Error{Kind: kind, Err: err}
}
