package row

import (
	"wardlight/hub/store"
)

// SelectAuthorities is the SELECT for [Authority]. A WHERE may follow.
const SelectAuthorities = `SELECT code, name, office_phone, duty_phone, endpoint FROM authority`

// Authority reads an authority.
func Authority[R Row](r R) (a store.Authority, err error) {
	err = r.Scan(&a.Code, &a.Name, &a.OfficePhone, &a.DutyPhone, &a.Endpoint)
	return a, err
}

// SelectCredentials is the SELECT for [Credential]. A WHERE may follow.
const SelectCredentials = `SELECT hash, authority, label, created, ended FROM credential`

// Credential reads a credential.
func Credential[R Row](r R) (c store.Credential, err error) {
	var created, ended int64
	err = r.Scan(&c.Hash, &c.Authority, &c.Label, &created, &ended)
	c.Created, c.Ended = Time(created), Time(ended)
	return c, err
}

// SelectUploads is the SELECT for [Upload]. A WHERE may follow.
const SelectUploads = `SELECT id, authority, file, digest, made, at, answer FROM upload`

// Upload reads an upload with its answer.
func Upload[R Row](r R) (u store.Upload, err error) {
	var at int64
	err = r.Scan(&u.ID, &u.Authority, &u.File, &u.Digest, &u.Made, &at, &u.Answer)
	u.Answer, u.At = nilIfEmpty(u.Answer), Time(at)
	return u, err
}

// nilIfEmpty returns b, or nil if b is empty, because drivers differ in the value of an empty column. An empty value
// means that the bytes have been deleted.
func nilIfEmpty(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return b
}
