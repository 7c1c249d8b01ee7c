package pcsc

import "slices"

// tpduT0 converts a short command to T=0 (ISO 7816-3, section 12.2). With data it has no Le, and the card answers
// 61xx. Without data and Le, P3 is 00. Readers pass it on unchanged.
func tpduT0(command []byte) []byte {
	switch {
	case len(command) == 4:
		return append(slices.Clone(command), 0)
	case len(command) > 5 && len(command) == 5+int(command[4])+1:
		return slices.Clone(command[:len(command)-1])
	}
	return slices.Clone(command)
}
