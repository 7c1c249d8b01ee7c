//go:build cgo

package pkcs11

import (
	"errors"
	"fmt"

	"github.com/miekg/pkcs11"

	"wardlight/cardreader"
)

// module is the vendor's library, loaded in the helper.
type module struct {
	path string
	ctx  *pkcs11.Ctx // nil until loaded
}

// fault is an error of the module, with the step that failed.
type fault struct {
	step step
	err  error
}

func (f *fault) Error() string { return fmt.Sprintf("%s: %v", f.step, f.err) }

func (f *fault) Unwrap() error { return f.err }

// at returns err with the step that failed, or nil if err is nil.
func at(s step, err error) error {
	if err == nil {
		return nil
	}
	return &fault{s, err}
}

// resultOf returns the CKR value in err's chain, or false when there is none.
func resultOf(err error) (uint32, bool) {
	var ckr pkcs11.Error
	if errors.As(err, &ckr) {
		return uint32(ckr), true
	}
	return 0, false
}

// failed returns the reply for an error.
func failed(r reply, err error) reply {
	var f *fault
	if errors.As(err, &f) {
		r.Step = f.step
	}
	r.CKR, _ = resultOf(err)
	r.Note = err.Error()
	return r
}

// answer executes one request.
func (m *module) answer(r request, passcode *cardreader.Passcode) reply {
	if err := m.load(); err != nil {
		return failed(reply{}, err)
	}
	var answer reply
	var err error
	switch {
	case r.Op == opInspect:
		answer, err = m.inspect()
	case r.Op == opRead:
		answer.Certificates, err = m.read(r.Slot)
	case r.Op == opSign && r.Sign != nil:
		answer, err = m.sign(r.Slot, r.Sign, passcode)
	default:
		err = fmt.Errorf("there is no operation %q", r.Op)
	}
	if err != nil {
		return failed(answer, err)
	}
	return answer
}

// load loads and initialises the library at the first call.
func (m *module) load() error {
	if m.ctx != nil {
		return nil
	}

	name, err := preload(m.path)
	if err != nil {
		return at(stepLoad, err)
	}

	ctx := pkcs11.New(name)
	if ctx == nil {
		return at(stepLoad, errors.New("the library cannot be loaded, or is no PKCS#11 module"))
	}

	err = ctx.Initialize()
	if ckr, _ := resultOf(err); ckr == pkcs11.CKR_CANT_LOCK || ckr == pkcs11.CKR_NEED_TO_CREATE_THREADS {
		err = ctx.Initialize(pkcs11.InitializeWithFlags(0)) // an old library; we use a single thread
	}

	if ckr, _ := resultOf(err); err != nil && ckr != pkcs11.CKR_CRYPTOKI_ALREADY_INITIALIZED {
		ctx.Destroy()
		return at(stepLoad, err)
	}

	m.ctx = ctx
	return nil
}

func (m *module) unload() {
	if m.ctx == nil {
		return
	}
	_ = m.ctx.Finalize()
	m.ctx.Destroy()
	m.ctx = nil
}

// inspect returns the library's description, its slots and their tokens.
func (m *module) inspect() (reply, error) {
	info, err := m.ctx.GetInfo()
	if err != nil {
		return reply{}, at(stepList, err)
	}

	ids, err := m.ctx.GetSlotList(false)
	if err != nil {
		return reply{}, at(stepList, err)
	}

	r := reply{Library: &Library{
		Description: info.LibraryDescription, Manufacturer: info.ManufacturerID,
		Version: versionOf(info.LibraryVersion), Cryptoki: versionOf(info.CryptokiVersion),
	}}

	for _, id := range ids {
		slot, err := m.ctx.GetSlotInfo(id)
		if err != nil {
			continue // it disappeared between the two calls
		}
		s := Slot{ID: id, Description: slot.SlotDescription}
		if slot.Flags&pkcs11.CKF_TOKEN_PRESENT != 0 {
			s.Token = m.token(id)
		}
		r.Slots = append(r.Slots, s)
	}

	return r, nil
}

// token returns the token in the slot, or nil if there is none that is usable.
func (m *module) token(slot uint) *Token {
	t, err := m.ctx.GetTokenInfo(slot)
	if err != nil || t.Flags&pkcs11.CKF_TOKEN_INITIALIZED == 0 {
		return nil
	}
	return &Token{
		Label: t.Label, Manufacturer: t.ManufacturerID, Model: t.Model, Serial: t.SerialNumber,
		Flags: t.Flags, Min: t.MinPinLen, Max: t.MaxPinLen,
	}
}

func versionOf(v pkcs11.Version) string { return fmt.Sprintf("%d.%02d", v.Major, v.Minor) }

// withSession calls f with a session, and closes it.
func (m *module) withSession(slot uint, f func(pkcs11.SessionHandle) error) error {
	session, err := m.ctx.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION)
	if err != nil {
		return at(stepSession, err)
	}
	defer func() { _ = m.ctx.CloseSession(session) }()
	return f(session)
}

// Limits for reading a token.
const (
	maxObjects     = 64
	maxCertificate = 1 << 16 // bytes
)

// read returns the X.509 certificates in a slot.
func (m *module) read(slot uint) (found []certificate, err error) {
	err = m.withSession(slot, func(session pkcs11.SessionHandle) error {
		objects, err := m.find(session, stepRead,
			pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_CERTIFICATE),
			pkcs11.NewAttribute(pkcs11.CKA_CERTIFICATE_TYPE, pkcs11.CKC_X_509))
		if err != nil {
			return err
		}
		for _, object := range objects {
			c := certificate{
				Slot: slot, ID: m.attribute(session, object, pkcs11.CKA_ID),
				Label: string(m.attribute(session, object, pkcs11.CKA_LABEL)),
				DER:   m.attribute(session, object, pkcs11.CKA_VALUE),
			}
			if len(c.DER) > 0 && len(c.DER) <= maxCertificate {
				c.Private, c.Public = m.hasKey(session, pkcs11.CKO_PRIVATE_KEY, c.ID),
					m.hasKey(session, pkcs11.CKO_PUBLIC_KEY, c.ID)
				found = append(found, c)
			}
		}
		return nil
	})

	return found, err
}

// hasKey reports whether a key of that class and CKA_ID is visible. On an error it returns false.
func (m *module) hasKey(session pkcs11.SessionHandle, class uint, id []byte) bool {
	if len(id) == 0 {
		return false
	}
	keys, err := m.find(session, stepRead, pkcs11.NewAttribute(pkcs11.CKA_CLASS, class),
		pkcs11.NewAttribute(pkcs11.CKA_ID, id))
	return err == nil && len(keys) > 0
}

// find returns the objects that match the template.
func (m *module) find(session pkcs11.SessionHandle, s step,
	template ...*pkcs11.Attribute,
) ([]pkcs11.ObjectHandle, error) {
	if err := m.ctx.FindObjectsInit(session, template); err != nil {
		return nil, at(s, err)
	}
	objects, _, err := m.ctx.FindObjects(session, maxObjects)
	if final := m.ctx.FindObjectsFinal(session); err == nil {
		err = final
	}
	return objects, at(s, err)
}

// attribute returns the value of an attribute, or nil if the object doesn't have it or it cannot be read.
func (m *module) attribute(session pkcs11.SessionHandle, object pkcs11.ObjectHandle, kind uint) []byte {
	values, err := m.ctx.GetAttributeValue(session, object, []*pkcs11.Attribute{pkcs11.NewAttribute(kind, nil)})
	if err != nil || len(values) != 1 {
		return nil
	}
	return values[0].Value
}
