package pcsc

import (
	"fmt"

	"wardlight/cardreader"
)

// PC/SC results that this package handles specially (PC/SC part 5; winscard.h of pcsc-lite and Windows).
const (
	resultCancelled      = 0x80100002
	resultInvalidHandle  = 0x80100003
	resultBuffer         = 0x80100008
	resultUnknownReader  = 0x80100009
	resultTimeout        = 0x8010000A
	resultSystemCancel   = 0x80100012
	resultComm           = 0x80100013
	resultNotTransacted  = 0x80100016
	resultUnavailable    = 0x80100017
	resultNoService      = 0x8010001D
	resultServiceStopped = 0x8010001E
	resultNoReaders      = 0x8010002E
	resultUnpowered      = 0x80100067
	resultReset          = 0x80100068
	resultRemoved        = 0x80100069
	resultSecurity       = 0x8010006A
)

// establishContext is the call that requests access to the service.
const establishContext = "SCardEstablishContext"

// kinds maps PC/SC results to kinds of errors. Any other result is Internal.
var kinds = map[uint32]cardreader.Kind{
	0x8010000B:           cardreader.InUse, // SHARING_VIOLATION
	0x8010000C:           cardreader.NoCard,
	0x8010000D:           cardreader.UnknownCard,
	0x8010000F:           cardreader.UnknownCard, // PROTO_MISMATCH: malformed ATR
	0x80100065:           cardreader.UnknownCard, // UNSUPPORTED_CARD
	0x80100066:           cardreader.Mute,        // UNRESPONSIVE_CARD
	resultSecurity:       cardreader.ServiceRefused,
	0x80100027:           cardreader.ServiceRefused, // NO_ACCESS
	resultUnknownReader:  cardreader.NoReader,
	resultUnavailable:    cardreader.NoReader,
	resultNoReaders:      cardreader.NoReader,
	resultComm:           cardreader.ServiceDown, // between this program and the service, not between reader and card
	resultNoService:      cardreader.ServiceDown,
	resultServiceStopped: cardreader.ServiceDown,
	resultUnpowered:      cardreader.Unpowered,
	resultReset:          cardreader.WasReset,
	resultRemoved:        cardreader.Removed,
}

// errorOf returns the error for a PC/SC result of the named call.
func errorOf(call string, result uint32) *cardreader.Error {
	kind, known := kinds[result]
	if !known {
		kind = cardreader.Internal
	}
	// Windows's message is in the user's language, which support may not understand. The number is sufficient.
	return &cardreader.Error{Kind: kind, PCSC: result, Err: fmt.Errorf("%s: PC/SC result %08X", call, result)}
}
