// Package pcsc is the computer's smartcard service (PC/SC) as a cardreader.System: pcsc-lite on Linux and BSD, the
// systems' own services on macOS and Windows. It is the only package that imports ebfe/scard.
//
// Cards are opened shared, with whatever protocol they like, inside short transactions, because other programs use them
// too. Every call that can block runs in a goroutine that may be left behind: neither Connect nor Transmit can be
// interrupted in PC/SC. On pcsc-lite the service is found at the socket that the variable PCSCLITE_CSOCK_NAME names;
// libpcsclite reads it once in the life of a process.
package pcsc

import "time"

// Times of this package.
const (
	// transmitFor is how long a card may take for one command. RSA takes a real card up to a second; a card that hangs,
	// for ever.
	transmitFor = 10 * time.Second
	// typingFor is how long a user may take to type the passcode on a reader. The reader gives up before it, after thirty
	// seconds without a key.
	typingFor = time.Minute
	// slice is the longest single wait inside PC/SC: a Cancel that comes just before a wait is lost.
	slice = time.Second
	// crowdedSlice is the same where there are more readers than can be waited for.
	crowdedSlice = 250 * time.Millisecond
	// A card without power gets some in about a second, five at most after another program switched it off.
	unpoweredFor   = 6 * time.Second
	unpoweredEvery = 500 * time.Millisecond
	// A reader takes up to 0.4 s to notice that the card was pulled in mid-command, and a busy computer longer.
	removalFor   = 2 * time.Second
	removalEvery = 50 * time.Millisecond
)
