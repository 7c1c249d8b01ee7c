package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"wardlight/hub/store"
)

// PutAuthority adds or replaces an authority.
func (s *Store) PutAuthority(ctx context.Context, a store.Authority) error {
	return s.exec(ctx, `INSERT INTO authority VALUES ($1, $2, $3, $4, $5) ON CONFLICT (code) DO UPDATE SET
		name = excluded.name, office_phone = excluded.office_phone, duty_phone = excluded.duty_phone, endpoint = excluded.endpoint`,
		a.Code, a.Name, a.OfficePhone, a.DutyPhone, a.Endpoint)
}

const authorityColumns = `code, name, office_phone, duty_phone, endpoint`

// Authority is the authority with that code.
func (s *Store) Authority(ctx context.Context, code string) (store.Authority, error) {
	var a store.Authority
	err := s.row(ctx, `SELECT `+authorityColumns+` FROM authority WHERE code = $1`, []any{code},
		&a.Code, &a.Name, &a.OfficePhone, &a.DutyPhone, &a.Endpoint)
	return a, err
}

// Authorities lists all of them by code.
func (s *Store) Authorities(ctx context.Context) ([]store.Authority, error) {
	return list(ctx, s, func(r pgx.Row) (a store.Authority, err error) {
		return a, r.Scan(&a.Code, &a.Name, &a.OfficePhone, &a.DutyPhone, &a.Endpoint)
	}, `SELECT `+authorityColumns+` FROM authority ORDER BY code`)
}

// PutCredential adds a credential to those of its authority.
func (s *Store) PutCredential(ctx context.Context, c store.Credential) error {
	return s.exec(ctx, `INSERT INTO credential VALUES ($1, $2, $3, $4, $5)`, c.Hash, c.Authority, c.Label, instant(c.Created), instant(c.Ended))
}

// Credentials lists an authority's credentials.
func (s *Store) Credentials(ctx context.Context, authority string) ([]store.Credential, error) {
	return list(ctx, s, func(r pgx.Row) (store.Credential, error) {
		c := store.Credential{Authority: authority}
		var created, ended int64
		err := r.Scan(&c.Hash, &c.Label, &created, &ended)
		c.Created, c.Ended = timeOf(created), timeOf(ended)
		return c, err
	}, `SELECT hash, label, created, ended FROM credential WHERE authority = $1 ORDER BY created, hash`, authority)
}

// EndCredential ends a credential.
func (s *Store) EndCredential(ctx context.Context, hash []byte, at time.Time) error {
	return s.one(ctx, `UPDATE credential SET ended = CASE ended WHEN 0 THEN $1 ELSE ended END WHERE hash = $2`, instant(at), hash)
}

// AuthorityByCredential is the authority that a credential in use belongs to.
func (s *Store) AuthorityByCredential(ctx context.Context, hash []byte) (store.Authority, error) {
	var a store.Authority
	err := s.row(ctx, `SELECT `+authorityColumns+` FROM authority WHERE code =
		(SELECT authority FROM credential WHERE hash = $1 AND ended = 0)`, []any{hash}, &a.Code, &a.Name, &a.OfficePhone, &a.DutyPhone, &a.Endpoint)
	return a, err
}

// Upload is an authority's upload by the hub's id.
func (s *Store) Upload(ctx context.Context, authority, id string) (store.Upload, error) {
	return s.upload(ctx, `id = $2`, authority, id)
}

// UploadOfFile is an authority's upload by its own id of the file.
func (s *Store) UploadOfFile(ctx context.Context, authority, file string) (store.Upload, error) {
	return s.upload(ctx, `file = $2`, authority, file)
}

func (s *Store) upload(ctx context.Context, which, authority, id string) (store.Upload, error) {
	u := store.Upload{Authority: authority}
	var at int64
	err := s.row(ctx, `SELECT id, file, digest, at, answer FROM upload WHERE authority = $1 AND `+which, []any{authority, readable(id)},
		&u.ID, &u.File, &u.Digest, &at, &u.Answer)
	u.At = timeOf(at)
	return u, err
}
