package piv

// extendedByATR reports whether the card's answer to reset offers extended lengths: bit 0x40 in the third byte of the
// card capabilities (compact-TLV tag 7 of the historical bytes, ISO 7816-4, section 12.1.1).
func extendedByATR(atr []byte) bool {
	historical := historicalBytes(atr)
	if len(historical) == 0 {
		return false
	}

	switch historical[0] {
	case 0x80:
		historical = historical[1:]
	case 0x00: // the last three bytes are a status indicator
		if len(historical) < 4 {
			return false
		}
		historical = historical[1 : len(historical)-3]
	default:
		return false
	}

	for len(historical) > 0 {
		tag, length := historical[0]>>4, int(historical[0]&0x0F)
		historical = historical[1:]
		if length > len(historical) {
			return false
		}
		if tag == 7 && length >= 3 {
			return historical[2]&0x40 != 0
		}
		historical = historical[length:]
	}

	return false
}

// historicalBytes returns the historical bytes of an ATR (ISO 7816-3, section 8.2), or nil if it is malformed.
func historicalBytes(atr []byte) []byte {
	if len(atr) < 2 {
		return nil
	}

	count := int(atr[1] & 0x0F)
	at, present := 2, atr[1]>>4
	for present != 0 {
		next := byte(0)
		for bit := range 4 {
			if present&(1<<bit) == 0 {
				continue
			}
			if at >= len(atr) {
				return nil
			}
			if bit == 3 { // TDi, which announces the next interface bytes
				next = atr[at] >> 4
			}
			at++
		}
		present = next
	}

	if at+count > len(atr) {
		return nil
	}

	return atr[at : at+count]
}
