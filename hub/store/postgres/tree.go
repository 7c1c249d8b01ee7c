package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardlight/hub/store/sqlledger"
)

// insertTree inserts the rows of [treeRows].
const insertTree = `INSERT INTO tree (first, size, seq, hashes)
	SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[])`

// treeRows returns the columns of rows of the audit's tree.
func treeRows(all []sqlledger.TreeRow) (r rows) {
	for _, t := range all {
		r.add(t.First, t.Size, t.Seq, t.Hashes)
	}
	return r
}

// readEdgeHash reads a hash of the edge of the audit's tree.
func readEdgeHash(r pgx.CollectableRow) (sqlledger.EdgeHash, error) { return sqlledger.ReadEdgeHash(r) }

// catchUp appends records up to that number to the audit's tree, in at most that many pages. It must run in a
// transaction that has locked the head.
func catchUp(ctx context.Context, conn *pgxpool.Conn, t *sqlledger.Tree, seq int64, pages int) error {
	return t.CatchUp(seq, pages, func(from int64) ([]sqlledger.AuditLeaf, error) {
		query, args := dialect(sqlledger.Statement{Query: sqlledger.SelectLeaves, Args: []any{from}})
		r, err := conn.Query(ctx, query, args...)
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(r, func(r pgx.CollectableRow) (sqlledger.AuditLeaf, error) {
			return sqlledger.ReadAuditLeaf(r)
		})
	}, func(all []sqlledger.TreeRow) error {
		_, err := conn.Exec(ctx, insertTree, treeRows(all)...)
		return err
	})
}

// fillTree appends the records that the audit's tree lacks, each page in its own transaction. The database of hubs
// without trees has many. If it is interrupted, the next call continues.
func (s *Store) fillTree(ctx context.Context) error {
	for {
		var seq, last int64
		if err := s.row(ctx, `SELECT coalesce((SELECT max(seq) FROM audit), 0),
			coalesce((SELECT seq FROM tree ORDER BY first DESC LIMIT 1), 0)`, nil, &seq, &last); err != nil || last >= seq {
			return err
		}

		lacks := false
		if err := s.withRetry(ctx, writeTimeout, conflict, func(ctx context.Context) (err error) {
			conn, err := s.pool.Acquire(ctx)
			if err != nil {
				return err
			}
			defer conn.Release()
			lacks, err = fillPage(ctx, conn, seq)
			return err
		}); err != nil || !lacks {
			return err
		}
	}
}

// fillPage appends one page of records in a transaction, and reports whether the tree still lacks some.
func fillPage(ctx context.Context, conn *pgxpool.Conn, seq int64) (lacks bool, err error) {
	defer rollBack(ctx, conn)
	for _, query := range []string{`BEGIN ISOLATION LEVEL READ COMMITTED`, lockHead} {
		if _, err := conn.Exec(ctx, query); err != nil {
			return false, err
		}
	}

	r, err := conn.Query(ctx, sqlledger.SelectEdge)
	if err != nil {
		return false, err
	}
	edge, err := pgx.CollectRows(r, readEdgeHash)
	if err != nil {
		return false, err
	}

	t := sqlledger.NewTree(edge)
	if err := catchUp(ctx, conn, t, seq, 1); err != nil {
		return false, fmt.Errorf("tree of the audit: %w", err)
	}

	_, err = conn.Exec(ctx, `COMMIT`)
	return t.Lacks(seq), err
}
