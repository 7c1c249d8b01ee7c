package pkcs11

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"wardlight/cardreader"
)

// A frame on the pipes consists of a header, the secret, and a JSON document. The header has the length of the
// document in four bytes and the length of the secret in one byte. The secret is not in the document, so that the JSON
// decoder makes no copies of it.
const (
	headerLength = 5
	maxDocument  = 1 << 20 // bytes; a token full of certificates needs a tenth
)

// errFrame is the error of malformed frames.
var errFrame = errors.New("not a frame of the module helper")

// writeFrame writes v and the secret, which may be empty, in one Write, and wipes its copy of the secret.
func writeFrame(w io.Writer, v any, secret []byte) error {
	document, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if len(document) > maxDocument || len(secret) > cardreader.MaxPasscode {
		return fmt.Errorf("%w: %d bytes, secret of %d", errFrame, len(document), len(secret))
	}
	frame := make([]byte, 0, headerLength+len(secret)+len(document))
	frame = binary.BigEndian.AppendUint32(frame, uint32(len(document)))
	frame = append(frame, byte(len(secret)))
	frame = append(frame, secret...)
	frame = append(frame, document...)
	defer clear(frame)
	_, err = w.Write(frame)
	return err
}

// readFrame reads one frame into v and secret, which is wiped first. With a nil secret, a frame that has one is
// malformed. The error is io.EOF if the pipe was closed between two frames. r must not buffer, because a buffer would
// retain the secret.
func readFrame(r io.Reader, v any, secret *cardreader.Passcode) error {
	var header [headerLength]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return err
	}

	length, hidden := binary.BigEndian.Uint32(header[:]), int(header[4])
	if length > maxDocument || hidden > cardreader.MaxPasscode || hidden > 0 && secret == nil {
		return fmt.Errorf("%w: %d bytes, secret of %d", errFrame, length, hidden)
	}

	if secret != nil {
		if err := readSecret(r, secret, hidden); err != nil {
			return err
		}
	}

	document := make([]byte, length)
	if _, err := io.ReadFull(r, document); err != nil {
		return frameError(err)
	}
	if err := json.Unmarshal(document, v); err != nil {
		return fmt.Errorf("%w: %w", errFrame, err)
	}

	return nil
}

func readSecret(r io.Reader, into *cardreader.Passcode, n int) error {
	into.Wipe()
	var buf [cardreader.MaxPasscode]byte
	defer clear(buf[:])
	if _, err := io.ReadFull(r, buf[:n]); err != nil {
		return frameError(err)
	}
	for _, b := range buf[:n] {
		into.Append(b)
	}
	return nil
}

// frameError converts io.EOF within a frame to another error.
func frameError(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
