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

// Sign performs a sign-in like our own program. It reads the card in the reader, verifies the passcode read from in,
// signs the digest (hex), and makes the card forget the passcode. It writes to out the signature in hex, and the
// milliseconds since connecting to the service and since the passcode.
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

// typing is the time in which the user types the passcode. It isn't measured. Reading that runs in the background
// during the passcode box completes in it.
const typing = 10 * time.Millisecond
