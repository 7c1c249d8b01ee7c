// Package virtual is a PIV smartcard made of software (NIST SP 800-73-4), for tests, training and demonstrations. It
// answers the same APDUs as a plastic one. It plugs into a Reader inside this process, or into the virtual reader
// driver vpcd under a real pcscd, where any other smartcard program can use it.
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

// Config says what is on a card.
type Config struct {
	Key         crypto.Signer // of container 9A: an *rsa.PrivateKey (1024, 2048 or 3072 bits) or an ECDSA key on P-256 or P-384; nil: none
	Certificate []byte        // DER, of container 9A; nil: the container is empty
	Compress    bool          // keep the certificate compressed, as some issuers do
	// Others are the containers 9C, 9D and 9E, by their key reference. Their keys sign as that of 9A does, and that of 9E
	// needs no passcode.
	Others map[byte]Container
	// Objects are data objects as GET DATA returns them, by the tag that it asks for (SP 800-73-4 part 1, table 3): in place
	// of what the card makes of the rest of Config. Of an empty one the card says that it is not there.
	Objects  map[string][]byte
	Passcode []byte    // 6 to 8 digits; copied
	Tries    int       // wrong passcodes until the card locks; 0: three
	GUID     [16]byte  // the card's identifier, in its CHUID
	Expiry   time.Time // of the card, in its CHUID; zero: the end of 2099
	Rand     io.Reader // for ECDSA; nil: crypto/rand
	Quirks   Quirks    // how it differs from a card by the book
	ATR      []byte    // its answer to reset; nil: one that offers all that the card can. More than 33 bytes make it mute
	// Before is called with the instruction of each command before it is carried out, and may take its time: a test pulls
	// the card in it, or has it think. May be nil.
	Before func(ins byte)
	// After is called with each command and its response, in their order. A command may hold a passcode, and both slices
	// are the card's own. May be nil.
	After func(command, response []byte)
}

// Container is a key and its certificate.
type Container struct {
	Key         crypto.Signer // as Config.Key
	Certificate []byte        // as Config.Certificate
}

// otherPasscode is the PIV passcode of a card with GlobalPrimary, which nobody types.
var otherPasscode = []byte("97531246")

// maxObject is how many bytes of a certificate or another data object a card takes; SP 800-73-4 asks for no more than
// 12704, those of a photograph.
const maxObject = 1 << 14

// Card is one virtual card. Its tries left outlast resets and removals, as on plastic; all other state does not.
// It may be used from several goroutines: commands are carried out one after another.
type Card struct {
	keys     map[byte]key      // by their reference
	objects  map[string][]byte // by their tag, whole; an empty one is not there
	passcode []byte
	tries    int
	rand     io.Reader
	quirks   Quirks
	atr      []byte
	before   func(ins byte)
	after    func(command, response []byte)

	mu    sync.Mutex
	left  int  // tries left
	spare int  // tries left of the PIV passcode, where the global one is the card's
	warm  bool // the last reset was one without loss of power
	volatile
}

// volatile is what a reset or a removal makes the card forget.
type volatile struct {
	selected bool
	verified bool
	chain    command // the command being chained: its header, and the data so far
	chaining bool
	pending  []byte // response data that wait for GET RESPONSE
}

// New makes a card. The error says what in the Config cannot be.
func New(config Config) (*Card, error) {
	c := &Card{
		keys: map[byte]key{}, objects: map[string][]byte{}, passcode: slices.Clone(config.Passcode), tries: config.Tries,
		rand: config.Rand, quirks: config.Quirks, atr: slices.Clone(config.ATR), before: config.Before, after: config.After,
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
	c.left, c.spare = c.tries, c.tries
	if c.rand == nil {
		c.rand = rand.Reader
	}
	if err := c.fill(config); err != nil {
		return nil, err
	}
	return c, nil
}

// fill puts keys and data objects on the card.
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

// add puts a key and its certificate on the card.
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

// ATR returns the card's answer to reset: T=1, selection by full and partial name, command chaining, extended
// lengths. It is Config.ATR where that is set.
func (c *Card) ATR() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.atr != nil:
		return slices.Clone(c.atr)
	case c.has(WarmATR) && c.warm:
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

// Reset is power off or power on: the card forgets all but its tries left.
func (c *Card) Reset() { c.reset(false) }

// WarmReset is a reset without loss of power. The card forgets the same.
func (c *Card) WarmReset() { c.reset(true) }

func (c *Card) reset(warm bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.volatile, c.warm = volatile{}, warm
}

// TriesLeft returns how many wrong passcodes the card still takes.
func (c *Card) TriesLeft() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.left
}

// Verified reports whether the passcode is verified now: any program could sign.
func (c *Card) Verified() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.verified
}

// Unblock gives all tries back, as a self-service unlock does.
func (c *Card) Unblock() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left, c.spare = c.tries, c.tries
}
