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

// Tags of data objects (SP 800-73-4 part 1, table 3) and of elements in them.
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

// maxCertificate is the maximum length of a certificate in bytes, compressed or not. SP 800-73 requires 1856.
const maxCertificate = 1 << 16

// selectPIV selects the PIV application. Selecting it again doesn't change the verified state. It ensures that the
// next VERIFY uses no try of another application, which another program may have selected in between.
func (t *transport) selectPIV(ctx context.Context) error {
	data, sw, err := t.sendShort(ctx, command{ins: 0xA4, p1: 0x04, data: applicationID, wantsResponse: true}, nil)
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
	// A card that answers 9000 to everything returns no application property template.
	if _, found := findElement(data, 0x61); !found {
		return &cardreader.Error{
			Kind: cardreader.NotPIV, SW: sw,
			Err: errors.New("SELECT: no application property template"),
		}
	}
	return nil
}

// getData returns a data object, or nil if the card doesn't have it.
func (t *transport) getData(ctx context.Context, object []byte) ([]byte, error) {
	return t.getDataUntil(ctx, object, nil)
}

// getDataUntil is like getData, but stops reading a long object when enough returns true. It calls enough after each
// part except the last. A nil enough reads the whole object.
func (t *transport) getDataUntil(ctx context.Context, object []byte, enough func(soFar []byte) bool) ([]byte, error) {
	name := appendElement(nil, 0x5C, object)
	data, sw, err := t.sendUntil(ctx, command{ins: 0xCB, p1: 0x3F, p2: 0xFF, data: name, wantsResponse: true}, enough)
	if err != nil {
		return nil, err
	}
	if err := t.contactlessError(sw); err != nil && bytes.Equal(object, objectCert9A) {
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

// passcodeReference returns the reference of the passcode to use according to the discovery object (SP 800-73-4 part
// 1, section 3.3.2). A card without one has only the PIV passcode.
func passcodeReference(discovery []byte) byte {
	object, _ := findElement(discovery, 0x7E)
	policy, _ := findElement(object, 0x5F2F)
	if len(policy) == 2 && policy[0]&0x20 != 0 && policy[1] == 0x20 {
		return passcodeGlobal
	}
	return passcodePIV
}

// serialOf returns the card's UUID in hex from a PIV authentication certificate (FIPS 201-2, section 4.2.1: a URI in
// the subjectAltName), or "" if it has none. The CHUID also contains it, but reading that would need another exchange.
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

// certificateOf parses a certificate container. For an empty one the error is NoCertificate.
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
	return &cardreader.Error{
		Kind:   cardreader.NoCertificate,
		Detail: "The sign-in certificate on this card cannot be read.", Err: err,
	}
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

// tries returns the number of tries left, or -1 if the card doesn't report it. The query uses no try. Cards don't
// report the number while the passcode is verified, such as by another program.
func (t *transport) tries(ctx context.Context, reference byte) (int, error) {
	_, sw, err := t.sendShort(ctx, command{ins: 0x20, p2: reference}, nil)
	if err != nil {
		return -1, err
	}
	if n, known := triesIn(sw); known {
		return n, nil
	}
	if isContactlessATR(t.link.ATR()) { // some cards allow reading the certificate there, but refuse the passcode
		return -1, t.contactlessError(sw)
	}
	return -1, nil
}
