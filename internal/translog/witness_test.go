package translog_test

import (
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"wardlight/internal/translog"
)

// TestAddition_Text compares a request with the format of c2sp.org/tlog-witness. The package hub/witness sends some to
// a real witness.
func TestAddition_Text(t *testing.T) {
	const first, second = "zgHiTyZCGwocqrHsogbzT7tOTci5RDQ4qWNCPZqvb50=", "XDShEgWHfs8sTyjiVJXQgwGzPb+4YkGfeUb6b9+BJO8="
	var proof tlog.TreeProof
	for _, text := range []string{first, second} {
		h, err := tlog.ParseHash(text)
		must(t, err)
		proof = append(proof, h)
	}
	for want, a := range map[string]translog.Addition{
		"old 0\n\n" + checkpoint: {Checkpoint: []byte(checkpoint)},
		"old 20852014\n" + first + "\n" + second + "\n\n" + checkpoint: {
			Old: 20852014, Proof: proof, Checkpoint: []byte(checkpoint),
		},
	} {
		if got := a.Text(); string(got) != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestAddCosignature_OtherKeys adds answers of a witness with several keys, one of which the log knows.
func TestAddCosignature_OtherKeys(t *testing.T) {
	log, verifier := verifiers(t)
	i := strings.LastIndex(checkpoint, "— ")
	unwitnessed, own := checkpoint[:i], checkpoint[i:]
	other := "— other.example " + strings.Repeat("AAAA", 800) + "\n" // as long as an ML-DSA signature
	for name, answer := range map[string]string{"before": other + own, "after": own + other, "twice": own + own} {
		if both, err := translog.AddCosignature([]byte(unwitnessed), []byte(answer), log, verifier); err != nil ||
			string(both) != checkpoint {
			t.Errorf("%s: got %q, error %v; want only the signature of the witness", name, both, err)
		}
	}

	for name, answer := range map[string]string{
		"none": "", "another key": other, "another text": "\n" + checkpoint, "not a signature": "OK\n",
		"changed": strings.Replace(own, "N4qK", "N4qL", 1),
	} {
		if both, err := translog.AddCosignature([]byte(unwitnessed), []byte(answer), log, verifier); err == nil {
			t.Errorf("%s: got %q, want an error", name, both)
		}
	}
}
