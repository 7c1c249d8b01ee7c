package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/hub/store/column"
)

// The statements that nearly every request runs.
const (
	insertUsed   = `INSERT INTO used VALUES (?, ?) ON CONFLICT DO NOTHING`
	touchSession = `UPDATE session SET seen = max(seen, ?1) WHERE id = ?2 AND ended = 0
		AND (?3 = 0 OR ?3 = (SELECT version FROM person WHERE uuid = session.person))`
	sessionLasts  = `SELECT EXISTS (SELECT 1 FROM session WHERE id = ? AND ended = 0)`
	lastAudit     = `SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1`
	insertAudit   = `INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	beginEntry    = `SAVEPOINT entry`
	keepEntry     = `RELEASE entry`
	dropEntry     = `ROLLBACK TO entry`
	insertAccess  = `INSERT INTO access VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	insertOpening = `INSERT INTO opening VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	insertNotice  = `INSERT INTO notification (id, authority, body, created, next_attempt) VALUES (?, ?, ?, ?, ?)`
	spendNonce    = `DELETE FROM nonce WHERE hash = ? AND expires >= ?`
	insertSession = `INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`
	endSession    = `UPDATE session SET ended = ? WHERE id = ? AND ended = 0`
)

// The statements that an upload runs for each of its lines.
const (
	insertUpload = `INSERT INTO upload (authority, file, id, digest, at, answer) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (authority, file) DO NOTHING`
	putPlan      = `INSERT OR REPLACE INTO plan VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
	deletePlan   = `DELETE FROM plan WHERE id = ?`
	endPlan      = `UPDATE plan SET end_day = ? WHERE id = ?`
)

var hotLedger = []string{
	lastAudit, insertUsed, touchSession, sessionLasts, insertAudit, beginEntry, keepEntry, dropEntry, insertAccess, insertOpening, insertNotice,
	spendNonce, insertSession, endSession, insertUpload, putPlan, deletePlan, endPlan,
	insertRevocation, endByFingerprint, endBySerial,
}

// Commit stores the entries in one transaction. Savepoints cost half as much as all else of an entry, and hardly any
// is refused: a group is stored without them, and once more, with them, when one of it is.
func (s *Store) Commit(ctx context.Context, entries []*store.Entry) ([]error, error) {
	refused := make([]error, len(entries))
	err := s.commit(ctx, entries, nil)
	if isRefusal(err) {
		err = s.commit(ctx, entries, refused)
	}
	if err != nil {
		return nil, err
	}
	return refused, nil
}

// commit puts refusals into refused, each entry under a savepoint of its own so that a refused one leaves nothing.
// Where refused is nil a refusal is its error, and nothing of any entry is stored. The chain's head is read inside
// the transaction: after a crash, and beside another process, it is the true one.
func (s *Store) commit(ctx context.Context, entries []*store.Entry, refused []error) error {
	return s.ledger.writing(ctx, func(tx *sql.Tx) error {
		seq, head, err := s.chainHead(ctx, tx)
		if err != nil {
			return err
		}
		for i, e := range entries {
			sealed := audit.Seal(e.Audit, seq+1, head)
			if refused == nil {
				err = s.post(ctx, tx, e, sealed)
			} else {
				refused[i], err = s.postApart(ctx, tx, e, sealed)
			}
			if err != nil {
				return err
			}
			if refused == nil || refused[i] == nil {
				seq, head = sealed.Seq, sealed.Hash
			}
		}
		return nil
	})
}

// postApart writes one entry, or nothing of it and gives its refusal.
func (s *Store) postApart(ctx context.Context, tx *sql.Tx, e *store.Entry, a store.AuditRecord) (refusal, err error) {
	if _, err := s.ledger.run(ctx, tx, beginEntry); err != nil {
		return nil, err
	}
	if refusal = s.post(ctx, tx, e, a); refusal != nil {
		if !isRefusal(refusal) {
			return nil, refusal
		}
		if _, err := s.ledger.run(ctx, tx, dropEntry); err != nil {
			return nil, err
		}
	}
	_, err = s.ledger.run(ctx, tx, keepEntry)
	return refusal, err
}

func isRefusal(err error) bool {
	for _, r := range []error{
		store.ErrProofUsed, store.ErrAssertionUsed, store.ErrNonceUnknown, store.ErrSessionOver, store.ErrPersonChanged,
		store.ErrOpenedBefore, store.ErrUploadedBefore, store.ErrNoPlan,
	} {
		if errors.Is(err, r) {
			return true
		}
	}
	return false
}

func (s *Store) chainHead(ctx context.Context, tx *sql.Tx) (int64, []byte, error) {
	var seq int64
	var hash []byte
	err := tx.StmtContext(ctx, s.ledger.writes[lastAudit]).QueryRowContext(context.WithoutCancel(ctx)).Scan(&seq, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, audit.Genesis(), nil
	}
	return seq, hash, err
}

// post writes one entry.
func (s *Store) post(ctx context.Context, tx *sql.Tx, e *store.Entry, a store.AuditRecord) error {
	now := instant(a.At)
	// must runs a statement that has to change a row; otherwise the entry is refused.
	must := func(refusal error, query string, args ...any) error {
		n, err := s.ledger.run(ctx, tx, query, args...)
		if err == nil && n == 0 {
			return refusal
		}
		return err
	}
	if p := e.Proof; p != nil {
		if err := must(store.ErrProofUsed, insertUsed, p.Hash, instant(p.Expires)); err != nil {
			return err
		}
	}
	if p := e.Assertion; p != nil {
		if err := must(store.ErrAssertionUsed, insertUsed, p.Hash, instant(p.Expires)); err != nil {
			return err
		}
	}
	if e.Nonce != nil {
		if err := must(store.ErrNonceUnknown, spendNonce, e.Nonce, now); err != nil {
			return err
		}
	}
	if b := e.Begin; b != nil {
		if _, err := s.ledger.run(ctx, tx, insertSession, b.ID, b.TokenHash, b.Person, b.KeyThumb, b.Certificate.Fingerprint,
			b.Certificate.Issuer, b.Certificate.Serial, instant(b.Begun), instant(b.Seen), instant(b.Expires)); err != nil {
			return err
		}
	}
	if e.Touch != "" {
		if err := s.touch(ctx, tx, e, now); err != nil {
			return err
		}
	}
	if e.End != "" {
		if _, err := s.ledger.run(ctx, tx, endSession, now, e.End); err != nil {
			return err
		}
	}
	if e.Opening != nil {
		if err := s.postOpening(ctx, tx, e.Opening); err != nil {
			return err
		}
	}
	if e.Upload != nil {
		if err := s.postUpload(ctx, tx, e.Upload); err != nil {
			return err
		}
	}
	if c := e.Plan; c != nil {
		change, values := endPlan, []any{day(c.End), c.ID}
		if c.Remove {
			change, values = deletePlan, []any{c.ID}
		}
		if err := must(store.ErrNoPlan, change, values...); err != nil {
			return err
		}
	}
	_, err := s.ledger.run(ctx, tx, insertAudit, a.Seq, now, a.RequestID, a.Session, a.Person, a.URID, a.OrgODS, a.Action,
		a.Outcome, a.Reason, column.Join(a.Patients), a.Prev, a.Hash)
	return err
}

// touch notes that the session was used, and refuses what rests on another session or person than there are now.
func (s *Store) touch(ctx context.Context, tx *sql.Tx, e *store.Entry, now int64) error {
	if n, err := s.ledger.run(ctx, tx, touchSession, now, e.Touch, e.Version); n > 0 || err != nil {
		return err
	}
	var lasts bool
	if err := tx.StmtContext(ctx, s.ledger.writes[sessionLasts]).QueryRowContext(ctx, e.Touch).Scan(&lasts); err != nil {
		return err
	}
	if lasts {
		return store.ErrPersonChanged
	}
	return store.ErrSessionOver
}

func (s *Store) postOpening(ctx context.Context, tx *sql.Tx, o *store.Opening) error {
	n, err := s.ledger.run(ctx, tx, insertOpening, o.Person, o.RequestID, o.Digest, o.Answer, instant(o.Expires))
	if err == nil && n == 0 {
		err = store.ErrOpenedBefore
	}
	if err != nil {
		return err
	}
	if a := o.Access; a != nil {
		number, err := numberOf(a.Number)
		if err != nil {
			return err
		}
		if _, err := s.ledger.run(ctx, tx, insertAccess, a.ID, number, instant(a.At), a.Who.UUID, a.Who.URID, a.Who.Name,
			a.Who.JobRole, a.Who.JobName, a.Who.OrgODS, a.Who.OrgName, a.Session, a.RequestID); err != nil {
			return err
		}
	}
	for _, m := range o.Notifications {
		if _, err := s.ledger.run(ctx, tx, insertNotice, m.ID, m.Authority, m.Body, instant(m.Created), instant(m.NextAttempt)); err != nil {
			return fmt.Errorf("notification: %w", err)
		}
	}
	return nil
}

// Opening returns an opening's answer on record.
func (s *Store) Opening(ctx context.Context, person, requestID string) (store.Opening, error) {
	o := store.Opening{Person: person, RequestID: requestID}
	var expires int64
	err := s.ledger.row(ctx, `SELECT digest, answer, expires FROM opening WHERE person = ? AND request_id = ?`,
		[]any{person, requestID}, &o.Digest, &o.Answer, &expires)
	o.Expires = timeOf(expires)
	return o, err
}
