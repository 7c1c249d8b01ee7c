package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
	"wardlight/rbac"
)

// A revocation list may be long.
const (
	insertRevocation = `INSERT INTO revocation VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	endByFingerprint = `UPDATE session SET ended = ? WHERE ended = 0 AND cert_fingerprint = ?`
	endBySerial      = `UPDATE session SET ended = ?1 WHERE ended = 0 AND cert_serial = ?2 AND (?3 = '' OR cert_issuer = ?3)`
)

// endByIssuer ends what a CA's certificates began.
const endByIssuer = `UPDATE session SET ended = ? WHERE ended = 0 AND cert_issuer = ?`

// Person returns the person with their roles.
func (s *Store) Person(ctx context.Context, uuid string) (store.Person, error) {
	p := store.Person{UUID: uuid}
	// One statement, as every request asks for it; the role is null for whoever has none.
	rows, err := s.ledger.QueryContext(ctx, `SELECT title, given, family, version, coalesce(urid, ''), job_role, job_name, role_name, org_id, org_ods,
		org_name, activities FROM person LEFT JOIN role ON person = uuid WHERE uuid = ? ORDER BY ordinal`, uuid)
	if err != nil {
		return p, err
	}
	defer rows.Close() //nolint:errcheck // Err below tells
	known := false
	for rows.Next() {
		var urid string
		var r [7]sql.NullString
		if err := rows.Scan(&p.Title, &p.Given, &p.Family, &p.Version, &urid, &r[0], &r[1], &r[2], &r[3], &r[4], &r[5], &r[6]); err != nil {
			return p, err
		}
		if known = true; !r[0].Valid {
			continue
		}
		role := store.Role{OrgID: r[3].String, RoleName: r[2].String, RoleProfile: rbac.RoleProfile{
			URID: urid, JobRole: r[0].String, JobName: r[1].String, OrgODS: r[4].String, OrgName: r[5].String,
		}}
		for c := range strings.FieldsSeq(r[6].String) {
			role.Activities = append(role.Activities, rbac.ActivityCode(c))
		}
		p.Roles = append(p.Roles, role)
	}
	if err := rows.Err(); err != nil {
		return p, err
	}
	if !known {
		return p, store.ErrNotFound
	}
	return p, nil
}

// Persons lists those whose UUID comes after the one given.
func (s *Store) Persons(ctx context.Context, after string, limit int) ([]store.Person, error) {
	uuids, err := list(ctx, s.ledger, func(rows *sql.Rows) (uuid string, err error) {
		return uuid, rows.Scan(&uuid)
	}, `SELECT uuid FROM person WHERE uuid > ? ORDER BY uuid LIMIT +?`, after, limit)
	if err != nil {
		return nil, err
	}
	var all []store.Person
	for _, uuid := range uuids {
		p, err := s.Person(ctx, uuid)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// RevokeCertificates puts certificates on the list and ends the sessions that they began.
func (s *Store) RevokeCertificates(ctx context.Context, all []store.Revocation) error {
	all, err := s.unlisted(ctx, all)
	if len(all) == 0 || err != nil {
		return err
	}
	return s.ledger.writing(ctx, func(tx *sql.Tx) error {
		for _, r := range all {
			if err := s.revoke(ctx, tx, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// unlisted returns those that are not on the list. A hub sends the whole of a long list at each start: this keeps no
// commit waiting.
func (s *Store) unlisted(ctx context.Context, all []store.Revocation) ([]store.Revocation, error) {
	names := make([][3]string, len(all))
	for i, r := range all {
		names[i] = [3]string{r.Fingerprint, r.Issuer, r.Serial}
	}
	text, err := json.Marshal(names)
	if err != nil {
		return nil, err
	}
	listed, err := list(ctx, s.ledger, func(rows *sql.Rows) (i int, err error) { return i, rows.Scan(&i) },
		`SELECT n.key FROM json_each(?) AS n CROSS JOIN revocation
		WHERE fingerprint = n.value ->> 0 AND issuer = n.value ->> 1 AND serial = n.value ->> 2`, string(text))
	if err != nil {
		return nil, err
	}
	have := make(map[int]bool, len(listed))
	for _, i := range listed {
		have[i] = true
	}
	var rest []store.Revocation
	for i, r := range all {
		if !have[i] {
			rest = append(rest, r)
		}
	}
	return rest, nil
}

func (s *Store) revoke(ctx context.Context, tx *sql.Tx, r store.Revocation) error {
	n, err := s.ledger.run(ctx, tx, insertRevocation, r.Fingerprint, r.Issuer, r.Serial, instant(r.At), r.Reason)
	if n == 0 || err != nil {
		return err
	}
	if r.Fingerprint != "" {
		if _, err := s.ledger.run(ctx, tx, endByFingerprint, instant(r.At), r.Fingerprint); err != nil {
			return err
		}
	}
	if r.Serial != "" {
		_, err = s.ledger.run(ctx, tx, endBySerial, instant(r.At), r.Serial, r.Issuer)
	}
	return err
}

// NonceKey returns the key of nonces, and puts the fresh one where there is none.
func (s *Store) NonceKey(ctx context.Context, fresh []byte) (key []byte, err error) {
	read := func() error { return s.ledger.row(ctx, `SELECT value FROM secret WHERE name = 'nonce'`, nil, &key) }
	if err = read(); !errors.Is(err, store.ErrNotFound) {
		return key, err
	}
	if err := s.ledger.writing(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO secret VALUES ('nonce', ?) ON CONFLICT DO NOTHING`, fresh)
		return err
	}); err != nil {
		return nil, err
	}
	err = read()
	return key, err
}

// PutNonce keeps the hash of a nonce.
func (s *Store) PutNonce(ctx context.Context, hash []byte, expires time.Time) error {
	return s.ledger.writing(ctx, func(tx *sql.Tx) error {
		_, err := s.ledger.run(ctx, tx, `INSERT INTO nonce VALUES (?, ?)`, hash, instant(expires))
		return err
	})
}

// SessionByToken returns the session of a token.
func (s *Store) SessionByToken(ctx context.Context, hash []byte) (store.Session, error) {
	return first(ctx, s.ledger, row.Session, row.SelectSessions+` WHERE token_hash = ?`, hash)
}

// EndSessions ends those of one issuer's certificates.
func (s *Store) EndSessions(ctx context.Context, issuer string, at time.Time) (int, error) {
	return s.endSessions(ctx, endByIssuer, instant(at), issuer)
}

// EndSessionsSeenAfter ends those that were used after a time.
func (s *Store) EndSessionsSeenAfter(ctx context.Context, seen, at time.Time) (int, error) {
	return s.endSessions(ctx, `UPDATE session SET ended = ? WHERE ended = 0 AND seen > ?`, instant(at), instant(seen))
}

func (s *Store) endSessions(ctx context.Context, query string, args ...any) (n int, err error) {
	err = s.ledger.writing(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, query, args...)
		if err != nil {
			return err
		}
		ended, err := done.RowsAffected()
		n = int(ended)
		return err
	})
	return n, err
}

// CountSessions returns how many sessions have begun and neither ended nor expired.
func (s *Store) CountSessions(ctx context.Context, now time.Time) (n int, err error) {
	return n, s.ledger.row(ctx, `SELECT count(*) FROM session WHERE ended = 0 AND expires > ?`, []any{instant(now)}, &n)
}
