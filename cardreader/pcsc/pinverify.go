package pcsc

import (
	"encoding/binary"

	"wardlight/cardreader"
)

// featureVerifyDirect is FEATURE_VERIFY_PIN_DIRECT (PC/SC part 10, section 2.2). The reader asks for a passcode,
// inserts it into a command and sends the command to the card.
const featureVerifyDirect = 0x06

// typingSeconds is the reader's timeout for the passcode, and between two keys.
const typingSeconds = 30

// verifyStructure returns the PIN_VERIFY_STRUCTURE (PC/SC part 10, section 2.5.2) for a command whose data are a PIV
// passcode: eight bytes of ASCII, padded with FF (SP 800-73-4 part 2, section 2.4.3).
func verifyStructure(command []byte) []byte {
	s := []byte{
		typingSeconds, typingSeconds,
		0x82,       // bmFormatString: ASCII, left-justified, from byte 0 of the data
		0x08,       // bmPINBlockString: a block of eight bytes, without a length
		0x00,       // bmPINLengthFormat: no length in the command
		0x08, 0x06, // wPINMaxExtraDigit: 6 to 8, low byte first
		0x02,       // bEntryValidationCondition: the reader's Enter key
		0x01,       // bNumberMessage: one message on the reader's display
		0x09, 0x04, // wLangId: English, the common language of readers
		0x00,             // bMsgIndex
		0x00, 0x00, 0x00, // bTeoPrologue
	}
	s = binary.LittleEndian.AppendUint32(s, uint32(len(command)))
	return append(s, command...)
}

// Status words that a reader returns in place of the card's (PC/SC part 10, section 2.5.2).
const (
	swTypingTimeout = 0x6400
	swCancelled     = 0x6401
	swTypedLength   = 0x6403
)

// keypadError returns the error for a reader's own status word, or nil for a card's.
func keypadError(response []byte) error {
	if len(response) != 2 {
		return nil
	}
	switch sw := binary.BigEndian.Uint16(response); sw {
	case swTypingTimeout:
		return &cardreader.Error{
			Kind: cardreader.NotTyped, SW: sw,
			Detail: "The passcode was not typed on the reader in time.",
		}
	case swCancelled:
		return &cardreader.Error{Kind: cardreader.NotTyped, SW: sw, Detail: "The passcode was cancelled on the reader."}
	case swTypedLength:
		return &cardreader.Error{Kind: cardreader.PasscodeForm, SW: sw}
	}
	return nil
}
