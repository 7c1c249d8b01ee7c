package translog_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"wardlight/internal/translog"
)

// witness is a witness for one log, as c2sp.org/tlog-witness describes it.
type witness struct {
	log    note.Verifier
	signer *translog.WitnessSigner

	mu   sync.Mutex
	last translog.Checkpoint
}

// ServeHTTP handles add-checkpoint.
func (w *witness) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	if err != nil || r.URL.Path != "/add-checkpoint" {
		http.Error(rw, "bad request", http.StatusBadRequest)
		return
	}
	a, err := translog.ParseAddition(body)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}

	w.mu.Lock()
	defer w.mu.Unlock()
	line, c, err := a.Cosign(w.last, w.log, w.signer)
	var size *translog.OldSizeError
	switch {
	case errors.As(err, &size):
		rw.Header().Set("Content-Type", "text/x.tlog.size")
		rw.WriteHeader(http.StatusConflict)
		fmt.Fprintf(rw, "%d\n", size.Size)
	case errors.Is(err, translog.ErrInconsistent):
		http.Error(rw, err.Error(), http.StatusUnprocessableEntity)
	case errors.Is(err, translog.ErrSmaller):
		http.Error(rw, err.Error(), http.StatusBadRequest)
	case err != nil:
		http.Error(rw, err.Error(), http.StatusForbidden)
	default:
		w.last = c
		_, _ = rw.Write(line)
	}
}

// TestAddition_Witness runs a witness over HTTP. It signs what continues the log, and nothing else.
func TestAddition_Witness(t *testing.T) {
	log, verifier := verifiers(t)
	server := httptest.NewServer(&witness{log: log, signer: witnessSigner(t)})
	defer server.Close()

	_, all := grown(20)
	edge, forked := grown(10) // another log after record 10
	for range 10 {
		forked = append(forked, edge.Append(leaf(99))...)
	}

	request := func(of stored, old, size int64) translog.Addition {
		root, err := tlog.TreeHash(size, of)
		must(t, err)
		msg, err := translog.Checkpoint{Origin: log.Name(), Tree: tlog.Tree{N: size, Hash: root}}.Sign(logSigner(t))
		must(t, err)
		a := translog.Addition{Old: old, Checkpoint: msg}
		if old > 0 && old <= size {
			a.Proof, err = tlog.ProveTree(size, old, of)
			must(t, err)
		}
		return a
	}

	send := func(a translog.Addition) (int, []byte) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/add-checkpoint",
			strings.NewReader(string(a.Text())))
		must(t, err)
		answer, err := server.Client().Do(r)
		must(t, err)
		defer answer.Body.Close() //nolint:errcheck // it was read
		body, err := io.ReadAll(answer.Body)
		must(t, err)
		return answer.StatusCode, body
	}

	unsigned := request(all, 13, 20)
	unsigned.Checkpoint = []byte(strings.Replace(string(unsigned.Checkpoint), "— hub", "— bub", 1))
	noProof := request(all, 13, 20)
	noProof.Proof = nil

	for _, step := range []struct {
		name string
		ask  translog.Addition
		code int
	}{
		{"the first", request(all, 0, 5), http.StatusOK},
		{"the next", request(all, 5, 13), http.StatusOK},
		{"the same again", request(all, 13, 13), http.StatusOK},
		{"another old size", request(all, 5, 20), http.StatusConflict},
		{"as if it were the first", request(all, 0, 20), http.StatusConflict},
		{"smaller", request(all, 13, 10), http.StatusBadRequest},
		{"another log", request(forked, 13, 20), http.StatusUnprocessableEntity},
		{"another log of the same size", request(forked, 13, 13), http.StatusUnprocessableEntity},
		{"without the proof", noProof, http.StatusUnprocessableEntity},
		{"without the log's signature", unsigned, http.StatusForbidden},
		{"the next after refusals", request(all, 13, 20), http.StatusOK},
	} {
		code, answer := send(step.ask)
		if code != step.code {
			t.Errorf("%s: got status %d and %q, want %d", step.name, code, answer, step.code)
			continue
		}
		if code == http.StatusConflict && string(answer) != "13\n" {
			t.Errorf("%s: got size %q, want 13", step.name, answer)
		}
		if code != http.StatusOK {
			continue
		}

		both, err := translog.AddCosignature(step.ask.Checkpoint, answer, log, verifier)
		if err != nil {
			t.Errorf("%s: got error %v, want the signature of the witness", step.name, err)
			continue
		}
		if _, by, err := translog.OpenCheckpoint(both, log, verifier); err != nil || len(by) != 1 {
			t.Errorf("%s: got witnesses %q, error %v; want one", step.name, by, err)
		}
	}

	if _, err := translog.AddCosignature(unsigned.Checkpoint, nil, log, verifier); err == nil {
		t.Error("AddCosignature of no answer: got no error, want one")
	}
}

func TestParseAddition_Malformed(t *testing.T) {
	hash := "zgHiTyZCGwocqrHsogbzT7tOTci5RDQ4qWNCPZqvb50=\n"
	for name, body := range map[string]string{
		"empty":         "",
		"no old size":   hash + "\n" + checkpoint,
		"negative":      "old -1\n\n" + checkpoint,
		"a zero before": "old 01\n\n" + checkpoint,
		"not a hash":    "old 1\nx\n\n" + checkpoint,
		"64 hashes":     "old 1\n" + strings.Repeat(hash, 64) + "\n" + checkpoint,
		"no checkpoint": "old 1",
	} {
		if a, err := translog.ParseAddition([]byte(body)); err == nil {
			t.Errorf("%s: got %+v, want an error", name, a)
		}
	}
	if a, err := translog.ParseAddition([]byte("old 5\n" + hash + "\n" + checkpoint)); err != nil || a.Old != 5 ||
		len(a.Proof) != 1 || string(a.Checkpoint) != checkpoint {
		t.Errorf("got %+v, error %v; want the size 5, one hash and the checkpoint", a, err)
	}
}
