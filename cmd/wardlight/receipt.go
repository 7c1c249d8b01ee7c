package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/mod/sumdb/note"

	"wardlight/internal/fault"
	"wardlight/internal/text"
	"wardlight/internal/translog"
)

// maxReceiptBytes is the maximum size of a receipt's file. A record of a search names at most a few hundred patients.
const maxReceiptBytes = 1 << 20

// maxReceiptLine is the maximum length of a value that is printed.
const maxReceiptLine = 4 << 10

// receiptDocument is wardlight.receipt_verify/1.
type receiptDocument struct {
	Schema    string     `json:"schema"`
	Log       string     `json:"log"`
	Size      int64      `json:"size"` // number of records that the checkpoint covers
	Witnesses []string   `json:"witnesses"`
	Record    recordPart `json:"record"`
}

// recordPart is the record of a receipt.
type recordPart struct {
	Seq       int64    `json:"seq"`
	At        string   `json:"at"`
	RequestID string   `json:"request_id"`
	Person    string   `json:"person"`
	URID      string   `json:"urid"`
	OrgODS    string   `json:"org_ods"`
	Action    string   `json:"action"`
	Outcome   string   `json:"outcome"`
	Reason    string   `json:"reason"`
	Patients  []string `json:"patients"`
}

func newReceipt(a *app) *cobra.Command {
	cmd := &cobra.Command{Use: "receipt", Short: "Save and check receipts of the hub's audit", Args: a.noSuchCommand}
	cmd.AddCommand(newReceiptGet(a), newReceiptVerify(a))
	return cmd
}

func newReceiptVerify(a *app) *cobra.Command {
	var key string
	var witnesses []string
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: "Check that the record in a receipt is in the hub's audit",
		Long: `Check that the record in a receipt is in the hub's audit. This needs no hub, no card and no network: only the receipt, and the
public key of the audit's checkpoints, which the hub's operator gives you. Receipts are saved by
'wardlight alert --receipt', 'wardlight receipt get' and 'wardlight-hub audit receipt'.

With --witness the receipt must also have the signature of that witness.

It ends with 0 when the receipt is valid, with 1 when it is not, and with 2 when a file cannot be read.`,
		Example: "  wardlight receipt verify receipt.json --key audit.key.pub",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &usageError{
					problem: "give the file of one receipt", hint: "wardlight receipt verify FILE --key FILE",
				}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.verifyReceipt(args[0], key, witnesses) },
	}

	cmd.Flags().StringVar(&key, "key", "", "the public key of the audit's checkpoints is in `FILE`")
	cmd.Flags().StringArrayVar(&witnesses, "witness", nil, "the public key of a witness is in `FILE`; may be repeated")
	return cmd
}

// verifyReceipt verifies the receipt in a file, and prints what it proves.
func (a *app) verifyReceipt(name, key string, witnessKeys []string) error {
	if key == "" {
		return &usageError{problem: "--key is missing", hint: "it is the file audit.key.pub of the hub"}
	}
	log, err := readKey("--key", key, translog.VerifierOf)
	if err != nil {
		return err
	}

	var witnesses []note.Verifier
	for _, k := range witnessKeys {
		w, err := readKey("--witness", k, translog.ParseWitness)
		if err != nil {
			return err
		}
		witnesses = append(witnesses, w)
	}

	content, err := readSmall(name)
	if err != nil {
		return err
	}
	r, err := translog.ParseReceipt(content)
	if err != nil {
		return invalidReceipt(err)
	}
	c, by, err := r.Verify(log, witnesses...)
	if err != nil {
		return invalidReceipt(err)
	}
	if len(by) < len(witnesses) {
		return invalidReceipt(fmt.Errorf("%d of %d witnesses have signed it", len(by), len(witnesses)))
	}

	return a.printReceipt(receiptDocument{
		Schema: "wardlight.receipt_verify/1", Log: c.Origin, Size: c.N, Witnesses: orEmpty(by), Record: recordPart{
			Seq: r.Record.Seq, At: r.Record.At.UTC().Format(time.RFC3339Nano), RequestID: r.Record.RequestID,
			Person: r.Record.Person, URID: r.Record.URID, OrgODS: r.Record.OrgODS, Action: r.Record.Action,
			Outcome: r.Record.Outcome, Reason: r.Record.Reason, Patients: orEmpty(r.Record.Patients),
		},
	})
}

func (a *app) printReceipt(d receiptDocument) error {
	if a.json {
		return a.print(d)
	}

	w, r := &lines{out: a.out}, d.Record
	w.text("The receipt is valid. Record %d is in the log %s, whose checkpoint covers %d records.", r.Seq, d.Log,
		d.Size)
	if len(d.Witnesses) > 0 {
		w.text("Witnesses that have signed the checkpoint: %s", strings.Join(d.Witnesses, ", "))
	}
	for _, l := range [][2]string{
		{"When", r.At},
		{"Who", r.Person},
		{"In the role", r.URID},
		{"Organisation", r.OrgODS},
		{"What", r.Action},
		{"Outcome", r.Outcome},
		{"Reason", r.Reason},
		{"Patients", strings.Join(r.Patients, ", ")},
		{"Request", r.RequestID},
	} {
		if l[1] != "" {
			w.text("%s: %s", l[0], text.Clean(l[1], maxReceiptLine))
		}
	}
	return w.err
}

// invalidReceipt returns the fault of a receipt that proves nothing.
func invalidReceipt(err error) error {
	return &plainFault{
		"receipt_invalid", "The receipt is not valid: " + err.Error() + ".",
		"Do not rely on it. Ask the hub's operator for another one.", fault.Other,
	}
}

// readSmall returns the contents of a file of at most maxReceiptBytes.
func readSmall(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err == nil && info.Size() > maxReceiptBytes {
		err = fmt.Errorf("%s is too large for a receipt", name)
	}
	if err != nil {
		return nil, &usageError{problem: err.Error()}
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, &usageError{problem: err.Error()}
	}
	return content, nil
}

// readKey returns the key in a file. option is the option that names the file.
func readKey[K any](option, name string, parse func(string) (K, error)) (key K, err error) {
	content, err := os.ReadFile(name)
	if err == nil {
		key, err = parse(string(content))
	}
	if err != nil {
		return key, &usageError{problem: option + " " + name + ": " + err.Error()}
	}
	return key, nil
}
