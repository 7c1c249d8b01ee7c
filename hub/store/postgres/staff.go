package postgres

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"wardlight/hub/store"
	"wardlight/hub/store/book"
	"wardlight/hub/store/row"
	"wardlight/rbac"
)

// lockHead waits until no commit is under way and keeps others from beginning: a request whose caller changes either
// is stored before the change, or sees it.
const lockHead = `SELECT FROM head FOR UPDATE`

// PutPerson adds or replaces a person with their roles.
func (s *Store) PutPerson(ctx context.Context, p store.Person) error {
	err := s.writing(ctx, func(b *pgx.Batch) {
		b.Queue(lockHead)
		b.Queue(`INSERT INTO person (uuid, title, given, family) VALUES ($1, $2, $3, $4) ON CONFLICT (uuid) DO UPDATE SET
			title = excluded.title, given = excluded.given, family = excluded.family, version = person.version + 1`, p.UUID, p.Title, p.Given, p.Family)
		b.Queue(`DELETE FROM role WHERE person = $1`, p.UUID)
		for i, r := range p.Roles {
			codes := make([]string, len(r.Activities))
			for j, c := range r.Activities {
				codes[j] = string(c)
			}
			b.Queue(`INSERT INTO role VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, p.UUID, i, r.URID,
				r.JobRole, r.JobName, r.RoleName, r.OrgID, r.OrgODS, r.OrgName, strings.Join(codes, " "))
		}
	})
	if condition(err) == uniqueViolation { // of the URID: nothing else is unique that is not replaced
		return store.ErrRoleTaken
	}
	return err
}

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

// PutCertificate says whose a certificate is.
func (s *Store) PutCertificate(ctx context.Context, fingerprint, uuid string) error {
	return s.exec(ctx, `INSERT INTO certificate VALUES ($1, $2) ON CONFLICT (fingerprint) DO UPDATE SET person = excluded.person`, fingerprint, uuid)
}

// PersonOfCertificate returns the UUID that was put with the fingerprint.
func (s *Store) PersonOfCertificate(ctx context.Context, fingerprint string) (string, error) {
	var uuid string
	err := s.row(ctx, `SELECT person FROM certificate WHERE fingerprint = $1`, []any{fingerprint}, &uuid)
	return uuid, err
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

// LiftRevocation takes a certificate from the list.
func (s *Store) LiftRevocation(ctx context.Context, c store.Certificate) error {
	return s.one(ctx, `DELETE FROM revocation WHERE (fingerprint <> '' AND fingerprint = $1)
		OR (serial <> '' AND serial = $3 AND issuer IN ('', $2))`, c.Fingerprint, c.Issuer, c.Serial)
}

// CertificateRevoked reports whether the certificate is on the list.
func (s *Store) CertificateRevoked(ctx context.Context, c store.Certificate) (bool, error) {
	var revoked bool
	err := s.row(ctx, `SELECT EXISTS (SELECT 1 FROM revocation WHERE fingerprint = $1 AND fingerprint <> '')
		OR EXISTS (SELECT 1 FROM revocation WHERE serial = $3 AND serial <> '' AND issuer IN ('', $2))`,
		[]any{c.Fingerprint, c.Issuer, c.Serial}, &revoked)
	return revoked, err
}

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
	return s.end(ctx, endByIssuer, instant(at), issuer)
}

// EndSessionsSeenAfter ends those that were used after a time.
func (s *Store) EndSessionsSeenAfter(ctx context.Context, seen, at time.Time) (int, error) {
	return s.end(ctx, `UPDATE session SET ended = $1 WHERE ended = 0 AND seen > $2`, instant(at), instant(seen))
}

// end ends sessions while no commit is under way, which may rest on them.
func (s *Store) end(ctx context.Context, query string, args ...any) (int, error) {
	ended, err := s.Write(ctx, book.Statement{Query: query, Args: args})
	return int(ended[0]), err
}

// CountSessions returns how many sessions have begun and neither ended nor expired.
func (s *Store) CountSessions(ctx context.Context, now time.Time) (int, error) {
	var n int
	err := s.row(ctx, `SELECT count(*) FROM session WHERE ended = 0 AND expires > $1`, []any{instant(now)}, &n)
	return n, err
}

// forgetLapsed is what Prune runs: each goes into an index, and reads no more than it deletes.
var forgetLapsed = []string{
	`DELETE FROM nonce WHERE expires < $1`,
	`DELETE FROM used WHERE expires < $1`,
	`DELETE FROM opening WHERE expires < $1`,
}

// oldSessions deletes some of the sessions that expired before a time.
const oldSessions = `DELETE FROM session WHERE id IN (SELECT id FROM session WHERE expires < $1 ORDER BY expires LIMIT 1000)`

// Prune deletes what lapsed, and what r says.
func (s *Store) Prune(ctx context.Context, now time.Time, r store.Retention) error {
	err := s.writing(ctx, func(b *pgx.Batch) {
		for _, q := range forgetLapsed {
			b.Queue(q, instant(now))
		}
	})
	if r.Sessions == 0 || err != nil {
		return err
	}
	return s.inParts(ctx, oldSessions, instant(now.Add(-r.Sessions)))
}

// inParts runs a statement that changes a bounded number of rows, each time in a transaction of its own, until there
// are none left.
func (s *Store) inParts(ctx context.Context, query string, args ...any) error {
	for {
		if n, err := s.changed(ctx, query, args...); n == 0 || err != nil {
			return err
		}
	}
}
