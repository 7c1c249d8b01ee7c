package cardbench

import (
	"bufio"
	"context"
	"crypto"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"wardlight/cardreader"
	"wardlight/cardreader/pcsc"
	"wardlight/cardreader/piv"
)

// Sign returns our own program's part: it reads the card in the reader, verifies the passcode that it reads from in,
// signs the digest (hex), has the card forget the passcode, and writes the signature in hex to out, with the
// milliseconds that it took from asking for the service on, and from the passcode on.
func Sign(ctx context.Context, in io.Reader, out io.Writer, reader, digest string) error {
	hash, err := hex.DecodeString(digest)
	if err != nil {
		return fmt.Errorf("the digest is not hex: %w", err)
	}
	began := time.Now()
	sys := pcsc.New()
	defer func() { _ = sys.Close() }()
	card, err := piv.Open(ctx, sys, reader)
	if err != nil {
		return err
	}
	var p cardreader.Passcode
	defer p.Wipe()
	for r := bufio.NewReader(in); ; {
		b, err := r.ReadByte()
		if err != nil || b == '\n' {
			break
		}
		p.Append(b)
	}
	read := time.Since(began)
	<-time.After(typing)
	entered := time.Now()
	signature, err := card.Sign(ctx, &p, hash, crypto.SHA256)
	if err != nil {
		return err
	}
	enter := time.Since(entered)
	_, err = fmt.Fprintln(out, hex.EncodeToString(signature), millis(read+enter), millis(enter))
	return err
}

// typing is how long the user types, which counts as nobody's time: what is done of the reading behind the passcode box is
// done by then.
const typing = 10 * time.Millisecond
