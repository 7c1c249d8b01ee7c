// Package pkcs11 uses smartcards through their vendors' PKCS#11 modules (PKCS #11 v2.40). It supports cards that are
// not PIV.
//
// A module is a vendor's shared library, which may crash or hang. It is therefore never loaded into this process. A
// helper process, which runs this program's own binary, loads it (Serve) and communicates with a Driver over two
// pipes. Every exchange has a timeout. A helper that dies or doesn't answer is killed, the call returns a
// cardreader.Error, and the next call starts a new helper.
//
// The passcode is sent over that pipe only. Both sides wipe it. Any copy in the module's memory is lost when the
// helper exits, which is after the first signature at the latest.
package pkcs11

import "time"

// Timeouts of this package.
const (
	// defaultTimeout is the default timeout of one exchange with a helper. A module needs up to 3.5 s to start over a
	// forwarded pcscd and reads a card with some thirty commands. An RSA signature takes a slow card a second.
	defaultTimeout = 20 * time.Second
	// typingTimeout is the additional time for typing the passcode on a reader. Readers time out earlier.
	typingTimeout = time.Minute
	// helperExitTimeout is the time for a helper to exit before it is killed.
	helperExitTimeout = time.Second
	// resetTimeout is the timeout for resetting a card whose helper was killed after it had received the passcode.
	resetTimeout = 3 * time.Second
)
