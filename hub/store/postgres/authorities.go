package postgres

import (
	"context"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
)

// PutAuthority adds or replaces an authority.
func (s *Store) PutAuthority(ctx context.Context, a store.Authority) error {
	return s.exec(ctx, `INSERT INTO authority VALUES ($1, $2, $3, $4, $5) ON CONFLICT (code) DO UPDATE SET
		name = excluded.name, office_phone = excluded.office_phone, duty_phone = excluded.duty_phone, endpoint = excluded.endpoint`,
		a.Code, a.Name, a.OfficePhone, a.DutyPhone, a.Endpoint)
}

// Authority returns the authority with that code.
func (s *Store) Authority(ctx context.Context, code string) (store.Authority, error) {
	return first(ctx, s, row.Authority, row.SelectAuthorities+` WHERE code = $1`, code)
}

// Authorities lists all of them by code.
func (s *Store) Authorities(ctx context.Context) ([]store.Authority, error) {
	return list(ctx, s, row.Authority, row.SelectAuthorities+` ORDER BY code`)
}

// PutCredential adds a credential to those of its authority.
func (s *Store) PutCredential(ctx context.Context, c store.Credential) error {
	return s.exec(ctx, `INSERT INTO credential VALUES ($1, $2, $3, $4, $5)`, c.Hash, c.Authority, c.Label, instant(c.Created), instant(c.Ended))
}

// Credentials lists an authority's credentials.
func (s *Store) Credentials(ctx context.Context, authority string) ([]store.Credential, error) {
	return list(ctx, s, row.Credential, row.SelectCredentials+` WHERE authority = $1 ORDER BY created, hash`, authority)
}

// EndCredential ends a credential.
func (s *Store) EndCredential(ctx context.Context, hash []byte, at time.Time) error {
	return s.one(ctx, `UPDATE credential SET ended = CASE ended WHEN 0 THEN $1 ELSE ended END WHERE hash = $2`, instant(at), hash)
}

// AuthorityByCredential returns the authority that a credential in use belongs to.
func (s *Store) AuthorityByCredential(ctx context.Context, hash []byte) (store.Authority, error) {
	return first(ctx, s, row.Authority, row.SelectAuthorities+` WHERE code = (SELECT authority FROM credential WHERE hash = $1 AND ended = 0)`, hash)
}

// Upload returns an authority's upload by the hub's id.
func (s *Store) Upload(ctx context.Context, authority, id string) (store.Upload, error) {
	return first(ctx, s, row.Upload, row.SelectUploads+` WHERE authority = $1 AND id = $2`, authority, readable(id))
}

// UploadOfFile returns an authority's upload by its own id of the file.
func (s *Store) UploadOfFile(ctx context.Context, authority, file string) (store.Upload, error) {
	return first(ctx, s, row.Upload, row.SelectUploads+` WHERE authority = $1 AND file = $2`, authority, readable(file))
}
