// Package virtual implements a PIV smartcard in software (NIST SP 800-73-4), for tests, training and demonstrations.
// It answers the same APDUs as a physical card. It can be inserted into a Reader in this process, or into the virtual
// reader of the driver vpcd under a real pcscd, where any smartcard program can use it.
package virtual

import (
	"crypto"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// Config configures a card.
type Config struct {
	Key         crypto.Signer // for 9A: *rsa.PrivateKey (1024, 2048 or 3072 bits) or ECDSA key (P-256, P-384); or nil
	Certificate []byte        // for 9A, in DER; nil for an empty container
	Compress    bool          // store the certificate compressed, as some issuers do
	// Others are the containers 9C, 9D and 9E by their key reference. Their keys sign like that of 9A. The key of 9E
	// needs no passcode.
	Others map[byte]Container
	// Objects are data objects by the tag in GET DATA (SP 800-73-4 part 1, table 3). They replace objects created from
	// the rest of Config. An empty object is reported as missing.
	Objects  map[string][]byte
	Passcode []byte    // 6 to 8 digits; copied
	Tries    int       // number of tries; 0 means three
	GUID     [16]byte  // identifier of the card, in its CHUID
	Expiry   time.Time // expiry of the card, in its CHUID; zero means the end of 2099
	Rand     io.Reader // for ECDSA; nil means crypto/rand
	Quirks   Quirks    // deviations from the standard
	ATR      []byte    // answer to reset; nil for one with all capabilities. More than 33 bytes make the card mute
	// Before, if not nil, is called with the instruction of each command before it is executed. It may block, so that
	// a test can remove the card or simulate a slow one.
	Before func(ins byte)
	// After, if not nil, is called with each command and its response, in order. A command may contain a passcode. The
	// slices must not be modified or retained.
	After func(command, response []byte)
}

// Container is a key and its certificate.
type Container struct {
	Key         crypto.Signer // like Config.Key
	Certificate []byte        // like Config.Certificate
}

// otherPasscode is the PIV passcode of a card with GlobalPrimary. It is never used.
var otherPasscode = []byte("97531246")

// maxObject is the maximum size of a certificate or another data object in bytes. SP 800-73-4 requires at most 12704,
// for a photograph.
const maxObject = 1 << 14

// Card is a virtual card. As on a physical card, resets and removals clear all state except the tries left. It is safe
// for concurrent use; commands are executed one after another.
type Card struct {
	keys     map[byte]key      // by key reference
	objects  map[string][]byte // by tag, including it; an empty object is missing
	passcode []byte
	tries    int
	rand     io.Reader
	quirks   Quirks
	atr      []byte
	before   func(ins byte)
	after    func(command, response []byte)

	mu           sync.Mutex
	triesLeft    int  // tries left
	pivTriesLeft int  // tries left of the PIV passcode when the global passcode is used
	warmReset    bool // the last reset was without loss of power
	volatile
}

// volatile is the state that a reset or a removal clears.
type volatile struct {
	selected bool
	verified bool
	chain    command // unfinished chain of commands: its header, and the data so far
	chaining bool
	pending  []byte // response data for GET RESPONSE
}

// New returns a card. The error is that the Config is invalid.
func New(config Config) (*Card, error) {
	c := &Card{
		keys: map[byte]key{}, objects: map[string][]byte{}, passcode: slices.Clone(config.Passcode),
		tries: config.Tries,
		rand:  config.Rand, quirks: config.Quirks, atr: slices.Clone(config.ATR), before: config.Before,
		after: config.After,
	}
	if !validPasscode(c.passcode) {
		return nil, errors.New("a passcode has 6 to 8 digits")
	}

	if c.tries == 0 {
		c.tries = 3
	}

	if c.tries < 0 || c.tries > 15 {
		return nil, fmt.Errorf("a card has 1 to 15 tries, not %d", c.tries)
	}

	c.triesLeft, c.pivTriesLeft = c.tries, c.tries
	if c.rand == nil {
		c.rand = rand.Reader
	}

	if err := c.fill(config); err != nil {
		return nil, err
	}

	return c, nil
}

// fill stores keys and data objects on the card.
func (c *Card) fill(config Config) error {
	if !c.has(NoDiscovery) {
		c.objects[objectDiscovery] = c.discovery()
	}

	if !c.has(NoCHUID) {
		c.objects[objectCHUID] = chuid(config.GUID, config.Expiry)
	}

	c.objects[objectCapabilities] = capabilities(config.GUID[:])
	if err := c.add(keyReference, Container{config.Key, config.Certificate}, config.Compress); err != nil {
		return err
	}

	for reference, container := range config.Others {
		if err := c.add(reference, container, config.Compress); err != nil {
			return err
		}
	}

	for tag, object := range config.Objects {
		if len(object) > maxObject {
			return fmt.Errorf("an object of %d bytes does not fit on a card", len(object))
		}
		c.objects[tag] = slices.Clone(object)
	}

	return nil
}

// add stores a key and its certificate on the card.
func (c *Card) add(reference byte, container Container, compress bool) error {
	tag, known := certificateObjects[reference]
	if !known {
		return fmt.Errorf("a virtual card has no container %02X", reference)
	}

	if container.Key != nil {
		k, err := newKey(container.Key)
		if err != nil {
			return err
		}
		c.keys[reference] = k
	}

	if len(container.Certificate) > maxObject {
		return fmt.Errorf("a certificate of %d bytes does not fit on a card", len(container.Certificate))
	}
	if len(container.Certificate) == 0 {
		return nil
	}

	object, err := certificateContainer(container.Certificate, compress)
	c.objects[tag] = object
	return err
}

// ATR returns the card's answer to reset. The default offers T=1, selection by full and partial name, command
// chaining, and extended lengths.
func (c *Card) ATR() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.atr != nil:
		return slices.Clone(c.atr)
	case c.has(WarmATR) && c.warmReset:
		return []byte{0x3B, 0x88, 0x01, 0x00, 0x73, 0xC0, 0x21, 0xC0, 0x05, 0x90, 0x00, 0xEF}
	case c.has(OverT0):
		return []byte{0x3B, 0x07, 0x80, 0x31, 0xC0, 0x73, 0xC0, 0x21, 0x80}
	case c.has(Contactless): // PC/SC part 3, section 3.1.3.2.3.1
		return []byte{0x3B, 0x88, 0x80, 0x01, 0x00, 0x73, 0xC0, 0x21, 0xC0, 0x05, 0x90, 0x00, 0xCE}
	case c.has(ShortATR):
		return []byte{0x3B, 0x80, 0x80, 0x01, 0x01}
	}
	return []byte{0x3B, 0x87, 0x01, 0x80, 0x31, 0xC0, 0x73, 0xC0, 0x21, 0xC0, 0xA5}
}

// Reset switches the card off and on. It clears all state except the tries left.
func (c *Card) Reset() { c.reset(false) }

// WarmReset resets the card without loss of power. It clears the same state as Reset.
func (c *Card) WarmReset() { c.reset(true) }

func (c *Card) reset(warm bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.volatile, c.warmReset = volatile{}, warm
}

// TriesLeft returns the number of tries left.
func (c *Card) TriesLeft() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.triesLeft
}

// Verified reports whether the passcode is verified, so that any program could sign.
func (c *Card) Verified() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.verified
}

// Unblock restores all tries, like a self-service unlock.
func (c *Card) Unblock() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.triesLeft, c.pivTriesLeft = c.tries, c.tries
}
