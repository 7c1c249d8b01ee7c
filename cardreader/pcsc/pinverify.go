package pcsc

import (
	"encoding/binary"

	"wardlight/cardreader"
)

// featureVerifyDirect is FEATURE_VERIFY_PIN_DIRECT (PC/SC part 10, section 2.2): the reader asks for a passcode, and sends the
// command that it is part of.
const featureVerifyDirect = 0x06

// typingSeconds is how long the reader waits for the passcode, and between two keys.
const typingSeconds = 30

// verifyStructure returns the PIN_VERIFY_STRUCTURE (PC/SC part 10, section 2.5.2) for a command whose data are PIV's passcode:
// eight bytes, ASCII, FF behind the digits (SP 800-73-4 part 2, section 2.4.3).
func verifyStructure(command []byte) []byte {
	s := []byte{
		typingSeconds, typingSeconds,
		0x82,       // bmFormatString: ASCII, from the left, at byte 0 of the data
		0x08,       // bmPINBlockString: a block of eight bytes, no length in it
		0x00,       // bmPINLengthFormat: no length in the command either
		0x08, 0x06, // wPINMaxExtraDigit: 6 to 8, low byte first
		0x02,       // bEntryValidationCondition: the reader's own Enter ends it
		0x01,       // bNumberMessage: the reader's display asks once
		0x09, 0x04, // wLangId: English, as readers have it
		0x00,             // bMsgIndex
		0x00, 0x00, 0x00, // bTeoPrologue
	}
	s = binary.LittleEndian.AppendUint32(s, uint32(len(command)))
	return append(s, command...)
}

// What a reader answers in the card's place (PC/SC part 10, section 2.5.2): a status word of its own.
const (
	swTypingTimeout = 0x6400
	swCancelled     = 0x6401
	swTypedLength   = 0x6403
)

// notTyped returns the error for a reader's own answer; nil for the card's.
func notTyped(response []byte) error {
	if len(response) != 2 {
		return nil
	}
	switch sw := binary.BigEndian.Uint16(response); sw {
	case swTypingTimeout:
		return &cardreader.Error{Kind: cardreader.NotTyped, SW: sw, Detail: "The passcode was not typed on the reader in time."}
	case swCancelled:
		return &cardreader.Error{Kind: cardreader.NotTyped, SW: sw, Detail: "The passcode was cancelled on the reader."}
	case swTypedLength:
		return &cardreader.Error{Kind: cardreader.PasscodeForm, SW: sw}
	}
	return nil
}
