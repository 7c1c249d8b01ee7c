//go:build cgo

package pkcs11

import (
	"bytes"
	"crypto"
	"errors"
	"unsafe"

	"github.com/miekg/pkcs11"

	"wardlight/cardreader"
)

// hashMechanisms maps hashes to the mechanisms that compute them, for modules that don't support CKM_RSA_PKCS.
var hashMechanisms = map[crypto.Hash]uint{
	crypto.SHA256: pkcs11.CKM_SHA256_RSA_PKCS,
	crypto.SHA384: pkcs11.CKM_SHA384_RSA_PKCS,
	crypto.SHA512: pkcs11.CKM_SHA512_RSA_PKCS,
}

// sign logs in, signs and logs out. It logs out after an error, too.
func (m *module) sign(slot uint, s *signing, passcode *cardreader.Passcode) (r reply, err error) {
	err = m.withSession(slot, func(session pkcs11.SessionHandle) error {
		if same, err := m.hasCertificate(session, s); err != nil || !same {
			r.AnotherCard = err == nil
			return err
		}
		if err := m.login(session, pkcs11.CKU_USER, s, passcode); err != nil {
			if t, e := m.ctx.GetTokenInfo(slot); e == nil {
				r.Flags = t.Flags
			}
			return at(stepLogin, err)
		}
		defer func() { _ = m.ctx.Logout(session) }() // not reliable: the driver also resets the card
		key, err := m.key(session, s.ID)
		if err != nil {
			return err
		}
		r.Signature, err = m.signWith(session, key, s, passcode)
		return at(stepSign, err)
	})

	return r, err
}

// hasCertificate reports whether the certificate in the slot is the one that was read before.
func (m *module) hasCertificate(session pkcs11.SessionHandle, s *signing) (bool, error) {
	objects, err := m.find(session, stepRead,
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_CERTIFICATE), pkcs11.NewAttribute(pkcs11.CKA_ID, s.ID))
	if err != nil {
		return false, err
	}
	for _, object := range objects {
		if bytes.Equal(m.attribute(session, object, pkcs11.CKA_VALUE), s.Certificate) {
			return true, nil
		}
	}
	return false, nil
}

// login passes the passcode to the module. miekg/pkcs11 requires a string, so the string shares the memory of the
// passcode. Wiping the passcode thus wipes all copies in Go's memory. Copies in C's memory are lost when this process
// exits.
//
// Without a passcode the module waits until it is typed on the reader.
func (m *module) login(session pkcs11.SessionHandle, user uint, s *signing, passcode *cardreader.Passcode) error {
	pin, b := "", passcode.Bytes()
	switch {
	case s.OnReader:
	case len(b) == 0:
		return errors.New("no passcode")
	default:
		pin = unsafe.String(&b[0], len(b))
	}
	err := m.ctx.Login(session, user, pin)
	if ckr, _ := resultOf(err); ckr == pkcs11.CKR_USER_ALREADY_LOGGED_IN {
		return nil
	}
	return err
}

// key returns the private key of the certificate. Most modules show it only after the login.
func (m *module) key(session pkcs11.SessionHandle, id []byte) (pkcs11.ObjectHandle, error) {
	keys, err := m.find(session, stepKey,
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_PRIVATE_KEY), pkcs11.NewAttribute(pkcs11.CKA_ID, id))
	if err != nil {
		return 0, err
	}
	if len(keys) == 0 {
		return 0, at(stepKey, errors.New("no private key has the certificate's CKA_ID"))
	}
	return keys[0], nil
}

// signWith signs with a mechanism that the key supports: RSA over the DigestInfo, or else one that computes the hash
// itself.
func (m *module) signWith(session pkcs11.SessionHandle, key pkcs11.ObjectHandle, s *signing,
	passcode *cardreader.Passcode,
) ([]byte, error) {
	if !s.RSA {
		return m.signBy(session, key, pkcs11.CKM_ECDSA, s, s.Data, passcode)
	}
	signature, err := m.signBy(session, key, pkcs11.CKM_RSA_PKCS, s, s.Data, passcode)
	if mechanism, known := hashMechanisms[crypto.Hash(s.Hash)]; err != nil && known && len(s.Message) > 0 &&
		refusesMechanism(err) {
		return m.signBy(session, key, mechanism, s, s.Message, passcode)
	}
	return signature, err
}

// refusesMechanism reports whether another mechanism may succeed after this error.
func refusesMechanism(err error) bool {
	switch ckr, _ := resultOf(err); ckr {
	case ckrMechanismInvalid, ckrMechanismParameter, ckrKeyFunction, ckrFunctionRefused:
		return true
	}
	return false
}

func (m *module) signBy(
	session pkcs11.SessionHandle, key pkcs11.ObjectHandle, mechanism uint, s *signing, data []byte,
	passcode *cardreader.Passcode,
) ([]byte, error) {
	if err := m.ctx.SignInit(session, []*pkcs11.Mechanism{pkcs11.NewMechanism(mechanism, nil)}, key); err != nil {
		return nil, err
	}
	// Some keys require the passcode before each signature. It was correct at the login, so this uses no try.
	if always := m.attribute(session, key, pkcs11.CKA_ALWAYS_AUTHENTICATE); len(always) == 1 && always[0] != 0 {
		if err := m.login(session, pkcs11.CKU_CONTEXT_SPECIFIC, s, passcode); err != nil {
			return nil, err
		}
	}
	return m.ctx.Sign(session, data)
}
