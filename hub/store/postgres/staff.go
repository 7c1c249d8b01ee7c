package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"wardlight/hub/store"
)

// lockHead waits until no commit is under way and keeps others from beginning: a request whose caller changes either
// is stored before the change, or sees it.
const lockHead = `SELECT FROM head FOR UPDATE`

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
