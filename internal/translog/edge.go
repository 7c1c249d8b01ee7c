// Package translog is a transparency log over the audit: a Merkle tree (RFC 6962) whose leaves are the hashes of the
// audit's records, with signed checkpoints, proofs of inclusion and of consistency, and the signatures of witnesses.
//
// The tree is that of golang.org/x/mod/sumdb/tlog. Texts are those of C2SP: tlog-checkpoint, tlog-proof and
// tlog-cosignature. The package does no I/O. The hub and the terminal program share it.
package translog

import (
	"crypto/sha256"
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

// NewEdge returns the edge of a tree of that size, whose hashes it reads. It returns an error if one is missing.
func NewEdge(size int64, r tlog.HashReader) (Edge, error) {
	roots, err := r.ReadHashes(edgeIndexes(size))
	return Edge{size, roots}, err
}

// edgeIndexes returns the indexes of the roots on the edge of a tree of that size, in ascending order. Each is the last
// hash of the tree that ends with its subtree.
func edgeIndexes(size int64) (all []int64) {
	for ; size > 0; size &= size - 1 {
		all = append(all, tlog.StoredHashCount(size)-1)
	}
	slices.Reverse(all)
	return all
}

// Size returns the number of leaves.
func (e *Edge) Size() int64 { return e.size }

// Append adds a leaf, and returns the hashes to store with it, which are those of tlog.StoredHashes.
func (e *Edge) Append(leaf tlog.Hash) (stored []byte) {
	stored = append(stored, leaf[:]...)

	// Each low bit that is set in the old size is a subtree that the leaf completes. The last ones are the smallest.
	h, n := leaf, len(e.roots)
	for bit := e.size; bit&1 == 1; bit >>= 1 {
		n--
		h = tlog.NodeHash(e.roots[n], h)
		stored = append(stored, h[:]...)
	}

	e.roots, e.size = append(e.roots[:n], h), e.size+1
	return stored
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
