package sqlledger

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
	"wardlight/rbac"
)

// Person returns the person with roles, or ErrNotFound.
func (l Ledger) Person(ctx context.Context, uuid string) (store.Person, error) {
	all, err := l.persons(ctx, `= ?1`, uuid)
	if err == nil && len(all) == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		return store.Person{UUID: uuid}, err
	}
	return all[0], nil
}

// Persons returns the persons with a greater UUID than after.
func (l Ledger) Persons(ctx context.Context, after string, limit int) ([]store.Person, error) {
	return l.persons(ctx, `IN (SELECT uuid FROM person WHERE uuid > ?1 ORDER BY uuid LIMIT 0 + ?2)`, after, limit)
}

// persons returns persons with roles. It runs a single statement, because every request needs a person: it returns a
// row for each role, and one for a person without roles.
func (l Ledger) persons(ctx context.Context, which string, args ...any) (all []store.Person, err error) {
	var p store.Person
	var r store.Role
	var codes string
	_, err = list(ctx, l, func(rows row.Row) (struct{}, error) {
		if err := rows.Scan(&p.UUID, &p.Title, &p.Given, &p.Family, &p.Version, &r.URID, &r.JobRole, &r.JobName,
			&r.RoleName, &r.OrgID, &r.OrgODS,
			&r.OrgName, &codes); err != nil {
			return struct{}{}, err
		}
		if len(all) == 0 || all[len(all)-1].UUID != p.UUID {
			all = append(all, p)
		}
		if r.URID != "" {
			r.Activities = nil
			for c := range strings.FieldsSeq(codes) {
				r.Activities = append(r.Activities, rbac.ActivityCode(c))
			}
			one := &all[len(all)-1]
			one.Roles = append(one.Roles, r)
		}
		return struct{}{}, nil
	},
		`SELECT uuid, title, given, family, version, coalesce(urid, ''), coalesce(job_role, ''), coalesce(job_name, ''), coalesce(role_name, ''),
		coalesce(org_id, ''), coalesce(org_ods, ''), coalesce(org_name, ''), coalesce(activities, '')
		FROM person LEFT JOIN role ON person = uuid WHERE uuid `+which+` ORDER BY uuid, ordinal`, args...)
	return all, err
}

// NonceKey returns the key of nonces. If there is none yet, it stores fresh.
func (l Ledger) NonceKey(ctx context.Context, fresh []byte) ([]byte, error) {
	read := func() ([]byte, error) {
		return first(ctx, l, scanOne[[]byte], `SELECT value FROM secret WHERE name = 'nonce'`)
	}
	key, err := read()
	if !errors.Is(err, store.ErrNotFound) {
		return key, err
	}
	if _, err := l.Engine.WriteOne(ctx,
		statement(`INSERT INTO secret (name, value) VALUES ('nonce', ?1) ON CONFLICT DO NOTHING`, fresh)); err != nil {
		return nil, err
	}
	return read()
}

// SessionByToken returns the session of a token, or ErrNotFound.
func (l Ledger) SessionByToken(ctx context.Context, hash []byte) (store.Session, error) {
	return first(ctx, l, row.Session, row.SelectSessions+` WHERE token_hash = ?1`, hash)
}

// Selections of the active sessions of an OpenID provider. Each uses an index.
const (
	SessionsOfSID     = row.SelectSessions + ` WHERE ended = 0 AND provider_sid <> '' AND provider_sid = ?1`
	SessionsOfSubject = row.SelectSessions + ` WHERE ended = 0 AND provider_sub <> '' AND provider_sub = ?1`
)

// SessionsOfProvider returns the active sessions of an OpenID provider's session or, if sid is "", of its subject. If
// both are given, only sessions of both are returned.
func (l Ledger) SessionsOfProvider(ctx context.Context, subject, sid string) ([]store.Session, error) {
	if sid == "" {
		return list(ctx, l, row.Session, SessionsOfSubject, subject)
	}
	all, err := list(ctx, l, row.Session, SessionsOfSID, sid)
	return slices.DeleteFunc(all, func(s store.Session) bool {
		return subject != "" && s.Provided.Subject != subject
	}), err
}

// Statements that end sessions at a time, ?1, by their certificate. Each uses an index.
const (
	EndByIssuer      = `UPDATE session SET ended = ?1 WHERE ended = 0 AND cert_issuer <> '' AND cert_issuer = ?2`
	EndByFingerprint = `UPDATE session SET ended = ?1 WHERE ended = 0 AND cert_fingerprint = ?2`
	EndBySerial      = `UPDATE session SET ended = ?1 WHERE ended = 0 AND cert_serial = ?2 AND (?3 = '' OR cert_issuer = ?3)`
)

// EndSessions ends the sessions started with certificates of that issuer.
func (l Ledger) EndSessions(ctx context.Context, issuer string, at time.Time) (int, error) {
	return l.end(ctx, statement(EndByIssuer, row.Instant(at), issuer))
}

// EndSessionsSeenAfter ends the sessions that were last used after a time.
func (l Ledger) EndSessionsSeenAfter(ctx context.Context, seen, at time.Time) (int, error) {
	return l.end(ctx, statement(`UPDATE session SET ended = ?1 WHERE ended = 0 AND seen > ?2`, row.Instant(at),
		row.Instant(seen)))
}

// end runs a statement that ends sessions. No commit runs at the same time, because its entries may depend on them.
func (l Ledger) end(ctx context.Context, s Statement) (int, error) {
	ended, err := l.Engine.Write(ctx, s)
	if err != nil {
		return 0, err
	}
	return int(ended[0]), nil
}

// CountSessions returns the number of sessions that have neither ended nor expired.
func (l Ledger) CountSessions(ctx context.Context, now time.Time) (int, error) {
	return first(ctx, l, scanOne[int], `SELECT count(*) FROM session WHERE ended = 0 AND expires > ?1`,
		row.Instant(now))
}
