package postgres

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
	"wardlight/rbac"
)

// lockHead waits until no commit is under way and keeps others from beginning: a request whose caller changes either
// is stored before the change, or sees it.
const lockHead = `SELECT FROM head FOR UPDATE`

// Person returns the person with their roles.
func (s *Store) Person(ctx context.Context, uuid string) (store.Person, error) {
	all, err := s.persons(ctx, `uuid = $1`, uuid)
	if err == nil && len(all) == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		return store.Person{UUID: uuid}, err
	}
	return all[0], nil
}

// Persons lists those whose UUID comes after the one given.
func (s *Store) Persons(ctx context.Context, after string, limit int) ([]store.Person, error) {
	return s.persons(ctx, `uuid IN (SELECT uuid FROM person WHERE uuid > $1 ORDER BY uuid LIMIT $2)`, after, limit)
}

// persons returns some people with their roles: a row for each role, and one for whoever has none.
func (s *Store) persons(ctx context.Context, which string, args ...any) ([]store.Person, error) {
	type row struct {
		store.Person
		role  store.Role
		codes string
	}
	rows, err := list(ctx, s, func(r pgx.Row) (one row, err error) {
		err = r.Scan(&one.UUID, &one.Title, &one.Given, &one.Family, &one.Version, &one.role.URID, &one.role.JobRole, &one.role.JobName, &one.role.RoleName,
			&one.role.OrgID, &one.role.OrgODS, &one.role.OrgName, &one.codes)
		return one, err
	}, `SELECT uuid, title, given, family, version, coalesce(urid, ''), coalesce(job_role, ''), coalesce(job_name, ''), coalesce(role_name, ''),
		coalesce(org_id, ''), coalesce(org_ods, ''), coalesce(org_name, ''), coalesce(activities, '')
		FROM person LEFT JOIN role ON person = uuid WHERE `+which+` ORDER BY uuid, ordinal`, args...)
	if err != nil {
		return nil, err
	}
	var all []store.Person
	for _, r := range rows {
		if len(all) == 0 || all[len(all)-1].UUID != r.UUID {
			all = append(all, r.Person)
		}
		if r.role.URID == "" {
			continue
		}
		for c := range strings.FieldsSeq(r.codes) {
			r.role.Activities = append(r.role.Activities, rbac.ActivityCode(c))
		}
		one := &all[len(all)-1]
		one.Roles = append(one.Roles, r.role)
	}
	return all, nil
}

// RevokeCertificates puts certificates on the list and ends the sessions that they began. However long the list, it
// is one statement. Before it, it waits for the commit that is under way: a session that this begins is there when the
// sessions are ended, and one that begins later finds the list.
func (s *Store) RevokeCertificates(ctx context.Context, all []store.Revocation) error {
	if len(all) == 0 {
		return nil
	}
	var list rows
	for _, r := range all {
		list.add(r.Fingerprint, r.Issuer, r.Serial, instant(r.At), r.Reason)
	}
	return s.writing(ctx, func(b *pgx.Batch) {
		b.Queue(lockHead)
		b.Queue(revoke, list...)
	})
}

// revoke lists certificates, and ends the sessions of those that were not on the list before. A session that both
// updates find is ended by either.
const revoke = `WITH added AS (
		INSERT INTO revocation SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[])
		ON CONFLICT DO NOTHING RETURNING fingerprint, issuer, serial, at
	), by_fingerprint AS (
		UPDATE session SET ended = added.at FROM added WHERE ended = 0 AND fingerprint <> '' AND cert_fingerprint = fingerprint
	)
	UPDATE session SET ended = added.at FROM added
	WHERE ended = 0 AND serial <> '' AND cert_serial = serial AND (issuer = '' OR cert_issuer = issuer)`

// NonceKey returns the key of nonces, and puts the fresh one where there is none.
func (s *Store) NonceKey(ctx context.Context, fresh []byte) (key []byte, err error) {
	read := func() error { return s.row(ctx, `SELECT value FROM secret WHERE name = 'nonce'`, nil, &key) }
	if err = read(); !errors.Is(err, store.ErrNotFound) {
		return key, err
	}
	if err := s.exec(ctx, `INSERT INTO secret VALUES ('nonce', $1) ON CONFLICT DO NOTHING`, fresh); err != nil {
		return nil, err
	}
	err = read()
	return key, err
}

// PutNonce keeps the hash of a nonce.
func (s *Store) PutNonce(ctx context.Context, hash []byte, expires time.Time) error {
	return s.exec(ctx, `INSERT INTO nonce VALUES ($1, $2)`, hash, instant(expires))
}

// SessionByToken returns the session of a token.
func (s *Store) SessionByToken(ctx context.Context, hash []byte) (store.Session, error) {
	return first(ctx, s, row.Session, row.SelectSessions+` WHERE token_hash = $1`, hash)
}

// endByIssuer ends what a CA's certificates began.
const endByIssuer = `UPDATE session SET ended = $1 WHERE ended = 0 AND cert_issuer = $2`

// EndSessions ends those of one issuer's certificates.
func (s *Store) EndSessions(ctx context.Context, issuer string, at time.Time) (int, error) {
	n, err := s.changed(ctx, endByIssuer, instant(at), issuer)
	return int(n), err
}

// EndSessionsSeenAfter ends those that were used after a time.
func (s *Store) EndSessionsSeenAfter(ctx context.Context, seen, at time.Time) (int, error) {
	n, err := s.changed(ctx, `UPDATE session SET ended = $1 WHERE ended = 0 AND seen > $2`, instant(at), instant(seen))
	return int(n), err
}

// CountSessions returns how many sessions have begun and neither ended nor expired.
func (s *Store) CountSessions(ctx context.Context, now time.Time) (int, error) {
	var n int
	err := s.row(ctx, `SELECT count(*) FROM session WHERE ended = 0 AND expires > $1`, []any{instant(now)}, &n)
	return n, err
}
