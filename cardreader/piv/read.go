package piv

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"wardlight/cardreader"
)

// Data objects (SP 800-73-4 part 1, table 3) and what is read of them.
var (
	applicationID   = []byte{0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00}
	objectDiscovery = []byte{0x7E}
	objectCert9A    = []byte{0x5F, 0xC1, 0x05}
)

// Passcode references, the P2 of VERIFY (SP 800-73-4 part 1, table 4b).
const (
	passcodeGlobal = 0x00
	passcodePIV    = 0x80
)

// maxCertificate bounds a certificate, compressed or not, in bytes. SP 800-73 asks for 1856.
const maxCertificate = 1 << 16

// selectPIV selects the PIV application. Selecting it again does not change what is verified, and makes sure that the
// next VERIFY cannot burn a try of another application that another program selected meanwhile.
func (t *transport) selectPIV(ctx context.Context) error {
	data, sw, err := t.sendShort(ctx, command{ins: 0xA4, p1: 0x04, data: applicationID, answers: true}, nil)
	if err != nil {
		return err
	}
	switch sw {
	case swOK:
	case swNotFound, swNoInstruction, swBadParameters, swNotSupported, swNoClass, swAppletNotReady:
		return &cardreader.Error{Kind: cardreader.NotPIV, SW: sw}
	default:
		return swError("SELECT", sw)
	}
	// A card that says 9000 to everything has no application property template to show.
	if _, found := findElement(data, 0x61); !found {
		return &cardreader.Error{Kind: cardreader.NotPIV, SW: sw, Err: errors.New("SELECT: no application property template")}
	}
	return nil
}

// getData reads one data object; nil when the card has none by that name.
func (t *transport) getData(ctx context.Context, object []byte) ([]byte, error) {
	return t.getDataUntil(ctx, object, nil)
}

// getDataUntil returns getData that stops reading a long object as soon as enough says so; it is asked after each
// part but the last. Nil reads the whole.
func (t *transport) getDataUntil(ctx context.Context, object []byte, enough func(soFar []byte) bool) ([]byte, error) {
	name := appendElement(nil, 0x5C, object)
	data, sw, err := t.sendUntil(ctx, command{ins: 0xCB, p1: 0x3F, p2: 0xFF, data: name, answers: true}, enough)
	if err != nil {
		return nil, err
	}
	if err := t.refusedOverAir(sw); err != nil && bytes.Equal(object, objectCert9A) {
		return nil, err
	}
	switch sw {
	case swOK:
		return data, nil
	case swNotFound:
		return nil, nil
	}
	return nil, swError(fmt.Sprintf("GET DATA %X", object), sw)
}

// passcodeReference returns which passcode the card wants, by its discovery object (SP 800-73-4 part 1, section 3.3.2).
// A card without one has the PIV passcode only.
func passcodeReference(discovery []byte) byte {
	object, _ := findElement(discovery, 0x7E)
	policy, _ := findElement(object, 0x5F2F)
	if len(policy) == 2 && policy[0]&0x20 != 0 && policy[1] == 0x20 {
		return passcodeGlobal
	}
	return passcodePIV
}

// serialOf returns the card's UUID, in hex, that a PIV authentication certificate names (FIPS 201-2, section 4.2.1: a
// URI in the subjectAltName); "" when it names none. The CHUID has it, too, but would cost an exchange.
func serialOf(certificate *x509.Certificate) string {
	for _, name := range certificate.URIs {
		id, isURN := strings.CutPrefix(strings.ToLower(name.String()), "urn:uuid:")
		if id = strings.ReplaceAll(id, "-", ""); isURN && len(id) == 32 {
			if guid, err := hex.DecodeString(id); err == nil {
				return hex.EncodeToString(guid)
			}
		}
	}
	return ""
}

// certificateOf unpacks a certificate container. An empty one gives NoCertificate.
func certificateOf(container []byte) (*x509.Certificate, error) {
	object, _ := findElement(container, 0x53)
	der, _ := findElement(object, 0x70)
	if len(der) == 0 {
		return nil, &cardreader.Error{Kind: cardreader.NoCertificate}
	}
	if info, _ := findElement(object, 0x71); len(info) == 1 && info[0]&0x01 != 0 {
		var err error
		if der, err = gunzip(der); err != nil {
			return nil, unreadable(err)
		}
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, unreadable(err)
	}
	return certificate, nil
}

func unreadable(err error) error {
	return &cardreader.Error{Kind: cardreader.NoCertificate, Detail: "The sign-in certificate on this card cannot be read.", Err: err}
}

func gunzip(data []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(r, maxCertificate+1))
	if err != nil {
		return nil, err
	}
	if len(out) > maxCertificate {
		return nil, errors.New("the compressed certificate is too long")
	}
	return out, nil
}

// tries asks how many tries the passcode has left, which costs none; -1 when the card does not say. It does not say
// either while another program has left the passcode verified.
func (t *transport) tries(ctx context.Context, reference byte) (int, error) {
	_, sw, err := t.sendShort(ctx, command{ins: 0x20, p2: reference}, nil)
	if err != nil {
		return -1, err
	}
	if n, known := triesIn(sw); known {
		return n, nil
	}
	if overTheAir(t.link.ATR()) { // some cards show the certificate there, and refuse the passcode
		return -1, t.refusedOverAir(sw)
	}
	return -1, nil
}
