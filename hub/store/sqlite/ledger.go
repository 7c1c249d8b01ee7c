package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/hub/store/row"
	"wardlight/hub/store/sqlledger"
)

// Statements of commits.
const (
	isUsed        = `SELECT 1 FROM used WHERE expires = ?1 AND hash = ?2`
	personVersion = `SELECT version FROM person WHERE uuid = ?1`
	liveSession   = `SELECT coalesce(version, 0) FROM session LEFT JOIN person ON uuid = person WHERE id = ?1 AND ended = 0`
	isOpened      = `SELECT 1 FROM opening WHERE person = ?1 AND request_id = ?2`
	lastAudit     = `SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1`

	insertUsed   = `INSERT INTO used (hash, expires) VALUES (?, ?)`
	touchSession = `UPDATE session SET seen = max(seen, ?1) WHERE id = ?2 AND ended = 0`
	insertAudit  = `INSERT INTO audit (seq, at, request_id, session, person, urid, org_ods, action, outcome, reason,
			patients, prev, hash, source)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	insertAccess = `INSERT INTO access (id, number, at, uuid, urid, name, job_role, job_name, org_ods, org_name,
			session, request_id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	insertOpening = `INSERT INTO opening (person, request_id, digest, answer, expires) VALUES (?, ?, ?, ?, ?)`
	insertNotice  = `INSERT INTO notification (id, authority, body, created, next_attempt) VALUES (?, ?, ?, ?, ?)`
	insertSession = `INSERT INTO session (id, token_hash, person, key_thumb, cert_fingerprint, cert_issuer,
			cert_serial, provider_sub, provider_sid, provider_person, begun, seen, expires, ended)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`
	endSession = `UPDATE session SET ended = ? WHERE id = ? AND ended = 0`
)

var hotLedger = []string{
	isUsed, personVersion, liveSession, isOpened, lastAudit,
	sqlledger.SelectEdge, sqlledger.InsertTree,
	insertUsed, touchSession, insertAudit, insertAccess, insertOpening, insertNotice, insertSession, endSession,
	insertRevocation, sqlledger.EndByFingerprint, sqlledger.EndBySerial,
}

// Commit checks the entries' preconditions and writes those that aren't refused, in one transaction. It reads the head
// of the audit chain in the same transaction, because another process may have written since the last commit.
func (s *Store) Commit(ctx context.Context, entries []*store.Entry) (refused []error, err error) {
	var accepted []*store.Entry
	var records []sqlledger.AuditLeaf
	err = s.ledger.writing(ctx, func(tx *sql.Tx) error {
		ground, err := s.look(ctx, tx, entries)
		if err != nil {
			return err
		}

		if refused, accepted = ground.Judge(entries); len(accepted) == 0 {
			return nil
		}

		seq, head, err := s.chainHead(ctx, tx)
		if err != nil {
			return err
		}

		last := sqlledger.AuditLeaf{Seq: seq, Hash: head}
		records = make([]sqlledger.AuditLeaf, 0, len(accepted))
		for _, e := range accepted {
			sealed := audit.Seal(e.Audit, seq+1, head)
			if err := s.post(ctx, tx, e, sealed); err != nil {
				return err
			}
			seq, head = sealed.Seq, sealed.Hash
			records = append(records, sqlledger.AuditLeaf{Seq: seq, Hash: head})
		}

		return s.appendToTree(ctx, tx, last, records)
	})
	if err != nil {
		return nil, err
	}

	sqlledger.MarkStored(accepted, records)
	return refused, nil
}

// look reads the data on which the entries' preconditions depend.
func (s *Store) look(ctx context.Context, tx *sql.Tx, entries []*store.Entry) (*sqlledger.Preconditions, error) {
	g, asked := sqlledger.NewGround(entries, func(text string) string { return text })
	var found int64
	ask := func(query string, args []any, there func()) error {
		err := tx.StmtContext(ctx, s.ledger.writes[query]).QueryRowContext(context.WithoutCancel(ctx), args...).
			Scan(&found)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return nil
		case err == nil:
			there()
		}
		return err
	}

	var errs []error
	each := func(err error) { errs = append(errs, err) }
	for _, k := range asked.Once {
		each(ask(isUsed, []any{k.Expires, []byte(k.Hash)}, func() { g.Used[k] = true }))
	}

	for _, uuid := range asked.Started {
		each(ask(personVersion, []any{uuid}, func() { g.Versions[uuid] = found }))
	}

	for _, id := range asked.Sessions {
		each(ask(liveSession, []any{id}, func() { g.Live[id] = found }))
	}

	for _, k := range asked.Opened {
		each(ask(isOpened, []any{k.One, k.Other}, func() { g.Opened[k] = true }))
	}

	for _, q := range asked.Rare {
		each(scanEach(ctx, tx, q))
	}

	return g, errors.Join(errs...)
}

// scanEach calls q for each row of the answer to a question.
func scanEach(ctx context.Context, tx *sql.Tx, q sqlledger.Question) error {
	_, err := list(ctx, tx, func(r *sql.Rows) (struct{}, error) { return struct{}{}, q.Answer(r) }, q.Query, q.Args...)
	return err
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
	all := make([]sqlledger.Statement, 0, 4)
	add := func(query string, args ...any) { all = append(all, sqlledger.Statement{Query: query, Args: args}) }
	for _, once := range []*store.Once{e.Proof, e.Assertion} {
		if once != nil {
			add(insertUsed, once.Hash, instant(once.Expires))
		}
	}

	if b := e.Begin; b != nil {
		subject, sid, person, err := row.Provided(b.Provided)
		if err != nil {
			return err
		}
		add(insertSession, b.ID, b.TokenHash, b.Person, b.KeyThumb, b.Certificate.Fingerprint, b.Certificate.Issuer,
			b.Certificate.Serial, subject, sid, person, instant(b.Started), instant(b.Seen), instant(b.Expires))
	}

	if e.Touch != "" {
		add(touchSession, now, e.Touch)
	}

	if e.End != "" {
		add(endSession, now, e.End)
	}

	if o := e.Opening; o != nil {
		add(insertOpening, o.Person, o.RequestID, o.Digest, o.Answer, instant(o.Expires))
		if x := o.Access; x != nil {
			number, err := numberOf(x.Number)
			if err != nil {
				return err
			}
			add(insertAccess, x.ID, number, instant(x.At), x.Who.UUID, x.Who.URID, x.Who.Name, x.Who.JobRole,
				x.Who.JobName, x.Who.OrgODS,
				x.Who.OrgName, x.Session, x.RequestID)
		}
		for _, m := range o.Notifications {
			add(insertNotice, m.ID, m.Authority, m.Body, instant(m.Created), instant(m.NextAttempt))
		}
	}

	if err := sqlledger.OptionalStatements(e, func(s sqlledger.Statement) { all = append(all, s) }); err != nil {
		return err
	}

	add(insertAudit, a.Seq, now, a.RequestID, a.Session, a.Person, a.URID, a.OrgODS, a.Action, a.Outcome, a.Reason,
		row.Join(a.Patients),
		a.Prev, a.Hash, a.Source)

	for _, st := range all {
		if _, err := s.ledger.run(ctx, tx, st.Query, st.Args...); err != nil {
			return err
		}
	}

	return nil
}
