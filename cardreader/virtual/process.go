package virtual

import "bytes"

// Status words (ISO 7816-4, section 5.1.3).
const (
	swOK             = 0x9000
	swMore           = 0x6100
	swOldTries       = 0x6300
	swTries          = 0x63C0
	swWrongLength    = 0x6700
	swNotSatisfied   = 0x6982
	swBlocked        = 0x6983
	swNotAllowed     = 0x6985
	swNotSelected    = 0x6986
	swBadData        = 0x6A80
	swNotSupported   = 0x6A81
	swNotFound       = 0x6A82
	swBadParameters  = 0x6A86
	swNoReference    = 0x6A88
	swExactLe        = 0x6C00
	swNoInstruction  = 0x6D00
	swNoClass        = 0x6E00
	insVerify        = 0x20
	insAuthenticate  = 0x87
	insSelect        = 0xA4
	insYubicoVersion = 0xFD
	insGetResponse   = 0xC0
	insGetData       = 0xCB
	claChain         = 0x10
	maxChained       = 4096 // bytes; PIV commands are far shorter
	maxShortResponse = 256
)

// applicationID is the application identifier of PIV. A prefix of at least five bytes selects it, too (SP 800-73-4
// part 2, section 3.1.1).
var applicationID = []byte{0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00}

// Process executes one command APDU and returns the response, which ends with a status word of two bytes. encoded may
// be any bytes, and is not retained.
func (c *Card) Process(encoded []byte) []byte {
	if c.before != nil && len(encoded) >= 4 {
		c.before(encoded[1])
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	response := c.process(encoded)
	if c.after != nil {
		c.after(encoded, response)
	}
	return response
}

func (c *Card) process(encoded []byte) []byte {
	cmd, ok := parseCommand(encoded)
	if !ok {
		return status(swWrongLength)
	}
	if cmd.cla&^claChain != 0 {
		return status(swNoClass)
	}

	if cmd.extended {
		switch {
		case c.has(RefusesExtended), c.has(ShortATR), c.has(OverT0):
			return status(swNoInstruction)
		case c.has(WrongLengthExtended):
			return status(swWrongLength)
		}
	}

	if cmd.ins == insGetResponse {
		return c.deliver(cmd)
	}

	c.pending = nil
	if c.chaining && !sameHeader(c.chain, cmd) {
		c.chaining = false // another command cancels the chain
	}

	if cmd.cla&claChain != 0 {
		return c.addToChain(cmd)
	}

	if c.chaining {
		cmd.data = append(c.chain.data, cmd.data...)
		c.chaining = false
	}

	data, sw := c.execute(cmd)
	if sw != swOK || len(data) == 0 {
		return status(sw)
	}

	overT0 := c.has(OverT0)
	if (c.has(ExactLe) || overT0 && len(cmd.data) == 0) && len(data) < min(cmd.le, maxShortResponse) {
		return status(swExactLe | uint16(len(data)))
	}

	c.pending = data
	if c.has(SendsNothingFirst) || overT0 && len(cmd.data) > 0 {
		return status(swMore | uint16(lowByte(len(data))))
	}

	return c.deliver(cmd)
}

func (c *Card) addToChain(cmd command) []byte {
	if cmd.ins != insAuthenticate {
		return status(swNoClass)
	}
	if !c.chaining {
		c.chain, c.chaining = cmd, true
		c.chain.data = bytes.Clone(cmd.data)
		return status(swOK)
	}
	if len(c.chain.data)+len(cmd.data) > maxChained {
		c.chaining = false
		return status(swWrongLength)
	}
	c.chain.data = append(c.chain.data, cmd.data...)
	return status(swOK)
}

// deliver returns as many of the pending bytes as Le allows. The rest is for GET RESPONSE. A command without Le gets
// up to 256 bytes, as on YubiKeys, whose own tool omits Le.
func (c *Card) deliver(cmd command) []byte {
	if len(c.pending) == 0 {
		return status(swNotAllowed)
	}

	le := cmd.le
	if le == 0 {
		le = maxShortResponse
	}

	if c.has(Steps255) {
		le = min(le, maxShortResponse-1)
	}

	if c.has(IgnoresExtendedLe) {
		le = min(le, maxShortResponse)
	}

	if c.has(OverT0) && le > len(c.pending) {
		return status(swExactLe | uint16(len(c.pending)))
	}

	n := min(le, len(c.pending))
	out := append([]byte(nil), c.pending[:n]...)
	c.pending = c.pending[n:]
	if rest := len(c.pending); rest > 0 {
		return append(out, status(swMore|uint16(lowByte(rest)))...)
	}

	return append(out, status(swOK)...)
}

// lowByte returns the second byte of 61xx. 00 means 256 or more.
func lowByte(rest int) byte {
	if rest >= maxShortResponse {
		return 0
	}
	return byte(rest)
}

func (c *Card) execute(cmd command) ([]byte, uint16) {
	switch cmd.ins {
	case insSelect:
		return c.doSelect(cmd)
	case insYubicoVersion:
		if !c.selected || !c.has(YubicoVersion) {
			return nil, swNoInstruction
		}
		return []byte{4, 3, 0}, swOK
	case insGetData, insVerify, insAuthenticate:
		if !c.selected {
			return nil, swNotSelected
		}
	default:
		return nil, swNoInstruction
	}

	switch cmd.ins {
	case insGetData:
		return c.getData(cmd)
	case insVerify:
		return nil, c.verify(cmd)
	default:
		return c.authenticate(cmd)
	}
}

// doSelect selects the PIV application. With any other application the current one stays selected (SP 800-73-4 part 2,
// section 3.1.1). Selecting PIV again doesn't change the verified state.
func (c *Card) doSelect(cmd command) ([]byte, uint16) {
	if cmd.p1 != 0x04 || cmd.p2&^0x0C != 0 {
		return nil, swBadParameters
	}
	if c.has(NoApplication) || len(cmd.data) < 5 || !bytes.HasPrefix(applicationID, cmd.data) {
		return nil, swNotFound
	}
	if c.has(UnverifiesOnSelect) {
		c.verified = false
	}
	c.selected = true
	return applicationTemplate(c.keys[keyReference].algorithm), swOK
}

func status(sw uint16) []byte { return []byte{byte(sw >> 8), byte(sw)} }
