package row

import (
	"wardlight/hub/store"
)

// SelectSessions is the SELECT for [Session]. A WHERE may follow.
const SelectSessions = `SELECT id, token_hash, person, key_thumb, cert_fingerprint, cert_issuer, cert_serial, begun, seen, expires, ended FROM session`

// Session reads a session.
func Session[R Row](r R) (x store.Session, err error) {
	var started, seen, expires, ended int64
	err = r.Scan(&x.ID, &x.TokenHash, &x.Person, &x.KeyThumb, &x.Certificate.Fingerprint, &x.Certificate.Issuer,
		&x.Certificate.Serial,
		&started, &seen, &expires, &ended)
	x.Started, x.Seen, x.Expires, x.Ended = Time(started), Time(seen), Time(expires), Time(ended)
	return x, err
}
