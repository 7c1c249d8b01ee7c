package piv

import "errors"

// errTLV is any data object that does not follow BER-TLV as PIV uses it.
var errTLV = errors.New("malformed BER-TLV data object")

// element is one BER-TLV data object (ISO 7816-4, section 5.2.2). Its value is a window on the data it was read from.
type element struct {
	tag   uint32
	value []byte
}

// nextElement reads the first data object of data and returns what follows it. Tags have at most three bytes and
// lengths are definite and at most 0xFFFFFF, which is all that SP 800-73 uses; 00 bytes between objects are skipped.
func nextElement(data []byte) (element, []byte, error) {
	for len(data) > 0 && data[0] == 0 {
		data = data[1:]
	}
	tag, data, err := readTag(data)
	if err != nil {
		return element{}, nil, err
	}
	length, data, err := readLength(data)
	if err != nil {
		return element{}, nil, err
	}
	if length > len(data) {
		return element{}, nil, errTLV
	}
	return element{tag: tag, value: data[:length:length]}, data[length:], nil
}

func readTag(data []byte) (uint32, []byte, error) {
	if len(data) == 0 {
		return 0, nil, errTLV
	}
	tag := uint32(data[0])
	data = data[1:]
	if tag&0x1F != 0x1F {
		return tag, data, nil
	}
	for range 2 {
		if len(data) == 0 {
			return 0, nil, errTLV
		}
		b := data[0]
		data = data[1:]
		tag = tag<<8 | uint32(b)
		if b&0x80 == 0 {
			return tag, data, nil
		}
	}
	return 0, nil, errTLV
}

func readLength(data []byte) (int, []byte, error) {
	if len(data) == 0 {
		return 0, nil, errTLV
	}
	first := data[0]
	data = data[1:]
	if first < 0x80 {
		return int(first), data, nil
	}
	n := int(first & 0x7F)
	if n == 0 || n > 3 || n > len(data) {
		return 0, nil, errTLV
	}
	length := 0
	for _, b := range data[:n] {
		length = length<<8 | int(b)
	}
	return length, data[n:], nil
}

// findElement returns the value of the first object with that tag at the top level of data. Objects before a
// malformed one are found: cards are known to pad their containers.
func findElement(data []byte, tag uint32) ([]byte, bool) {
	for len(data) > 0 {
		e, rest, err := nextElement(data)
		if err != nil {
			return nil, false
		}
		if e.tag == tag {
			return e.value, true
		}
		data = rest
	}
	return nil, false
}

// appendElement adds one object with a one-byte tag and the shortest length to dst.
func appendElement(dst []byte, tag byte, value []byte) []byte {
	dst = append(dst, tag)
	switch n := len(value); {
	case n < 0x80:
		dst = append(dst, byte(n))
	case n < 0x100:
		dst = append(dst, 0x81, byte(n))
	default:
		dst = append(dst, 0x82, byte(n>>8), byte(n))
	}
	return append(dst, value...)
}
