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

// grown returns the edge and the rows of a tree with n leaves.
func grown(t *testing.T, n int64) (e translog.Edge, rows map[int64]translog.Row) {
	t.Helper()
	rows = make(map[int64]translog.Row)
	for i := range n {
		r := e.Append(leaf(i))
		rows[r.Size] = r
	}
	return e, rows
}

func leaf(i int64) tlog.Hash { return translog.Leaf(fmt.Appendf(nil, "record %d", i)) }

// of returns a Reader of the rows.
func of(rows map[int64]translog.Row) translog.Reader {
	return func(sizes []int64) (all []translog.Row, err error) {
		for _, s := range sizes {
			if r, ok := rows[s]; ok {
				all = append(all, r)
			}
		}
		return all, nil
	}
}

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

// TestEdge_FromRows reads the edge of every size from stored rows, and compares root and next row with tlog's.
func TestEdge_FromRows(t *testing.T) {
	const n = 70
	_, rows := grown(t, n)
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) (all []tlog.Hash, err error) {
		for _, i := range indexes {
			all = append(all, stored[i])
		}
		return all, nil
	})

	for size := range int64(n) {
		hashes, err := tlog.StoredHashes(size, fmt.Appendf(nil, "record %d", size), reader)
		must(t, err)
		want, err := tlog.TreeHash(size, reader)
		must(t, err)
		stored = append(stored, hashes...)

		read, err := of(rows)(translog.EdgeSizes(size))
		must(t, err)
		e, err := translog.NewEdge(size, read)
		must(t, err)
		if got := e.Root(); got != want {
			t.Errorf("root of %d leaves: got %s, want %s", size, got, want)
		}

		next := e.Append(leaf(size))
		if string(next.Hashes) != string(rows[size+1].Hashes) || next.Size != size+1 {
			t.Errorf("row after %d leaves: got %x, want %x", size, next.Hashes, rows[size+1].Hashes)
		}
	}
}

func TestNewEdge_BadRows(t *testing.T) {
	_, rows := grown(t, 6)
	for name, given := range map[string][]translog.Row{
		"none":      nil,
		"one of 2":  {rows[6]},
		"cut":       {rows[4], {Size: 6, Hashes: rows[6].Hashes[:32]}},
		"too long":  {rows[6], {Size: 4, Hashes: append(rows[4].Hashes[:96:96], make([]byte, 32)...)}},
		"no hashes": {rows[4], {Size: 6}},
	} {
		if _, err := translog.NewEdge(6, given); err == nil {
			t.Errorf("%s: got no error, want one", name)
		}
	}
}

// TestReader_Proofs proves every record and every earlier tree from the stored rows, and checks the proofs with tlog.
func TestReader_Proofs(t *testing.T) {
	const n = 37
	_, rows := grown(t, n)
	reader := of(rows)
	root := make([]tlog.Hash, n+1)
	for size := int64(1); size <= n; size++ {
		var err error
		root[size], err = tlog.TreeHash(size, reader)
		must(t, err)
		for i := range size {
			p, err := tlog.ProveRecord(size, i, reader)
			must(t, err)
			must(t, tlog.CheckRecord(p, size, root[size], i, leaf(i)))
			if tlog.CheckRecord(p, size, root[size], i, leaf(n)) == nil {
				t.Errorf("proof of record %d in %d: got no error for another record, want one", i, size)
			}
			c, err := tlog.ProveTree(size, i+1, reader)
			must(t, err)
			must(t, tlog.CheckTree(c, size, root[size], i+1, root[i+1]))
		}
	}

	delete(rows, 16)
	if _, err := tlog.ProveRecord(n, 30, reader); err == nil {
		t.Error("a proof with a missing row: got no error, want one")
	}
}
