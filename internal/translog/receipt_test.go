package translog_test

import (
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"wardlight/internal/translog"
)

// checked returns the record of a check.
func checked() translog.Record {
	return translog.Record{
		Seq: 3, At: time.Date(2026, 7, 15, 13, 0, 0, 123456000, time.UTC), RequestID: "r", Session: "s",
		Person: "999000000111", URID: "u", OrgODS: "RX1", Action: "see whether there is an alert",
		Outcome: "granted", Patients: []string{"9990000018"}, Source: "203.0.113.5", Prev: make([]byte, 32),
	}
}

// receipt returns a receipt of the record in a log of 7, and the log's public key.
func receipt(t *testing.T, r translog.Record, witnesses ...note.Signer) (translog.Receipt, string) {
	t.Helper()
	private, public, err := note.GenerateKey(rand.Reader, "hub.example")
	must(t, err)
	signer, _, err := translog.SignerOf(private + "\n")
	must(t, err)

	var e translog.Edge
	var all stored
	for i := range int64(7) {
		l := leaf(i)
		if i == r.Seq-1 {
			l = translog.Leaf(r.Hash())
		}
		all = append(all, e.Append(l)...)
	}

	c := translog.Checkpoint{Origin: signer.Name(), Tree: tlog.Tree{N: 7, Hash: e.Root()}}
	msg, err := c.Sign(append([]note.Signer{signer}, witnesses...)...)
	must(t, err)
	hashes, err := tlog.ProveRecord(7, r.Seq-1, all)
	must(t, err)
	p := translog.Proof{Index: r.Seq - 1, Hashes: hashes, Checkpoint: msg}
	return translog.Receipt{Record: r, Proof: string(p.Text())}, public
}

func TestReceipt_Verify(t *testing.T) {
	made, public := receipt(t, checked(), witnessSigner(t))
	text, err := json.Marshal(made)
	must(t, err)
	read, err := translog.ParseReceipt(text)
	must(t, err)
	log, err := translog.VerifierOf(public)
	must(t, err)
	_, witness := verifiers(t)
	c, by, err := read.Verify(log, witness)
	if err != nil || c.N != 7 || c.Origin != "hub.example/tree" || len(by) != 1 {
		t.Errorf("Verify: got %+v, witnesses %q, error %v; want the checkpoint of 7 and one witness", c, by, err)
	}

	_, another := receipt(t, checked())
	other, err := translog.VerifierOf(another)
	must(t, err)
	if _, _, err := read.Verify(other); err == nil {
		t.Error("Verify with another log's key: got no error, want one")
	}
}

// TestReceipt_Verify_Changed changes one value of the record at a time.
func TestReceipt_Verify_Changed(t *testing.T) {
	made, public := receipt(t, checked())
	log, err := translog.VerifierOf(public)
	must(t, err)
	for name, change := range map[string]func(*translog.Record){
		"seq":         func(r *translog.Record) { r.Seq++ },
		"time":        func(r *translog.Record) { r.At = r.At.Add(time.Microsecond) },
		"request":     func(r *translog.Record) { r.RequestID = "" },
		"session":     func(r *translog.Record) { r.Session = "" },
		"person":      func(r *translog.Record) { r.Person = "999000000112" },
		"role":        func(r *translog.Record) { r.URID = "" },
		"org":         func(r *translog.Record) { r.OrgODS = "RX2" },
		"action":      func(r *translog.Record) { r.Action = "open an alert" },
		"outcome":     func(r *translog.Record) { r.Outcome = "refused" },
		"reason":      func(r *translog.Record) { r.Reason = "again" },
		"patient":     func(r *translog.Record) { r.Patients = []string{"9990000026"} },
		"two numbers": func(r *translog.Record) { r.Patients = append(r.Patients[:1:1], "9990000026") },
		"source":      func(r *translog.Record) { r.Source = "" },
		"prev":        func(r *translog.Record) { r.Prev = make([]byte, 31) },
	} {
		changed := made
		change(&changed.Record)
		if _, _, err := changed.Verify(log); err == nil {
			t.Errorf("%s: got no error, want one", name)
		}
	}
}

func TestParseReceipt_Malformed(t *testing.T) {
	made, _ := receipt(t, checked())
	valid, err := json.Marshal(made)
	must(t, err)
	for name, text := range map[string]string{
		"empty":             "",
		"two":               string(valid) + string(valid),
		"an unknown member": strings.Replace(string(valid), `"proof"`, `"state":"alert","proof"`, 1),
		"nanoseconds":       strings.Replace(string(valid), ".123456Z", ".1234567Z", 1),
		"not base64":        strings.Replace(string(valid), `"prev":"AAAA`, `"prev":"!AAA`, 1),
	} {
		if _, err := translog.ParseReceipt([]byte(text)); err == nil {
			t.Errorf("%s: got no error, want one", name)
		}
	}
}

// TestSignerOf_AnotherName checks that the tree's checkpoints are not of the chain's name, with the same key.
func TestSignerOf_AnotherName(t *testing.T) {
	private, public, err := note.GenerateKey(rand.Reader, "hub.example")
	must(t, err)
	signer, v, err := translog.SignerOf(private)
	must(t, err)
	tree, err := translog.VerifierOf(public)
	must(t, err)
	chain, err := note.NewVerifier(public)
	must(t, err)
	if signer.Name() != "hub.example/tree" || v.KeyHash() != tree.KeyHash() || tree.KeyHash() == chain.KeyHash() {
		t.Errorf("got %s, key id %x and %x; want hub.example/tree with an id other than %x", signer.Name(),
			v.KeyHash(), tree.KeyHash(), chain.KeyHash())
	}

	msg, err := translog.Checkpoint{Origin: signer.Name()}.Sign(signer)
	must(t, err)
	if _, _, err := translog.OpenCheckpoint(msg, tree); err != nil {
		t.Errorf("with the tree's verifier: got error %v, want none", err)
	}
	if _, _, err := translog.OpenCheckpoint(msg, chain); err == nil {
		t.Error("with the chain's verifier: got no error, want one")
	}
	for _, key := range []string{"", "x", public, witnessKey} {
		if _, _, err := translog.SignerOf(key); err == nil {
			t.Errorf("SignerOf(%q): got no error, want one", key)
		}
	}
	for _, key := range []string{"", "x", private, witnessKey} {
		if _, err := translog.VerifierOf(key); err == nil {
			t.Errorf("VerifierOf(%q): got no error, want one", key)
		}
	}
}
