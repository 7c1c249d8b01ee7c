// Package pcsc implements cardreader.System with the computer's smartcard service (PC/SC): pcsc-lite on Linux and BSD,
// the system's own service on macOS and Windows. It is the only package that imports ebfe/scard.
//
// Cards are opened in shared mode, with any protocol and in short transactions, because other programs use them too.
// Every call that can block runs in a goroutine that may be abandoned, because Connect and Transmit cannot be
// interrupted in PC/SC. With pcsc-lite, the variable PCSCLITE_CSOCK_NAME names the service's socket. libpcsclite reads
// it once per process.
package pcsc

import "time"

// Timeouts of this package.
const (
	// transmitTimeout is the timeout for one command. An RSA signature takes a real card up to a second.
	transmitTimeout = 10 * time.Second
	// typingTimeout is the timeout for typing the passcode on a reader. The reader itself times out after thirty
	// seconds without a key.
	typingTimeout = time.Minute
	// maxWaitSlice is the maximum length of a single wait in PC/SC, because a Cancel immediately before a wait has no
	// effect.
	maxWaitSlice = time.Second
	// manyReadersSlice is the maximum if there are more readers than PC/SC can wait for.
	manyReadersSlice = 250 * time.Millisecond
	// A card without power gets power within about a second, at most five after another program switched it off.
	powerTimeout  = 6 * time.Second
	powerInterval = 500 * time.Millisecond
	// A reader takes up to 0.4 s to report that the card was removed during a command, and longer on a busy computer.
	removalTimeout  = 2 * time.Second
	removalInterval = 50 * time.Millisecond
)
