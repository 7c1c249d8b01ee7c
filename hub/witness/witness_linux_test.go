package witness_test

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"wardlight/hub/witness"
	"wardlight/internal/lab/witnesstest"
	"wardlight/internal/translog"
)

// hashes are those of a tree, as package tlog numbers them.
type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) (all []tlog.Hash, err error) {
	for _, i := range indexes {
		all = append(all, h[i])
	}
	return all, nil
}

// grown returns the hashes of a tree of 20 records, which are different after a number of them.
func grown(t *testing.T, same int64, other byte) (h hashes) {
	t.Helper()
	for i := range int64(20) {
		record := []byte{byte(i)}
		if i >= same {
			record = append(record, other)
		}
		more, err := tlog.StoredHashes(i, record, h)
		must(t, err)
		h = append(h, more...)
	}
	return h
}

// TestAdd_Litewitness asks another author's witness. It signs what continues the log, and nothing else.
func TestAdd_Litewitness(t *testing.T) {
	private, _, err := note.GenerateKey(rand.Reader, "hub.example")
	must(t, err)
	signer, log, err := translog.SignerOf(private)
	must(t, err)
	running := witnesstest.Start(t, "witness.example", log)
	file := "\n# another organisation's\nwitness one " + running.Key.String() + " " + running.URL + "/\n"
	all, err := witness.Read(strings.NewReader(file), http.Client{})
	must(t, err)
	w := all[0]
	if len(all) != 1 || w.Name() != "one" || w.Key().String() != running.Key.String() {
		t.Fatalf("got %d witnesses, the first %q with the key %s; want one with the name one and the key of the file",
			len(all), w.Name(), w.Key())
	}

	request := func(of hashes, old, size int64) translog.Addition {
		root, err := tlog.TreeHash(size, of)
		must(t, err)
		c := translog.Checkpoint{Origin: log.Name(), Tree: tlog.Tree{N: size, Hash: root}}
		a := translog.Addition{Old: old}
		a.Checkpoint, err = c.Sign(signer)
		must(t, err)
		if old > 0 {
			a.Proof, err = tlog.ProveTree(size, old, of)
			must(t, err)
		}
		return a
	}
	tree, forked := grown(t, 10, 0), grown(t, 10, 1)
	unsigned, noProof := request(tree, 13, 20), request(tree, 13, 20)
	unsigned.Checkpoint = []byte(strings.Replace(string(unsigned.Checkpoint), "— hub", "— bub", 1))
	noProof.Proof = nil
	const refused = -1

	for _, step := range []struct {
		name string
		ask  translog.Addition
		size int64 // that the witness answers; 0 for none
		err  error
	}{
		{"the first", request(tree, 0, 5), 0, nil},
		{"the next", request(tree, 5, 13), 0, nil},
		{"the same again", request(tree, 13, 13), 0, nil},
		{"another old size", request(tree, 5, 20), 13, nil},
		{"as if it were the first", request(tree, 0, 20), 13, nil},
		{"another log", request(forked, 13, 20), 0, translog.ErrInconsistent},
		{"another log of the same size", request(forked, 13, 13), 0, translog.ErrInconsistent},
		{"without the proof", noProof, 0, translog.ErrInconsistent},
		{"without the log's signature", unsigned, refused, nil},
		{"the next after refusals", request(tree, 13, 20), 0, nil},
	} {
		answer, err := w.Add(t.Context(), step.ask)
		var other *translog.OldSizeError
		switch {
		case step.size == refused:
			if err == nil || errors.Is(err, translog.ErrInconsistent) || !strings.Contains(err.Error(), "403") {
				t.Errorf("%s: got error %v, want one with the status 403", step.name, err)
			}
		case step.size > 0:
			if !errors.As(err, &other) || other.Size != step.size {
				t.Errorf("%s: got error %v, want one with the size %d", step.name, err, step.size)
			}
		case !errors.Is(err, step.err):
			t.Errorf("%s: got error %v, want %v", step.name, err, step.err)
		case err == nil:
			both, err := translog.AddCosignature(step.ask.Checkpoint, answer, log, w.Key())
			must(t, err)
			if _, by, err := translog.OpenCheckpoint(both, log, w.Key()); err != nil || len(by) != 1 {
				t.Errorf("%s: got signatures of %v, error %v; want that of the witness", step.name, by, err)
			}
		}
	}
}
