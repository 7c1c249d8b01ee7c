package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"wardlight/hub/store"
	"wardlight/hub/store/book"
)

// A revocation list may be long.
const insertRevocation = `INSERT INTO revocation VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`

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
		if _, err := s.ledger.run(ctx, tx, book.EndByFingerprint, instant(r.At), r.Fingerprint); err != nil {
			return err
		}
	}
	if r.Serial != "" {
		_, err = s.ledger.run(ctx, tx, book.EndBySerial, instant(r.At), r.Serial, r.Issuer)
	}
	return err
}
