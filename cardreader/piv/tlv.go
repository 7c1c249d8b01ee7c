package piv

import "errors"

// errTLV is the error of a data object that is malformed in the subset of BER-TLV used by PIV.
var errTLV = errors.New("malformed BER-TLV data object")

// element is a BER-TLV data object (ISO 7816-4, section 5.2.2). Its value is a slice of the parsed data.
type element struct {
	tag   uint32
	value []byte
}

// nextElement parses the first data object and returns it and the remaining data. It supports tags of up to three
// bytes, and definite lengths up to 0xFFFFFF, which is sufficient for SP 800-73. It skips 00 bytes between objects.
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

// findElement returns the value of the first object with that tag at the top level of data. It also finds objects that
// precede a malformed one, because some cards pad their containers.
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

// appendElement appends an object with a one-byte tag and the shortest length encoding to dst.
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
