package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"wardlight/hub/store"
)

// lockHead waits for the running commit and blocks others. So a request is stored either before its caller is changed,
// or with the change in effect.
const lockHead = `SELECT FROM head FOR UPDATE`

// RevokeCertificates adds certificates to the revocations and ends the sessions that were started with them, with one
// statement however long the list. It first waits for the running commit: a session that this commit starts is ended,
// and a later one is refused because of the revocation.
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

// revoke inserts certificates, and ends the sessions of those that weren't revoked before. Both updates may find the
// same session, and either may end it.
const revoke = `WITH added AS (
		INSERT INTO revocation (fingerprint, issuer, serial, at, reason)
			SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[])
		ON CONFLICT DO NOTHING RETURNING fingerprint, issuer, serial, at
	), by_fingerprint AS (
		UPDATE session SET ended = added.at FROM added WHERE ended = 0 AND fingerprint <> '' AND cert_fingerprint = fingerprint
	)
	UPDATE session SET ended = added.at FROM added
	WHERE ended = 0 AND serial <> '' AND cert_serial = serial AND (issuer = '' OR cert_issuer = issuer)`
