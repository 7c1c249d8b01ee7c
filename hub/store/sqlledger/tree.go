package sqlledger

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
	"wardlight/internal/translog"
)

// Statements for the Merkle tree over the audit. A commit reads the tree's edge, and inserts a row for each record.
const (
	// SelectEdge returns the rows of the tree's edge, whose sizes are those of translog.EdgeSizes.
	SelectEdge = `WITH RECURSIVE edge (size) AS (SELECT max(size) FROM tree
			UNION ALL SELECT size & (size - 1) FROM edge WHERE size & (size - 1) > 0)
		SELECT size, (SELECT seq FROM tree WHERE tree.size = edge.size),
			(SELECT hashes FROM tree WHERE tree.size = edge.size)
		FROM edge WHERE size > 0`
	// SelectLeaves returns records from that number on, as [AuditLeaf].
	SelectLeaves = `SELECT seq, hash FROM audit WHERE seq >= ?1 ORDER BY seq LIMIT 4096`
	// InsertTree inserts a [TreeRow].
	InsertTree = `INSERT INTO tree (size, seq, hashes) VALUES (?1, ?2, ?3)`
)

// TreeRow is a row of the tree, with the number of its record.
type TreeRow struct {
	translog.Row
	Seq int64
}

// ReadTreeRow reads a row of [SelectEdge].
func ReadTreeRow[R row.Row](r R) (t TreeRow, err error) {
	return t, r.Scan(&t.Size, &t.Seq, &t.Hashes)
}

// AuditLeaf is the number and the hash of an audit record.
type AuditLeaf struct {
	Seq  int64
	Hash []byte
}

// MarkStored sets the positions of entries that were stored with these records.
func MarkStored(entries []*store.Entry, records []AuditLeaf) {
	for i, e := range entries {
		e.Stored = store.AuditPosition(records[i])
	}
}

// ReadAuditLeaf reads a row of [SelectLeaves].
func ReadAuditLeaf[R row.Row](r R) (l AuditLeaf, err error) {
	return l, r.Scan(&l.Seq, &l.Hash)
}

// Tree is the Merkle tree over the audit in a transaction that appends to it.
//
// The tree follows the chain and never prevents a commit. If the stored tree is malformed, or the chain doesn't
// continue the tree's last record, because the end of the audit was cut off or rewritten, the tree stays as it is.
// It is evidence then.
type Tree struct {
	edge    translog.Edge
	last    AuditLeaf // Hash is that of the tree's leaf
	stopped bool
}

// NewTree returns the tree with that edge.
func NewTree(edge []TreeRow) *Tree {
	t := new(Tree)
	rows := make([]translog.Row, len(edge))
	var last TreeRow
	for i, r := range edge {
		rows[i] = r.Row
		if r.Size > last.Size {
			last = r
		}
	}

	var err error
	if t.edge, err = translog.NewEdge(last.Size, rows); err != nil {
		t.stopped = true
		return t
	}
	if last.Size > 0 {
		t.last = AuditLeaf{last.Seq, last.Hashes[:tlog.HashSize]}
	}

	return t
}

// Lacks reports whether the tree lacks records of an audit whose last record has that number.
func (t *Tree) Lacks(seq int64) bool { return !t.stopped && t.last.Seq < seq }

// Last returns the number of the tree's last record, or 0 for an empty tree.
func (t *Tree) Last() int64 { return t.last.Seq }

// Add appends records in order, and returns the rows to insert. Unless the tree is empty, the first of them is the
// tree's last record, with which it is compared. Add stops at a record that doesn't continue the tree.
func (t *Tree) Add(records ...AuditLeaf) (rows []TreeRow) {
	for i, r := range records {
		leaf := translog.Leaf(r.Hash)
		if i == 0 && t.edge.Size() > 0 {
			t.stopped = t.stopped || r.Seq != t.last.Seq || !bytes.Equal(leaf[:], t.last.Hash)
			continue
		}
		if t.stopped = t.stopped || t.edge.Size() > 0 && r.Seq != t.last.Seq+1; t.stopped {
			return rows
		}

		t.last = AuditLeaf{r.Seq, leaf[:]}
		rows = append(rows, TreeRow{t.edge.Append(leaf), r.Seq})
	}
	return rows
}

// CatchUp appends records that the tree lacks, in at most that many pages of [SelectLeaves], until it has the record
// with that number.
func (t *Tree) CatchUp(seq int64, pages int, read func(from int64) ([]AuditLeaf, error),
	insert func([]TreeRow) error,
) error {
	for ; pages > 0 && t.Lacks(seq); pages-- {
		records, err := read(t.Last())
		if err != nil {
			return err
		}
		rows := t.Add(records...)
		if len(rows) == 0 {
			t.stopped = true
			return nil
		}
		if err := insert(rows); err != nil {
			return err
		}
	}
	return nil
}

// Continue returns the rows for new records after the chain's head, whose Seq is 0 if there are no records.
func (t *Tree) Continue(head AuditLeaf, records []AuditLeaf) []TreeRow {
	if head.Seq == 0 {
		if t.edge.Size() > 0 { // the whole audit was deleted
			return nil
		}
		return t.Add(records...)
	}
	return t.Add(append([]AuditLeaf{head}, records...)...)
}

// AuditTree returns the end of the Merkle tree over the audit. Its Size is 0 if it is empty, or if the ledger has no
// tree because migrations are pending.
func (l Ledger) AuditTree(ctx context.Context) (store.AuditTree, error) {
	if has, err := l.Engine.Has(ctx, "tree", "size"); err != nil || !has {
		return store.AuditTree{}, err
	}
	all, err := list(ctx, l, ReadTreeRow[row.Row], `SELECT size, seq, hashes FROM tree ORDER BY size DESC LIMIT 1`)
	if err != nil || len(all) == 0 {
		return store.AuditTree{}, err
	}
	return store.AuditTree{Size: all[0].Size, Seq: all[0].Seq}, nil
}

// TreeRows returns the rows of the tree with these sizes, in any order. It leaves out sizes that the tree doesn't have.
func (l Ledger) TreeRows(ctx context.Context, sizes []int64) ([]translog.Row, error) {
	args, marks := make([]any, len(sizes)), make([]string, len(sizes))
	for i, s := range sizes {
		args[i], marks[i] = s, fmt.Sprintf("?%d", i+1)
	}
	if len(sizes) == 0 {
		return nil, nil
	}
	return list(ctx, l, func(r row.Row) (t translog.Row, err error) { return t, r.Scan(&t.Size, &t.Hashes) },
		`SELECT size, hashes FROM tree WHERE size IN (`+strings.Join(marks, ", ")+`)`, args...)
}
