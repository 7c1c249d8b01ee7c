package translog_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"wardlight/internal/translog"
)

// Keys and a checkpoint that filippo.io/torchwood v0.6.1 made for the first 5 records of grown, with the signatures of
// the log and of a witness. The proof of record 2 has hashes from golang.org/x/mod/sumdb/tlog.
const (
	logKey     = "hub.example/tree+3e82de76+Af0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY"
	witnessKey = "witness.example/w1+aa4a09d1+BOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs"
	checkpoint = `hub.example/tree
5
q1uiQNXF9m1XxD/D6UjYe+ylGdTaiwKLbFgv2nu/mbQ=

— hub.example/tree PoLedp5UwpcNSAel/cmeWa71BZlGnwfYhJm9gG0moQnr5OT6/m+6+d9GuYYwmaz0ocXN6ArfS1qZl0J45A1siUNdTgI=
— witness.example/w1 qkoJ0QAAAABrDNN4qKvv3sdkMFLfLeCz8W4dZWQ7s5Hkd3Cr9pFC66geIDoj01hm34D4+MjKFvdckt5vxviVU1f0R5KMl9fiAPhmCw==
`
	proof = `c2sp.org/tlog-proof@v1
index 2
zgHiTyZCGwocqrHsogbzT7tOTci5RDQ4qWNCPZqvb50=
XDShEgWHfs8sTyjiVJXQgwGzPb+4YkGfeUb6b9+BJO8=
4/xhsimX2iSB/tWu1E/YKdvUyNH5pt75w0DiEhlhg+k=

` + checkpoint
	signedAt = 0x6b0cd378 // seconds since 1970, in the signature of the witness
)

// logSigner returns the private half of logKey, whose seed is 32 bytes of 9.
func logSigner(t *testing.T) note.Signer {
	t.Helper()
	seed := append([]byte{1}, bytes.Repeat([]byte{9}, ed25519.SeedSize)...)
	s, err := note.NewSigner("PRIVATE+KEY+hub.example/tree+3e82de76+" + base64.StdEncoding.EncodeToString(seed))
	must(t, err)
	return s
}

// witnessSigner returns the private half of witnessKey, whose seed is 32 bytes of 7.
func witnessSigner(t *testing.T) *translog.WitnessSigner {
	t.Helper()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	s, err := translog.NewWitnessSigner("witness.example/w1", key, func() time.Time { return time.Unix(signedAt, 0) })
	must(t, err)
	return s
}

func verifiers(t *testing.T) (note.Verifier, *translog.WitnessVerifier) {
	t.Helper()
	log, err := note.NewVerifier(logKey)
	must(t, err)
	witness, err := translog.ParseWitness(witnessKey)
	must(t, err)
	return log, witness
}

// TestSign_AsTorchwood makes keys, checkpoint and signatures from the same seeds, and compares them with torchwood's.
func TestSign_AsTorchwood(t *testing.T) {
	e, all := grown(5)
	msg, err := translog.Checkpoint{Origin: "hub.example/tree", Tree: tlog.Tree{N: 5, Hash: e.Root()}}.
		Sign(logSigner(t), witnessSigner(t))
	must(t, err)
	if string(msg) != checkpoint {
		t.Errorf("checkpoint: got\n%s\nwant\n%s", msg, checkpoint)
	}

	hashes, err := tlog.ProveRecord(5, 2, all)
	must(t, err)
	if got := (translog.Proof{Index: 2, Hashes: hashes, Checkpoint: msg}).Text(); string(got) != proof {
		t.Errorf("proof: got\n%s\nwant\n%s", got, proof)
	}

	if _, w := verifiers(t); w.String() != witnessKey || witnessSigner(t).String() != witnessKey {
		t.Errorf("key of the witness: got %s, want %s", w, witnessKey)
	}
}

func TestProof_Verify(t *testing.T) {
	log, witness := verifiers(t)
	verify := func(text string, l tlog.Hash, witnesses ...note.Verifier) ([]string, error) {
		p, err := translog.ParseProof([]byte(text))
		if err != nil {
			return nil, err
		}
		_, by, err := p.Verify(l, log, witnesses...)
		return by, err
	}

	if by, err := verify(proof, leaf(2), witness); err != nil || len(by) != 1 || by[0] != "witness.example/w1" {
		t.Errorf("with a witness: got %q, error %v; want its name", by, err)
	}
	if by, err := verify(proof, leaf(2)); err != nil || len(by) != 0 {
		t.Errorf("without a witness: got %q, error %v; want neither", by, err)
	}
	extra := strings.Replace(proof, "index", "extra aGVsbG8=\nindex", 1)
	if _, err := verify(extra, leaf(2)); err != nil {
		t.Errorf("with extra data: got error %v, want none", err)
	}

	var notProven *translog.NotProvenError
	if _, err := verify(proof, leaf(3)); !errors.As(err, &notProven) || notProven.Index != 2 {
		t.Errorf("another record: got error %v, want a NotProvenError of index 2", err)
	}
	if _, err := verify(strings.Replace(proof, "index 2", "index 3", 1), leaf(2)); !errors.As(err, &notProven) {
		t.Errorf("another index: got error %v, want a NotProvenError", err)
	}
}

// TestProof_Verify_Changed replaces one part of the proof's text at a time.
func TestProof_Verify_Changed(t *testing.T) {
	log, witness := verifiers(t)
	for name, change := range map[string][2]string{
		"header":               {"tlog-proof@v1", "tlog-proof@v2"},
		"no index":             {"index 2\n", ""},
		"negative index":       {"index 2", "index -2"},
		"index with a zero":    {"index 2", "index 02"},
		"short hash":           {"zgHiTyZC", "zgHi"},
		"a hash missing":       {"XDShEgWHfs8sTyjiVJXQgwGzPb+4YkGfeUb6b9+BJO8=\n", ""},
		"size":                 {"tree\n5\n", "tree\n6\n"},
		"root":                 {"q1uiQNXF", "r1uiQNXF"},
		"origin":               {"\n\nhub.example/tree\n", "\n\nhub.example/other\n"},
		"signature of the log": {"PoLedp5U", "PoLedp5V"},
		"no signature":         {checkpoint[strings.Index(checkpoint, "— hub"):strings.Index(checkpoint, "— wit")], ""},
		"of the witness":       {"qkoJ0QAAAABrDNN4", "qkoJ0QAAAABrDNN5"},
		"no checkpoint":        {checkpoint, ""},
		"64 hashes": {"index 2\n", "index 2\n" +
			strings.Repeat("zgHiTyZCGwocqrHsogbzT7tOTci5RDQ4qWNCPZqvb50=\n", 64)},
	} {
		text := strings.Replace(proof, change[0], change[1], 1)
		if text == proof {
			t.Errorf("%s: the text is unchanged", name)
		}
		p, err := translog.ParseProof([]byte(text))
		if err == nil {
			_, _, err = p.Verify(leaf(2), log, witness)
		}
		if err == nil {
			t.Errorf("%s: got no error, want one", name)
		}
	}
}

// TestOpenCheckpoint_OtherText signs texts that aren't checkpoints with the log's key. A witness signs none of them.
func TestOpenCheckpoint_OtherText(t *testing.T) {
	log, _ := verifiers(t)
	root := base64.StdEncoding.EncodeToString(make([]byte, tlog.HashSize))
	for name, text := range map[string]string{
		"a checkpoint of the chain": fmt.Sprintf("hub.example/tree\n5\n%s\ntime 2026-07-15T13:00:04Z\n", root),
		"another origin":            fmt.Sprintf("hub.example\n5\n%s\n", root),
		"no origin":                 fmt.Sprintf("\n5\n%s\n", root),
		"a size with a zero":        fmt.Sprintf("hub.example/tree\n05\n%s\n", root),
		"a negative size":           fmt.Sprintf("hub.example/tree\n-5\n%s\n", root),
		"a short root":              "hub.example/tree\n5\nAAAA\n",
		"two lines":                 "hub.example/tree\n5\n",
	} {
		msg, err := note.Sign(&note.Note{Text: text}, logSigner(t))
		must(t, err)
		if c, _, err := translog.OpenCheckpoint(msg, log); err == nil {
			t.Errorf("%s: got %+v, want an error", name, c)
		}
		if _, err := witnessSigner(t).Sign([]byte(text)); err == nil && name != "another origin" {
			t.Errorf("%s: the witness signed it, want an error", name)
		}
	}
}

func TestParseWitness_Malformed(t *testing.T) {
	for name, key := range map[string]string{
		"empty":            "",
		"a log's key":      logKey,
		"another name":     strings.Replace(witnessKey, "w1", "w2", 1),
		"another number":   strings.Replace(witnessKey, "aa4a09d1", "aa4a09d2", 1),
		"a space in it":    strings.Replace(witnessKey, "witness", "wit ness", 1),
		"not base64":       strings.Replace(witnessKey, "BOpK", "!OpK", 1),
		"a short key":      strings.Replace(witnessKey, "BOpKbGPi", "BOpK", 1),
		"without a number": "witness.example/w1",
	} {
		if v, err := translog.ParseWitness(key); err == nil {
			t.Errorf("%s: got %v, want an error", name, v)
		}
	}
}

// FuzzParseProof checks that a proof that can be parsed is the same after formatting and parsing.
func FuzzParseProof(f *testing.F) {
	f.Add([]byte(proof))
	f.Add([]byte("c2sp.org/tlog-proof@v1\nextra \nindex 0\n\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := translog.ParseProof(text)
		if err != nil {
			return
		}
		again, err := translog.ParseProof(p.Text())
		if err != nil || again.Index != p.Index || len(again.Hashes) != len(p.Hashes) ||
			!bytes.Equal(again.Checkpoint, p.Checkpoint) {
			t.Errorf("parsed again: got %+v, error %v; want %+v", again, err, p)
		}
	})
}
