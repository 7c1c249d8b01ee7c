package hubtest

import (
	"bytes"
	"encoding/json"
	"net/http"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"wardlight/internal/translog"
)

// ReceiptKey returns the public key of the log whose receipts the hub makes.
func ReceiptKey() string {
	_, public := receiptKeys()
	return public
}

func receiptKeys() (private, public string) {
	private, public, err := note.GenerateKey(bytes.NewReader(make([]byte, 64)), "hub.example")
	if err != nil {
		panic(err) // the name is valid
	}
	return private, public
}

// receipt answers a request for the receipt of a check or an opening with the only record of a log.
func (h *Hub) receipt(w http.ResponseWriter, r *http.Request) {
	rec := translog.Record{
		Seq: 1, At: h.Clock(), RequestID: r.PathValue("id"), Person: "999000000111", URID: "999000000222",
		OrgODS: "X99", Action: "open an alert", Outcome: "granted", Patients: []string{WithAlert},
		Prev: make([]byte, 32),
	}
	body, err := receiptOf(rec)
	if err != nil {
		panic(err)
	}
	ReplyJSON(w, r, http.StatusOK, body)
}

func receiptOf(rec translog.Record) (json.RawMessage, error) {
	private, _ := receiptKeys()
	signer, _, err := translog.SignerOf(private)
	if err != nil {
		return nil, err
	}
	c := translog.Checkpoint{Origin: signer.Name(), Tree: tlog.Tree{N: 1, Hash: translog.Leaf(rec.Hash())}}
	signed, err := c.Sign(signer)
	if err != nil {
		return nil, err
	}
	return json.Marshal(translog.Receipt{Record: rec, Proof: string(translog.Proof{Checkpoint: signed}.Text())})
}
