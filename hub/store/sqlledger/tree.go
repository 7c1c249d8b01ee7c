package sqlledger

import (
	"bytes"
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
	"wardlight/internal/translog"
)

// Statements for the Merkle tree over the audit. A commit reads the tree's edge, and inserts one row.
//
// A row has the hashes whose indexes (tlog.StoredHashIndex) begin with first. So the row of a hash is the last one that
// doesn't begin after it.
const (
	// SelectEdge returns the hashes that the next commit needs, as [EdgeHash]: the roots on the tree's edge, and the
	// last leaf. From one root to the one before, the index decreases by the hashes of the subtree: 2n-1 for n leaves.
	// From the last root to the last leaf, it decreases by 1 for each level. The differences are subtracted in two
	// steps, because 2n of a malformed size might be too large.
	SelectEdge = `WITH RECURSIVE
		last (size, seq, id) AS (
			SELECT size, seq, first + length(hashes) / 32 - 1 FROM tree ORDER BY first DESC LIMIT 1),
		root (size, id) AS (SELECT size, id FROM last
			UNION ALL SELECT size & (size - 1), id - (size & -size) - (size & -size) + 1 FROM root
			WHERE size & (size - 1) > 0),
		leaf (leaves, id) AS (SELECT size & -size, id FROM last
			UNION ALL SELECT leaves / 2, id - 1 FROM leaf WHERE leaves > 1)
		SELECT last.size, last.seq, asked.id, ` + selectHash + ` FROM last,
			(SELECT id FROM root UNION SELECT id FROM leaf WHERE leaves = 1) AS asked`
	// selectTree returns the hashes with the indexes in a [Table], as [EdgeHash] without the tree's end.
	selectTree = `SELECT asked.id, ` + selectHash + `
		FROM (SELECT CAST(value ->> 0 AS bigint) AS id FROM jsonb_each(?1)) AS asked`
	// selectHash is the hash with the index asked.id, or NULL.
	selectHash = `(SELECT CASE WHEN asked.id - first < length(hashes) / 32
			THEN substr(hashes, CAST(32 * (asked.id - first) AS integer) + 1, 32) END
		FROM tree WHERE first <= asked.id ORDER BY first DESC LIMIT 1)`
	// SelectLeaves returns records from that number on, as [AuditLeaf].
	SelectLeaves = `SELECT seq, hash FROM audit WHERE seq >= ?1 ORDER BY seq LIMIT 4096`
	// InsertTree inserts a [TreeRow].
	InsertTree = `INSERT INTO tree (first, size, seq, hashes) VALUES (?1, ?2, ?3, ?4)`
)

// maxLeaves is the maximum number of leaves in a row. It is also that of records in a commit. Larger rows would make
// the reading of one hash slow, because SQLite reads the whole row.
const maxLeaves = 256

// TreeRow is a row of the tree: the hashes that the records of a commit, or a part of older records, add to it.
type TreeRow struct {
	First  int64  // index of the first hash
	Size   int64  // size of the tree with these records
	Seq    int64  // number of the last record
	Hashes []byte // in the order of their indexes
}

// EdgeHash is a hash of the tree's edge, with the end of the tree.
type EdgeHash struct {
	Size, Seq int64 // of the tree
	ID        int64 // the hash's index
	Hash      []byte
}

// ReadEdgeHash reads a row of [SelectEdge].
func ReadEdgeHash[R row.Row](r R) (h EdgeHash, err error) {
	return h, r.Scan(&h.Size, &h.Seq, &h.ID, &h.Hash)
}

// hashes are hashes of the tree by their index.
type hashes map[int64]tlog.Hash

// add adds a hash. A hash that the store lacks has another length.
func (all hashes) add(id int64, hash []byte) {
	if len(hash) == tlog.HashSize {
		all[id] = tlog.Hash(hash)
	}
}

// ReadHashes returns hashes by their index, as tlog.HashReader requires.
func (all hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, id := range indexes {
		var ok bool
		if found[i], ok = all[id]; !ok {
			return nil, fmt.Errorf("tree of the audit: hash with the index %d: %w", id, store.ErrNotFound)
		}
	}
	return found, nil
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
func NewTree(edge []EdgeHash) *Tree {
	t := new(Tree)
	if len(edge) == 0 {
		return t
	}

	all := make(hashes, len(edge))
	for _, h := range edge {
		all.add(h.ID, h.Hash)
	}
	leaf, err := all.ReadHashes([]int64{tlog.StoredHashIndex(0, edge[0].Size-1)})
	if err == nil {
		t.edge, err = translog.NewEdge(edge[0].Size, all)
	}
	if err != nil {
		t.stopped = true
		return t
	}

	t.last = AuditLeaf{edge[0].Seq, leaf[0][:]}
	return t
}

// Lacks reports whether the tree lacks records of an audit whose last record has that number.
func (t *Tree) Lacks(seq int64) bool { return !t.stopped && t.last.Seq < seq }

// Last returns the number of the tree's last record, or 0 for an empty tree.
func (t *Tree) Last() int64 { return t.last.Seq }

// Add appends records in order, and returns the rows to insert. Unless the tree is empty, the first of them is the
// tree's last record, with which it is compared. Add stops at a record that doesn't continue the tree.
func (t *Tree) Add(records ...AuditLeaf) (rows []TreeRow) {
	added := 0
	for i, r := range records {
		leaf := translog.Leaf(r.Hash)
		if i == 0 && t.edge.Size() > 0 {
			t.stopped = t.stopped || r.Seq != t.last.Seq || !bytes.Equal(leaf[:], t.last.Hash)
			continue
		}
		if t.stopped = t.stopped || t.edge.Size() > 0 && r.Seq != t.last.Seq+1; t.stopped {
			break
		}

		if added%maxLeaves == 0 {
			rows = append(rows, TreeRow{First: tlog.StoredHashCount(t.edge.Size())})
		}
		added++

		row := &rows[len(rows)-1]
		row.Hashes = append(row.Hashes, t.edge.Append(leaf)...)
		row.Size, row.Seq = t.edge.Size(), r.Seq
		t.last = AuditLeaf{r.Seq, leaf[:]}
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
	all, err := list(ctx, l, func(r row.Row) (t store.AuditTree, err error) { return t, r.Scan(&t.Size, &t.Seq) },
		`SELECT size, seq FROM tree ORDER BY first DESC LIMIT 1`)
	if err != nil || len(all) == 0 {
		return store.AuditTree{}, err
	}
	return all[0], nil
}

// TreeHashes returns the tree's hashes with these indexes, which are those of tlog.StoredHashIndex, in the same order.
// It returns store.ErrNotFound if the tree lacks one of them.
func (l Ledger) TreeHashes(ctx context.Context, indexes []int64) ([]tlog.Hash, error) {
	asked := Table{Key: 1}
	for _, id := range indexes {
		asked.add(id)
	}

	found := make(hashes, len(indexes))
	if _, err := list(ctx, l, func(r row.Row) (struct{}, error) {
		var h EdgeHash
		err := r.Scan(&h.ID, &h.Hash)
		found.add(h.ID, h.Hash)
		return struct{}{}, err
	}, selectTree, &asked); err != nil {
		return nil, err
	}
	return found.ReadHashes(indexes)
}
