package row

import (
	"encoding/json"
	"fmt"

	"wardlight/hub/store"
)

// SelectSessions is the SELECT for [Session]. A WHERE may follow.
const SelectSessions = `SELECT id, token_hash, person, key_thumb, cert_fingerprint, cert_issuer, cert_serial, provider_sub, provider_sid, provider_person, begun, seen, expires, ended FROM session`

// Session reads a session.
func Session[R Row](r R) (x store.Session, err error) {
	var started, seen, expires, ended int64
	var by store.Provided
	var person string
	if err = r.Scan(&x.ID, &x.TokenHash, &x.Person, &x.KeyThumb, &x.Certificate.Fingerprint, &x.Certificate.Issuer,
		&x.Certificate.Serial, &by.Subject, &by.SID, &person, &started, &seen, &expires, &ended); err != nil {
		return x, err
	}

	x.Started, x.Seen, x.Expires, x.Ended = Time(started), Time(seen), Time(expires), Time(ended)
	if person != "" {
		if err := json.Unmarshal([]byte(person), &by.Person); err != nil {
			return x, fmt.Errorf("person of a session: %w", err)
		}
		x.Provided = &by
	}
	return x, nil
}

// Provided returns the stored form of what an OpenID provider stated, or empty texts for nil.
func Provided(p *store.Provided) (subject, sid, person string, err error) {
	if p == nil {
		return "", "", "", nil
	}
	b, err := json.Marshal(p.Person)
	if err != nil {
		return "", "", "", fmt.Errorf("person of a session: %w", err)
	}
	return p.Subject, p.SID, string(b), nil
}
