// Package translog is a transparency log over the audit: a Merkle tree (RFC 6962) whose leaves are the hashes of the
// audit's records, with signed checkpoints, proofs of inclusion and of consistency, and the signatures of witnesses.
//
// The tree is that of golang.org/x/mod/sumdb/tlog. Texts are those of C2SP: tlog-checkpoint, tlog-proof and
// tlog-cosignature. The package does no I/O. The hub and the terminal program share it.
package translog

import (
	"crypto/sha256"
	"fmt"
	"math/bits"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// Leaf returns the hash of the tree's leaf for an audit record. The leaf's data is the record's hash in the chain, so
// the tree can be built, and shown to others, without the contents of records.
func Leaf(recordHash []byte) tlog.Hash { return tlog.RecordHash(recordHash) }

// Edge is the right edge of a tree: the roots of the complete subtrees that its leaves form, from left to right. It is
// all that appending a leaf needs. The zero value is the edge of an empty tree. A copy of an Edge must not be used.
type Edge struct {
	size  int64
	roots []tlog.Hash
}

// Row contains the hashes that a tree stores with one leaf.
type Row struct {
	Size   int64  // size of the tree with this leaf
	Hashes []byte // the leaf's hash, and the roots of the subtrees that the leaf completes, from small to large
}

// length returns the length of the hashes.
func (r Row) length() int {
	return (1 + bits.TrailingZeros64(uint64(r.Size))) * tlog.HashSize //nolint:gosec // sizes are positive
}

// hash returns the hash of that level in the row, or an error if the row has another length than its size requires.
func (r Row) hash(level int) (h tlog.Hash, err error) {
	if r.Size < 1 || len(r.Hashes) != r.length() {
		return h, fmt.Errorf("tree of the audit: the row of size %d has %d bytes, want %d", r.Size, len(r.Hashes),
			r.length())
	}
	copy(h[:], r.Hashes[level*tlog.HashSize:])
	return h, nil
}

// EdgeSizes returns the sizes of the rows that contain the edge of a tree of that size, in ascending order.
func EdgeSizes(size int64) (all []int64) {
	for ; size > 0; size &= size - 1 {
		all = append(all, size)
	}
	slices.Reverse(all)
	return all
}

// NewEdge returns the edge of a tree of that size from the rows of [EdgeSizes], in any order. It returns an error if a
// row is missing or malformed.
func NewEdge(size int64, rows []Row) (Edge, error) {
	e := Edge{size: size}
	for _, s := range EdgeSizes(size) {
		i := slices.IndexFunc(rows, func(r Row) bool { return r.Size == s })
		if i < 0 {
			return Edge{}, fmt.Errorf("tree of the audit: the row of size %d is missing", s)
		}
		h, err := rows[i].hash(bits.TrailingZeros64(uint64(s))) //nolint:gosec // sizes are positive
		if err != nil {
			return Edge{}, err
		}
		e.roots = append(e.roots, h)
	}
	return e, nil
}

// Size returns the number of leaves.
func (e *Edge) Size() int64 { return e.size }

// Append adds a leaf and returns the row to store. Its hashes are those of tlog.StoredHashes.
func (e *Edge) Append(leaf tlog.Hash) Row {
	r := Row{Size: e.size + 1}
	r.Hashes = append(make([]byte, 0, r.length()), leaf[:]...)

	// Each low bit that is set in the old size is a subtree that the leaf completes. The last ones are the smallest.
	h, n := leaf, len(e.roots)
	for bit := e.size; bit&1 == 1; bit >>= 1 {
		n--
		h = tlog.NodeHash(e.roots[n], h)
		r.Hashes = append(r.Hashes, h[:]...)
	}

	e.roots, e.size = append(e.roots[:n], h), r.Size
	return r
}

// Root returns the hash of the tree.
func (e *Edge) Root() tlog.Hash {
	n := len(e.roots) - 1
	if n < 0 {
		return sha256.Sum256(nil) // of the empty tree, as RFC 6962 defines it
	}
	h := e.roots[n]
	for ; n > 0; n-- {
		h = tlog.NodeHash(e.roots[n-1], h)
	}
	return h
}

// Reader reads the hashes of a tree from its stored rows, for proofs. It is called with the sizes of rows, and returns
// these rows in any order.
type Reader func(sizes []int64) ([]Row, error)

// ReadHashes returns hashes by their index, as tlog.HashReader requires.
func (read Reader) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	sizes, levels := make([]int64, len(indexes)), make([]int, len(indexes))
	for i, index := range indexes {
		level, n := tlog.SplitStoredHashIndex(index)
		sizes[i], levels[i] = (n+1)<<level, level
	}

	rows, err := read(slices.Compact(slices.Sorted(slices.Values(sizes))))
	if err != nil {
		return nil, err
	}

	bySize := make(map[int64]Row, len(rows))
	for _, r := range rows {
		bySize[r.Size] = r
	}

	all := make([]tlog.Hash, len(indexes))
	for i, size := range sizes {
		row, ok := bySize[size]
		if !ok {
			return nil, fmt.Errorf("tree of the audit: the row of size %d is missing", size)
		}
		if all[i], err = row.hash(levels[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}
