package pcsc

import "slices"

// tpduT0 returns a copy of a short command as T=0 carries it (ISO 7816-3, section 12.2): without Le when it has data,
// the card then answers 61xx; with P3 = 00 when it has neither. Readers pass it on as it is.
func tpduT0(command []byte) []byte {
	switch {
	case len(command) == 4:
		return append(slices.Clone(command), 0)
	case len(command) > 5 && len(command) == 5+int(command[4])+1:
		return slices.Clone(command[:len(command)-1])
	}
	return slices.Clone(command)
}
