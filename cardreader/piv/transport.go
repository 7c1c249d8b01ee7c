package piv

import (
	"context"
	"errors"

	"wardlight/cardreader"
)

// Limits on what a card can make the driver do for one command.
const (
	maxResponse = 1 << 16 // bytes
	maxSteps    = 300     // GET RESPONSE commands
	maxExact    = 8       // repetitions with the Le that the card requires
)

// transport sends commands over a link. It handles lengths, chaining, 61xx and 6Cxx (ISO 7816-4, section 5.1).
type transport struct {
	link     cardreader.Link
	memory   *Cache
	extended bool // extended lengths work, or have not yet been tried
}

// newTransport returns a transport. It uses extended lengths only if the reader and the card both report support, and
// no such card has failed before. A reader that reports nothing gets short lengths: OpenSC's issue 735 shows the
// effects of guessing.
func newTransport(link cardreader.Link, m *Cache) *transport {
	atr := link.ATR()
	return &transport{
		link: link, memory: m,
		extended: link.MaxAPDU() > maxShortLe && extendedByATR(atr) && m.supportsExtended(atr),
	}
}

// send executes the command with short or extended lengths, and returns its complete response data and status word. If
// an extended command fails and its length may be the cause, it and all later commands are sent with short lengths.
func (t *transport) send(ctx context.Context, c command) ([]byte, uint16, error) {
	return t.sendUntil(ctx, c, nil)
}

// sendUntil is like send, but stops fetching the response when enough returns true.
func (t *transport) sendUntil(ctx context.Context, c command, enough func(soFar []byte) bool) ([]byte, uint16, error) {
	if t.extended {
		le := 0
		if c.wantsResponse {
			le = min(maxLe, t.link.MaxAPDU())
		}
		if encoded := c.extended(le); len(encoded) <= t.link.MaxAPDU() {
			data, sw, err := t.collect(ctx, encoded, enough)
			if !mayBeLengthError(sw, err) {
				return data, sw, err
			}
			t.extended = false
			t.memory.setShortOnly(t.link.ATR())
		}
	}
	return t.sendShort(ctx, c, enough)
}

// mayBeLengthError reports whether extended lengths may be the cause of a failure. A card that doesn't support them
// answers 6700, 6D00 or 6E00, and a reader returns a communication error. 6Cxx also counts, because its Le has one
// byte.
func mayBeLengthError(sw uint16, err error) bool {
	if err != nil {
		return cardreader.KindOf(err) == cardreader.Internal &&
			!errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
	}
	return sw>>8 == 0x6C || sw == swWrongLength || sw == swNoInstruction || sw == swNoClass
}

// sendShort executes the command with short lengths, chained if its data are long. enough is as for sendUntil and may
// be nil.
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
	if c.wantsResponse {
		le = maxShortLe
	}
	data, sw, err := t.collect(ctx, last.short(le), enough)
	// A repeated ECDSA signature may have another length than announced.
	for tries := 0; err == nil && sw>>8 == 0x6C && c.wantsResponse && tries < maxExact; tries++ {
		data, sw, err = t.collect(ctx, last.short(lengthOf(sw)), enough)
	}
	return data, sw, err
}

// collect sends an encoded command, and fetches the rest of its response while the card answers 61xx and enough
// returns false. The card discards what was not fetched at the next command. The returned status word is then 9000.
func (t *transport) collect(ctx context.Context, encoded []byte,
	enough func(soFar []byte) bool,
) ([]byte, uint16, error) {
	response, sw, err := t.exchange(ctx, encoded)
	for step := 0; err == nil && sw>>8 == 0x61; step++ {
		if enough != nil && enough(response) {
			return response, swOK, nil
		}
		if step == maxSteps || len(response) > maxResponse {
			return nil, 0, &cardreader.Error{
				Kind: cardreader.Internal,
				Err:  errors.New("the card's response does not end"),
			}
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

// lengthOf returns the length in the second byte of 61xx and 6Cxx. 00 means 256.
func lengthOf(sw uint16) int {
	if n := int(sw & 0xFF); n != 0 {
		return n
	}
	return maxShortLe
}

// exchange sends one command and returns its response. It overwrites the command, which may contain the passcode.
func (t *transport) exchange(ctx context.Context, encoded []byte) ([]byte, uint16, error) {
	return t.exchangeBy(ctx, encoded, t.link.Transmit)
}

// exchangeBy is like exchange with another function than Transmit.
func (t *transport) exchangeBy(ctx context.Context, encoded []byte,
	send func([]byte) ([]byte, error),
) ([]byte, uint16, error) {
	defer clear(encoded)
	if err := ctx.Err(); err != nil {
		return nil, 0, contextError(err)
	}
	response, err := send(encoded)
	if err != nil {
		return nil, 0, err
	}
	n := len(response) - 2
	if n < 0 { // if a card is removed during a command, PC/SC may report success with no data
		return nil, 0, &cardreader.Error{Kind: cardreader.Removed}
	}
	return response[:n:n], uint16(response[n])<<8 | uint16(response[n+1]), nil
}

// contextError returns the error for a context that was done between two commands.
func contextError(err error) error {
	kind := cardreader.Internal
	if errors.Is(err, context.DeadlineExceeded) {
		kind = cardreader.NotResponding
	}
	return &cardreader.Error{Kind: kind, Err: err}
}
