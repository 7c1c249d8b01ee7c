package pkcs11

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"wardlight/cardreader"
)

// A frame on the pipes is its header, the secret, and a JSON document. The header is the length of the document, four
// bytes, and that of the secret, one byte. The secret is apart so that no decoder makes copies of it that nobody wipes.
const (
	headerLength = 5
	maxDocument  = 1 << 20 // bytes; a token full of certificates is a tenth of it
)

// errFrame is given for what is no frame of ours.
var errFrame = errors.New("not a frame of the module helper")

// writeFrame writes v and the secret, which may be empty, in one Write and leaves no copy of the secret behind.
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

// readFrame reads one frame into v and secret, which is wiped first; a nil secret takes none. The error is io.EOF where
// the other side closed between two frames. r must not keep what it read, as a buffered reader would.
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
		return midFrame(err)
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
		return midFrame(err)
	}
	for _, b := range buf[:n] {
		into.Append(b)
	}
	return nil
}

// midFrame tells an end within a frame from one between two.
func midFrame(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
