package postgres

import (
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
	"wardlight/hub/store/sqlledger"
)

// posting collects the rows of entries by table, so that many entries need few statements.
type posting struct {
	used, started, openings, accesses, notifications, audit, tree rows

	seen, ended map[string]int64 // IDs of used and of ended sessions, with the time
	rare        []sqlledger.Statement
	notified    int64
}

// rows are the columns of rows that are inserted together: each is a []string, []int64 or [][]byte. It removes
// characters that PostgreSQL can't store, so that no request makes the commit of others fail.
type rows []any

func (r *rows) add(values ...any) {
	if *r == nil {
		*r = make(rows, len(values))
	}
	for i, v := range values {
		switch v := v.(type) {
		case string:
			all, _ := (*r)[i].([]string)
			(*r)[i] = append(all, readable(v))
		case int64:
			all, _ := (*r)[i].([]int64)
			(*r)[i] = append(all, v)
		case []byte:
			all, _ := (*r)[i].([][]byte)
			(*r)[i] = append(all, v)
		default:
			panic("postgres: a column of another type") // a bug in this package
		}
	}
}

// entry adds the rows of one entry. It returns an error for an invalid NHS number.
func (p *posting) entry(e *store.Entry, a store.AuditRecord) error {
	now := instant(a.At)
	for _, once := range []*store.Once{e.Proof, e.Assertion} {
		if once != nil {
			p.used.add(once.Hash, instant(once.Expires))
		}
	}

	if b := e.Begin; b != nil {
		subject, sid, person, err := row.Provided(b.Provided)
		if err != nil {
			return err
		}
		p.started.add(b.ID, b.TokenHash, b.Person, b.KeyThumb, b.Certificate.Fingerprint, b.Certificate.Issuer,
			b.Certificate.Serial, subject, sid, person, instant(b.Started), instant(b.Seen), instant(b.Expires))
	}

	if e.Touch != "" {
		p.seen[e.Touch] = max(p.seen[e.Touch], now)
	}

	if _, already := p.ended[e.End]; e.End != "" && !already {
		p.ended[e.End] = now
	}

	if e.Opening != nil {
		if err := p.opening(e.Opening); err != nil {
			return err
		}
	}

	p.audit.add(a.Seq, now, a.RequestID, a.Session, a.Person, a.URID, a.OrgODS, a.Action, a.Outcome, a.Reason,
		row.Join(a.Patients), a.Prev, a.Hash, a.Source)
	return sqlledger.OptionalStatements(e, func(s sqlledger.Statement) { p.rare = append(p.rare, s) })
}

func (p *posting) opening(o *store.Opening) error {
	p.openings.add(o.Person, o.RequestID, o.Digest, o.Answer, instant(o.Expires))
	if a := o.Access; a != nil {
		number, err := numberOf(a.Number)
		if err != nil {
			return err
		}
		p.accesses.add(a.ID, number, instant(a.At), a.Who.UUID, a.Who.URID, a.Who.Name, a.Who.JobRole, a.Who.JobName,
			a.Who.OrgODS,
			a.Who.OrgName, a.Session, a.RequestID)
	}
	for _, n := range o.Notifications {
		p.notified++
		p.notifications.add(p.notified, n.ID, n.Authority, n.Body, instant(n.Created), instant(n.NextAttempt))
	}
	return nil
}

// queue queues the statements. Sessions are inserted before they are used, and used before they are ended. They are
// found by their IDs alone, as in look.
func (p *posting) queue(b *pgx.Batch) {
	insert := func(r rows, query string) {
		if r != nil {
			b.Queue(query, r...)
		}
	}

	insert(p.used, `INSERT INTO used (hash, expires) SELECT * FROM unnest($1::bytea[], $2::bigint[])`)

	insert(p.started, `INSERT INTO session (id, token_hash, person, key_thumb, cert_fingerprint, cert_issuer, cert_serial,
			provider_sub, provider_sid, provider_person, begun, seen, expires, ended)
		SELECT *, 0 FROM unnest($1::text[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
		$8::text[], $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::bigint[])`)

	sessions := func(at map[string]int64, query string) {
		if len(at) == 0 {
			return
		}
		ids := slices.Sorted(maps.Keys(at))
		times := make([]int64, len(ids))
		for i, id := range ids {
			times[i] = at[id]
		}
		b.Queue(query, ids, times)
	}

	sessions(p.seen,
		`UPDATE session SET seen = greatest(seen, ($2::bigint[])[array_position($1::text[], id)]) WHERE id = ANY($1) AND ended < 1`)
	sessions(p.ended,
		`UPDATE session SET ended = ($2::bigint[])[array_position($1::text[], id)] WHERE id = ANY($1) AND ended < 1`)
	insert(p.openings, `INSERT INTO opening (person, request_id, digest, answer, expires)
		SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::bigint[])`)
	insert(p.accesses, `INSERT INTO access (id, number, at, uuid, urid, name, job_role, job_name, org_ods, org_name,
			session, request_id)
		SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[],
		$6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])`)

	insert(p.notifications, `INSERT INTO notification (ordinal, id, authority, body, created, next_attempt)
		SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bytea[], $5::bigint[], $6::bigint[])`)
	for _, s := range p.rare {
		query, args := dialect(s)
		b.Queue(query, args...)
	}

	insert(p.audit, `INSERT INTO audit (seq, at, request_id, session, person, urid, org_ods, action, outcome, reason,
			patients, prev, hash, source)
		SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[],
		$7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bytea[], $13::bytea[], $14::text[])`)
	insert(p.tree, insertTree)
}
