package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlledger"
)

// Commit stores the entries in one transaction with two round trips, however many there are. The first round trip
// locks the row in head, so that no other commit runs in any hub, and reads the data on which the entries'
// preconditions depend. The second writes the entries that aren't refused. If it is unknown whether the commit
// succeeded, Commit returns an error: the entries may be stored without an answer, and a repetition of the request
// finds them.
func (s *Store) Commit(ctx context.Context, entries []*store.Entry) ([]error, error) {
	var refused []error
	var accepted []*store.Entry
	var records []sqlledger.AuditLeaf
	err := s.withRetry(ctx, writeTimeout, conflict, func(ctx context.Context) error {
		conn, err := s.pool.Acquire(ctx)
		if err != nil {
			return err
		}
		defer conn.Release()
		defer rollBack(ctx, conn)
		h, ground, err := look(ctx, conn, entries)
		if err != nil {
			return err
		}
		if refused, accepted = ground.Judge(entries); len(accepted) == 0 {
			return nil
		}
		records, err = h.write(ctx, conn, accepted)
		return err
	})
	if err != nil {
		return nil, err
	}

	sqlledger.MarkStored(accepted, records)
	return refused, nil
}

// rollBack rolls back an open transaction on a connection. If that fails, the pool closes the connection.
func rollBack(ctx context.Context, conn *pgxpool.Conn) {
	c := conn.Conn()
	if c.IsClosed() || c.PgConn().TxStatus() == 'I' {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	_, _ = c.Exec(ctx, `ROLLBACK`)
}

// head is the end of the audit chain and the ordinal of the last notification.
type head struct {
	seq, notified int64
	hash          []byte
	edge          []sqlledger.EdgeHash // of the audit's tree
}

// lockToCommit is lockHead with settings for the rest of the transaction: generic plans that use indexes. Otherwise
// PostgreSQL plans a statement with arrays anew each time, which takes longer than running it. It also bases the plan
// on estimated row counts, which are wrong for tables that grow and are emptied.
const lockToCommit = `SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)
	FROM head FOR UPDATE`

// look begins the transaction, and reads the head and the data for the entries' preconditions. Other writers of these
// data also lock the head. Look-ups are LATERAL with LIMIT 1, so that each value is one search of an index; other
// forms may be planned as a scan of the table. The condition is ended < 1 rather than ended = 0, because there are
// partial indexes on ended = 0, and PostgreSQL might read one of them completely instead of the primary key.
func look(ctx context.Context, conn *pgxpool.Conn,
	entries []*store.Entry,
) (h head, g *sqlledger.Preconditions, err error) {
	g, asked := sqlledger.NewGround(entries, readable)
	var b pgx.Batch
	b.Queue(`BEGIN ISOLATION LEVEL READ COMMITTED`)
	b.Queue(lockToCommit)

	// Each statement sees what was committed before it began, and therefore everything that was committed under the
	// lock before. There is no notification before the first audit record.
	b.Queue(
		`SELECT seq, hash, (SELECT coalesce(max(ordinal), 0) FROM notification) FROM audit ORDER BY seq DESC LIMIT 1`,
	).QueryRow(func(r pgx.Row) error {
		err := r.Scan(&h.seq, &h.hash, &h.notified)
		if errors.Is(err, pgx.ErrNoRows) {
			h.hash, err = audit.Genesis(), nil
		}
		return err
	})
	b.Queue(sqlledger.SelectEdge).Query(func(r pgx.Rows) (err error) {
		h.edge, err = pgx.CollectRows(r, readEdgeHash)
		return err
	})

	each := func(rows int, scan func(pgx.Rows) error, query string, args ...any) {
		if rows == 0 {
			return
		}
		b.Queue(query, args...).Query(func(r pgx.Rows) error {
			for r.Next() {
				if err := scan(r); err != nil {
					return err
				}
			}
			return r.Err()
		})
	}

	var once, opened rows
	for _, k := range asked.Once {
		once.add(k.Expires, []byte(k.Hash))
	}

	for _, k := range asked.Opened {
		opened.add(k.One, k.Other)
	}

	each(len(once), func(r pgx.Rows) error {
		var k sqlledger.Once
		var hash []byte
		err := r.Scan(&k.Expires, &hash)
		k.Hash = string(hash)
		g.Used[k] = true
		return err
	},
		`SELECT asked.expires, asked.hash FROM unnest($1::bigint[], $2::bytea[]) AS asked (expires, hash) CROSS JOIN LATERAL
		(SELECT 1 FROM used WHERE used.expires = asked.expires AND used.hash = asked.hash LIMIT 1) AS found`, once...)

	versions := func(into map[string]int64) func(pgx.Rows) error {
		return func(r pgx.Rows) error {
			var id string
			var version int64
			err := r.Scan(&id, &version)
			into[id] = version
			return err
		}
	}

	each(len(asked.Started), versions(g.Versions),
		`SELECT found.uuid, version FROM unnest($1::text[]) AS asked (uuid) CROSS JOIN LATERAL
		(SELECT uuid, version FROM person WHERE person.uuid = asked.uuid LIMIT 1) AS found`, asked.Started)

	each(len(asked.Sessions), versions(g.Live),
		`SELECT found.id, version FROM unnest($1::text[]) AS asked (id) CROSS JOIN LATERAL
		(SELECT id, coalesce((SELECT version FROM person WHERE uuid = session.person), 0) AS version
			FROM session WHERE session.id = asked.id AND ended < 1 LIMIT 1) AS found`, asked.Sessions)

	each(len(opened), func(r pgx.Rows) error {
		var k sqlledger.Pair
		err := r.Scan(&k.One, &k.Other)
		g.Opened[k] = true
		return err
	},
		`SELECT found.person, found.request_id FROM unnest($1::text[], $2::text[]) AS asked (person, request_id) CROSS JOIN LATERAL
		(SELECT person, request_id FROM opening WHERE opening.person = asked.person AND opening.request_id = asked.request_id LIMIT 1) AS found`, opened...)

	for _, q := range asked.Rare {
		query, args := dialect(q.Statement)
		each(1, func(r pgx.Rows) error { return q.Answer(r) }, query, args...)
	}

	return h, g, conn.SendBatch(ctx, &b).Close()
}

// write writes the entries to their tables, commits, and returns the positions of their records.
func (h head) write(ctx context.Context, conn *pgxpool.Conn, accepted []*store.Entry) ([]sqlledger.AuditLeaf, error) {
	p := &posting{seen: make(map[string]int64), ended: make(map[string]int64), notified: h.notified}
	last, records := sqlledger.AuditLeaf{Seq: h.seq, Hash: h.hash}, make([]sqlledger.AuditLeaf, 0, len(accepted))
	for _, e := range accepted {
		sealed := audit.Seal(cleanRecord(e.Audit), h.seq+1, h.hash)
		if err := p.entry(e, sealed); err != nil {
			return nil, err
		}
		h.seq, h.hash = sealed.Seq, sealed.Hash
		records = append(records, sqlledger.AuditLeaf{Seq: h.seq, Hash: h.hash})
	}

	t := sqlledger.NewTree(h.edge)
	if err := catchUp(ctx, conn, t, last.Seq, math.MaxInt); err != nil {
		return nil, err
	}
	p.tree = treeRows(t.Continue(last, records))

	var b pgx.Batch
	p.queue(&b)
	b.Queue(`COMMIT`).Exec(func(t pgconn.CommandTag) error {
		if t.String() != "COMMIT" {
			return fmt.Errorf("commit answered with %s", t)
		}
		return nil
	})

	forget(conn.Conn())
	if err := conn.SendBatch(ctx, &b).Close(); err != nil {
		return nil, err
	}

	return records, commitWarning(conn.Conn())
}

// cleanRecord returns the record without characters that PostgreSQL can't store. The sealed hash is of these texts.
func cleanRecord(r store.AuditRecord) store.AuditRecord {
	for _, s := range []*string{
		&r.RequestID, &r.Session, &r.Person, &r.URID, &r.OrgODS, &r.Action, &r.Outcome,
		&r.Reason, &r.Source,
	} {
		*s = readable(*s)
	}
	return r
}
