// Package pkcs11 uses smartcards by their vendors' PKCS#11 modules (PKCS #11 v2.40): for cards that are not PIV.
//
// A module is a shared library that a vendor wrote, and may crash or hang. It is therefore never loaded into this
// process: a helper process of our own binary loads it (Serve) and talks to a Driver over two pipes. Every exchange
// has a deadline; a helper that dies or stays silent is killed, becomes a cardreader.Error, and the next call gets a
// new one.
//
// The passcode crosses that pipe and nothing else. Both sides wipe it; what the module keeps of it goes with the
// helper, which lives from the opening of a card until its signature and no longer.
package pkcs11

import "time"

// Times of this package.
const (
	// patience is how long one exchange with a helper may take: a module needs up to 3.5 s to start over a forwarded
	// pcscd, reads a card in some thirty commands, and RSA takes a slow card a second.
	patience = 20 * time.Second
	// typingTimeout is how long a user may take, besides, to type the passcode on a reader. Readers give up before it.
	typingTimeout = time.Minute
	// goodbye is how long a helper may take to finish in order before it is killed.
	goodbye = time.Second
	// resetFor bounds the reset of a card whose helper was killed with the passcode in it.
	resetFor = 3 * time.Second
)
