package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"math"

	"wardlight/hub/store/sqlledger"
)

// tree reads the edge of the audit's tree.
func (s *Store) tree(ctx context.Context, tx *sql.Tx) (*sqlledger.Tree, error) {
	rows, err := tx.StmtContext(ctx, s.ledger.writes[sqlledger.SelectEdge]).QueryContext(context.WithoutCancel(ctx))
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err reports errors

	var edge []sqlledger.EdgeHash
	for rows.Next() {
		h, err := sqlledger.ReadEdgeHash(rows)
		if err != nil {
			return nil, err
		}
		edge = append(edge, h)
	}
	return sqlledger.NewTree(edge), rows.Err()
}

// insertTree inserts rows into the audit's tree.
func (s *Store) insertTree(ctx context.Context, tx *sql.Tx, rows []sqlledger.TreeRow) error {
	for _, r := range rows {
		if _, err := s.ledger.run(ctx, tx, sqlledger.InsertTree, r.First, r.Size, r.Seq, r.Hashes); err != nil {
			return err
		}
	}
	return nil
}

// catchUp appends records up to that number to the audit's tree, in at most that many pages.
func (s *Store) catchUp(ctx context.Context, tx *sql.Tx, t *sqlledger.Tree, seq int64, pages int) error {
	return t.CatchUp(seq, pages, func(from int64) ([]sqlledger.AuditLeaf, error) {
		return list(ctx, tx, sqlledger.ReadAuditLeaf[*sql.Rows], sqlledger.SelectLeaves, from)
	}, func(rows []sqlledger.TreeRow) error { return s.insertTree(ctx, tx, rows) })
}

// appendToTree appends the new records after the chain's head to the audit's tree. If the tree lacks earlier records,
// because a hub without trees wrote them meanwhile, it appends these first.
func (s *Store) appendToTree(ctx context.Context, tx *sql.Tx, head sqlledger.AuditLeaf,
	records []sqlledger.AuditLeaf,
) error {
	t, err := s.tree(ctx, tx)
	if err != nil {
		return err
	}
	if err := s.catchUp(ctx, tx, t, head.Seq, math.MaxInt); err != nil {
		return err
	}
	return s.insertTree(ctx, tx, t.Continue(head, records))
}

// fillTree appends the records that the audit's tree lacks, each page in its own transaction. The ledger of a hub
// without trees has many. If it is interrupted, the next call continues.
func (s *Store) fillTree(ctx context.Context) error {
	for {
		var seq, last int64
		if err := s.ledger.row(ctx, `SELECT coalesce((SELECT max(seq) FROM audit), 0),
			coalesce((SELECT seq FROM tree ORDER BY first DESC LIMIT 1), 0)`, nil, &seq, &last); err != nil || last >= seq {
			return err
		}

		lacks := false
		if err := s.ledger.writing(ctx, func(tx *sql.Tx) error {
			t, err := s.tree(ctx, tx)
			if err != nil {
				return err
			}
			if err := s.catchUp(ctx, tx, t, seq, 1); err != nil {
				return fmt.Errorf("tree of the audit: %w", err)
			}
			lacks = t.Lacks(seq)
			return nil
		}); err != nil || !lacks {
			return err
		}
	}
}
