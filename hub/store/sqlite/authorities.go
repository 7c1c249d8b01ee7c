package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
)

// PutAuthority adds or replaces an authority.
func (s *Store) PutAuthority(ctx context.Context, a store.Authority) error {
	return s.ledger.writing(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO authority VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
			name = excluded.name, office_phone = excluded.office_phone, duty_phone = excluded.duty_phone, endpoint = excluded.endpoint`,
			a.Code, a.Name, a.OfficePhone, a.DutyPhone, a.Endpoint)
		return err
	})
}

// Authority returns the authority with that code.
func (s *Store) Authority(ctx context.Context, code string) (store.Authority, error) {
	return first(ctx, s.ledger, row.Authority, row.SelectAuthorities+` WHERE code = ?`, code)
}

// Authorities lists all of them by code.
func (s *Store) Authorities(ctx context.Context) ([]store.Authority, error) {
	return list(ctx, s.ledger, row.Authority, row.SelectAuthorities+` ORDER BY code`)
}

// PutCredential adds a credential to those of its authority.
func (s *Store) PutCredential(ctx context.Context, c store.Credential) error {
	return s.ledger.writing(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO credential VALUES (?, ?, ?, ?, ?)`, c.Hash, c.Authority, c.Label, instant(c.Created), instant(c.Ended))
		return err
	})
}

// Credentials lists an authority's credentials.
func (s *Store) Credentials(ctx context.Context, authority string) ([]store.Credential, error) {
	return list(ctx, s.ledger, row.Credential, row.SelectCredentials+` WHERE authority = ? ORDER BY created, hash`, authority)
}

// EndCredential ends a credential.
func (s *Store) EndCredential(ctx context.Context, hash []byte, at time.Time) error {
	return s.ledger.writing(ctx, func(tx *sql.Tx) error {
		return one(s.ledger.run(ctx, tx, `UPDATE credential SET ended = CASE ended WHEN 0 THEN ? ELSE ended END WHERE hash = ?`, instant(at), hash))
	})
}

// AuthorityByCredential returns the authority that a credential in use belongs to.
func (s *Store) AuthorityByCredential(ctx context.Context, hash []byte) (store.Authority, error) {
	return first(ctx, s.ledger, row.Authority, row.SelectAuthorities+` WHERE code = (SELECT authority FROM credential WHERE hash = ? AND ended = 0)`, hash)
}

// Upload returns an authority's upload by the hub's id.
func (s *Store) Upload(ctx context.Context, authority, id string) (store.Upload, error) {
	return first(ctx, s.ledger, row.Upload, row.SelectUploads+` WHERE authority = ? AND id = ?`, authority, id)
}

// UploadOfFile returns an authority's upload by its own id of the file.
func (s *Store) UploadOfFile(ctx context.Context, authority, file string) (store.Upload, error) {
	return first(ctx, s.ledger, row.Upload, row.SelectUploads+` WHERE authority = ? AND file = ?`, authority, file)
}

// postUpload stores an upload and what it changes.
func (s *Store) postUpload(ctx context.Context, tx *sql.Tx, u *store.Upload) error {
	n, err := s.ledger.run(ctx, tx, insertUpload, u.Authority, u.File, u.ID, u.Digest, instant(u.At), u.Answer)
	if err == nil && n == 0 {
		err = store.ErrUploadedBefore
	}
	if err != nil {
		return err
	}
	for _, id := range u.Deleted {
		if _, err := s.ledger.run(ctx, tx, deletePlan, id); err != nil {
			return fmt.Errorf("plan: %w", err)
		}
	}
	for _, p := range u.Plans {
		if err := s.postPlan(ctx, tx, p); err != nil {
			return fmt.Errorf("plan: %w", err)
		}
	}
	return nil
}
