package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"wardlight/hub/store"
	"wardlight/hub/store/sqlledger"
)

// The statement is prepared in advance, because a revocation list may be long.
const insertRevocation = `INSERT INTO revocation (fingerprint, issuer, serial, at, reason)
	VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`

// RevokeCertificates adds certificates to the revocations and ends the sessions that were started with them.
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

// unlisted returns the certificates that aren't yet revoked. A hub passes the whole list at each start, and without
// this check it would block commits for a long time.
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
		if _, err := s.ledger.run(ctx, tx, sqlledger.EndByFingerprint, instant(r.At), r.Fingerprint); err != nil {
			return err
		}
	}
	if r.Serial != "" {
		_, err = s.ledger.run(ctx, tx, sqlledger.EndBySerial, instant(r.At), r.Serial, r.Issuer)
	}
	return err
}
