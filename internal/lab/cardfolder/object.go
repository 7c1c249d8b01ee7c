package cardfolder

import "bytes"

// tagDiscovery is the tag of the discovery object, the only one whose outer tag isn't 53.
const tagDiscovery = "\x7E"

// withOuterTag returns an object with its outer tag, which the files of the public test cards omit. It returns an
// empty slice for an object without a value.
func withOuterTag(tag string, data []byte) []byte {
	outer := byte(0x53)
	if tag == tagDiscovery {
		outer = tagDiscovery[0]
	}

	switch header, n := lengthAt(data); {
	case len(data) == 0:
		return []byte{}
	case data[0] == outer && header > 0 && header+n == len(data):
		if n == 0 {
			return []byte{}
		}
		return data
	}

	out := []byte{outer}
	switch n := len(data); {
	case n < 0x80:
		out = append(out, byte(n))
	case n < 0x100:
		out = append(out, 0x81, byte(n))
	default:
		out = append(out, 0x82, byte(n>>8), byte(n))
	}

	return append(out, data...)
}

// lengthAt returns the length of the header of a BER-TLV object with a tag of one byte, and the length of its value.
// It returns 0 if data is no such object.
func lengthAt(data []byte) (header, value int) {
	if len(data) < 2 {
		return 0, 0
	}
	n := int(data[1])
	more := n - 0x80
	if more < 0 {
		return 2, n
	}
	if more == 0 || more > 2 || len(data) < 2+more {
		return 0, 0
	}
	n = 0
	for _, digit := range data[2 : 2+more] {
		n = n<<8 | int(digit)
	}
	return 2 + more, n
}

// prefersGlobal reports whether a discovery object requests the global passcode (SP 800-73-4 part 1, section 3.3.2).
func prefersGlobal(discovery []byte) bool {
	_, policy, found := bytes.Cut(discovery, []byte{0x5F, 0x2F, 0x02})
	return found && len(policy) == 2 && policy[0]&0x20 != 0 && policy[1] == 0x20
}

// offersT1 reports whether an answer to reset offers the protocol T=1 (ISO 7816-3, section 8.2.3).
func offersT1(atr []byte) bool {
	interfaces, at := atr[1]>>4, 2
	for interfaces&0x8 != 0 {
		for bit := byte(1); bit < 8; bit <<= 1 {
			if interfaces&bit != 0 {
				at++ // TA, TB, TC
			}
		}
		if at >= len(atr) {
			return false
		}
		if atr[at]&0x0F == 1 {
			return true
		}
		interfaces, at = atr[at]>>4, at+1
	}
	return false
}
