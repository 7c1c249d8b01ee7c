package virtual

// command is a decoded command APDU (ISO 7816-4, section 5.2).
type command struct {
	cla, ins, p1, p2 byte
	data             []byte // slice of the encoded command
	le               int    // maximum length of the response: 0 (no Le field) to 65536
	extended         bool   // the lengths have two bytes
}

// parseCommand decodes the four cases, with short and extended lengths.
func parseCommand(b []byte) (command, bool) {
	if len(b) < 4 {
		return command{}, false
	}

	cmd := command{cla: b[0], ins: b[1], p1: b[2], p2: b[3]}
	b = b[4:]
	if len(b) == 0 { // case 1
		return cmd, true
	}
	if b[0] == 0 && len(b) >= 3 {
		return parseExtended(cmd, b[1:])
	}

	if len(b) == 1 { // case 2
		cmd.le = shortLe(b[0])
		return cmd, true
	}

	lc := int(b[0])
	b = b[1:]
	switch len(b) {
	case lc: // case 3
		cmd.data = b
	case lc + 1: // case 4
		cmd.data, cmd.le = b[:lc], shortLe(b[lc])
	default:
		return command{}, false
	}

	return cmd, true
}

func parseExtended(cmd command, b []byte) (command, bool) {
	first := int(b[0])<<8 | int(b[1])
	b = b[2:]
	cmd.extended = true
	if len(b) == 0 { // case 2
		cmd.le = extendedLe(first)
		return cmd, true
	}
	switch len(b) {
	case first: // case 3
		cmd.data = b
	case first + 2: // case 4
		cmd.data, cmd.le = b[:first], extendedLe(int(b[first])<<8|int(b[first+1]))
	default:
		return command{}, false
	}
	return cmd, first > 0
}

func shortLe(b byte) int {
	if b == 0 {
		return 256
	}
	return int(b)
}

func extendedLe(n int) int {
	if n == 0 {
		return 65536
	}
	return n
}

// sameHeader reports whether b continues or ends the chain of commands that a began.
func sameHeader(a, b command) bool {
	return a.ins == b.ins && a.p1 == b.p1 && a.p2 == b.p2
}
