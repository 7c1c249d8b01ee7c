package translog_test

import (
	"encoding/hex"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"wardlight/internal/translog"
)

// must fails the test if there is an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// stored has the stored hashes of a tree, in the order of their indexes.
type stored []byte

// ReadHashes returns hashes by their index, as tlog.HashReader requires.
func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	all := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index < 0 || (index+1)*tlog.HashSize > int64(len(s)) {
			return nil, fmt.Errorf("no hash has the index %d", index)
		}
		copy(all[i][:], s[index*tlog.HashSize:])
	}
	return all, nil
}

// grown returns the edge and the stored hashes of a tree with n leaves.
func grown(n int64) (e translog.Edge, s stored) {
	for i := range n {
		s = append(s, e.Append(leaf(i))...)
	}
	return e, s
}

func leaf(i int64) tlog.Hash { return translog.Leaf(fmt.Appendf(nil, "record %d", i)) }

// TestEdge_KnownRoots compares roots with the test vectors of Certificate Transparency's own implementations.
func TestEdge_KnownRoots(t *testing.T) {
	want := map[int64]string{
		0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}

	var e translog.Edge
	check := func() {
		root := e.Root()
		if w, ok := want[e.Size()]; ok && hex.EncodeToString(root[:]) != w {
			t.Errorf("root of %d leaves: got %x, want %s", e.Size(), root, w)
		}
	}

	check()
	for _, data := range []string{
		"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
	} {
		b, err := hex.DecodeString(data)
		must(t, err)
		e.Append(translog.Leaf(b))
		check()
	}
	if e.Size() != 8 {
		t.Errorf("size: got %d, want 8", e.Size())
	}
}

// TestEdge_OfEverySize reads the edge of every size from stored hashes, and compares the root and the hashes to store
// next with tlog's.
func TestEdge_OfEverySize(t *testing.T) {
	const n = 70
	_, all := grown(n)
	for size := range int64(n) {
		before := all[:tlog.StoredHashCount(size)*tlog.HashSize]
		e, err := translog.NewEdge(size, before)
		must(t, err)
		want, err := tlog.TreeHash(size, before)
		must(t, err)
		if got := e.Root(); got != want || e.Size() != size {
			t.Errorf("edge of %d leaves: got root %s of %d, want %s", size, got, e.Size(), want)
		}

		hashes, err := tlog.StoredHashes(size, fmt.Appendf(nil, "record %d", size), before)
		must(t, err)
		var next []byte
		for _, h := range hashes {
			next = append(next, h[:]...)
		}
		if got := e.Append(leaf(size)); string(got) != string(next) || e.Size() != size+1 {
			t.Errorf("hashes after %d leaves: got %x and size %d, want %x", size, got, e.Size(), next)
		}
	}
}

func TestNewEdge_MissingHash(t *testing.T) {
	_, all := grown(6)
	for size := int64(1); size <= 6; size++ {
		before := all[:tlog.StoredHashCount(size)*tlog.HashSize]
		if _, err := translog.NewEdge(size, before[:len(before)-1]); err == nil {
			t.Errorf("edge of %d leaves without the last hash: got no error, want one", size)
		}
	}
}

// TestEdge_Proofs proves every record and every earlier tree from the stored hashes, and checks the proofs with tlog.
func TestEdge_Proofs(t *testing.T) {
	const n = 37
	_, all := grown(n)
	root := make([]tlog.Hash, n+1)
	for size := int64(1); size <= n; size++ {
		var err error
		root[size], err = tlog.TreeHash(size, all)
		must(t, err)
		for i := range size {
			p, err := tlog.ProveRecord(size, i, all)
			must(t, err)
			must(t, tlog.CheckRecord(p, size, root[size], i, leaf(i)))
			if tlog.CheckRecord(p, size, root[size], i, leaf(n)) == nil {
				t.Errorf("proof of record %d in %d: got no error for another record, want one", i, size)
			}
			c, err := tlog.ProveTree(size, i+1, all)
			must(t, err)
			must(t, tlog.CheckTree(c, size, root[size], i+1, root[i+1]))
		}
	}
}
