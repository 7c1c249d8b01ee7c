package piv

// Lengths in bytes (ISO 7816-4, section 5.2).
const (
	maxShortData = 255
	maxShortLe   = 256
	maxLe        = 65536
)

// command is a command APDU before encoding.
type command struct {
	cla, ins, p1, p2 byte
	data             []byte // at most 255 bytes when encoded short; longer data are chained
	wantsResponse    bool   // the command has response data, all of which are requested
}

// short returns the command encoded with one-byte lengths. le is 0 (no Le field) to 256.
func (c command) short(le int) []byte {
	out := make([]byte, 0, 4+1+len(c.data)+1)
	out = append(out, c.cla, c.ins, c.p1, c.p2)
	if len(c.data) > 0 {
		out = append(out, byte(len(c.data)))
		out = append(out, c.data...)
	}
	if le > 0 {
		out = append(out, byte(le))
	}
	return out
}

// extended returns the command encoded with two-byte lengths. le is 0 (no Le field) to 65536.
func (c command) extended(le int) []byte {
	out := make([]byte, 0, 4+3+len(c.data)+2)
	out = append(out, c.cla, c.ins, c.p1, c.p2)
	if len(c.data) > 0 {
		out = append(out, 0, byte(len(c.data)>>8), byte(len(c.data)))
		out = append(out, c.data...)
	} else if le > 0 {
		out = append(out, 0)
	}
	if le > 0 {
		out = append(out, byte(le>>8), byte(le))
	}
	return out
}

// chain returns the parts of the command for command chaining (ISO 7816-4, section 5.1.1.1). All but the last have CLA
// bit 0x10.
func (c command) chain() []command {
	var parts []command
	for len(c.data) > maxShortData {
		part := c
		part.cla |= 0x10
		part.data, part.wantsResponse = c.data[:maxShortData], false
		parts = append(parts, part)
		c.data = c.data[maxShortData:]
	}
	return append(parts, c)
}
