package virtual

import (
	"bytes"
	"compress/gzip"
	"time"
)

// Tags of the data objects that every card has (SP 800-73-4 part 1, table 3).
const (
	objectDiscovery    = "\x7E"
	objectCHUID        = "\x5F\xC1\x02"
	objectCapabilities = "\x5F\xC1\x07"
)

// object encodes a BER-TLV data object with a one-byte tag.
func object(tag byte, value []byte) []byte {
	out := []byte{tag}
	switch n := len(value); {
	case n < 0x80:
		out = append(out, byte(n))
	case n < 0x100:
		out = append(out, 0x81, byte(n))
	default:
		out = append(out, 0x82, byte(n>>8), byte(n))
	}
	return append(out, value...)
}

// readObject decodes a BER-TLV data object with a one-byte tag and a length of at most three bytes.
func readObject(b []byte) (tag byte, value, rest []byte, ok bool) {
	if len(b) < 2 {
		return 0, nil, nil, false
	}
	tag, n, b := b[0], int(b[1]), b[2:]
	if more := n - 0x80; more >= 0 {
		if more == 0 || more > 2 || more > len(b) {
			return 0, nil, nil, false
		}
		n = 0
		for _, digit := range b[:more] {
			n = n<<8 | int(digit)
		}
		b = b[more:]
	}
	if n > len(b) {
		return 0, nil, nil, false
	}
	return tag, b[:n], b[n:], true
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// applicationTemplate returns the answer to SELECT (SP 800-73-4 part 2, table 3).
func applicationTemplate(algorithm byte) []byte {
	return object(0x61, join(
		object(0x4F, applicationID[5:]),
		object(0x79, object(0x4F, applicationID[:5])),
		object(0x50, []byte("Wardlight virtual PIV card")),
		object(0xAC, []byte{0x80, 0x01, algorithm, 0x06, 0x01, 0x00}),
	))
}

// discovery returns the discovery object. It specifies that the card has only the PIV passcode, or that the global
// passcode is preferred (SP 800-73-4 part 1, section 3.3.2).
func (c *Card) discovery() []byte {
	policy := []byte{0x40, 0x00}
	if c.has(GlobalPrimary) {
		policy = []byte{0x60, 0x20}
	}
	return object(0x7E, join(object(0x4F, applicationID), []byte{0x5F, 0x2F, 0x02}, policy))
}

// capabilities returns the card capability container of a card that doesn't support GSC-IS (SP 800-73-4 part 1, table
// 8).
func capabilities(guid []byte) []byte {
	identifier := join([]byte{0xA0, 0x00, 0x00, 0x01, 0x16, 0xFF, 0x02}, guid[:14])
	out := join(object(0xF0, identifier), object(0xF1, []byte{0x21}), object(0xF2, []byte{0x21}),
		object(0xF3, nil), object(0xF4, []byte{0x00}), object(0xF5, []byte{0x10}))
	for _, tag := range []byte{0xF6, 0xF7, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE} {
		out = append(out, object(tag, nil)...)
	}
	return object(0x53, out)
}

// nonFederal is the FASC-N of a card not issued by a United States agency: agency code 9999, otherwise nines and zeros
// (PIV Interoperability for Non-Federal Issuers, section 3).
var nonFederal = []byte{
	0xD4, 0xE7, 0x39, 0xDA, 0x73, 0x9C, 0xED, 0x39, 0xCE, 0x73, 0x9D, 0x83,
	0x68, 0x58, 0x21, 0x08, 0x42, 0x10, 0x84, 0x21, 0xC8, 0x42, 0x10, 0xC3, 0xEB,
}

// chuid returns the card holder unique identifier, unsigned (SP 800-73-4 part 1, table 9).
func chuid(guid [16]byte, expiry time.Time) []byte {
	date := "20991231"
	if !expiry.IsZero() {
		date = expiry.Format("20060102")
	}
	return object(0x53, join(object(0x30, nonFederal), object(0x34, guid[:]), object(0x35, []byte(date)),
		object(0x3E, nil), object(0xFE, nil)))
}

// certificateContainer returns container 9A (SP 800-73-4 part 1, table 10).
func certificateContainer(der []byte, compress bool) ([]byte, error) {
	info := byte(0)
	if compress {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		if _, err := w.Write(der); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		der, info = packed.Bytes(), 1
	}
	return object(0x53, join(object(0x70, der), object(0x71, []byte{info}), object(0xFE, nil))), nil
}

// isContactlessATR are the objects that can be read without contact (SP 800-73-4 part 1, table 2).
var overTheAir = map[string]bool{objectCHUID: true, objectDiscovery: true, certificateObjects[0x9E]: true}

// getData returns the data object for a tag list 5C (SP 800-73-4 part 2, section 3.1.2).
func (c *Card) getData(cmd command) ([]byte, uint16) {
	if cmd.p1 != 0x3F || cmd.p2 != 0xFF {
		return nil, swBadParameters
	}
	tag, name, rest, ok := readObject(cmd.data)
	if !ok || tag != 0x5C || len(rest) != 0 {
		return nil, swBadData
	}
	if c.has(Contactless) && !overTheAir[string(name)] {
		return nil, swNotSatisfied
	}
	data := c.objects[string(name)]
	if len(data) == 0 {
		return nil, swNotFound
	}
	return data, swOK
}
