package main

import (
	"context"
	"os"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"wardlight/client"
	"wardlight/internal/receiptfile"
	"wardlight/rbac"
)

// savedReceiptDocument is wardlight.receipt_get/1.
type savedReceiptDocument struct {
	Schema    string `json:"schema"`
	File      string `json:"file"`
	RequestID string `json:"request_id"`
	Record    int64  `json:"record"` // number of the audit record
	Action    string `json:"action"`
	Outcome   string `json:"outcome"`
}

func newReceiptGet(a *app) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "get ID",
		Short: "Save the receipt of a check or an opening of yours",
		Long: `Save the receipt of a check or an opening of yours. It proves that the request is in the hub's audit. It notifies nobody.

The request id is the one that 'wardlight alert --json' writes, and that is on the receipt of the screens.

'wardlight receipt verify' checks the file without the hub. It names the patient, so only you can read it.`,
		Example: "  wardlight receipt get 6d3a4bd5-7a3c-4c6c-9a77-6f6a6a3d2a10 --out receipt.json",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &usageError{
					problem: "give the request id of one check or opening",
					hint:    "wardlight receipt get ID --out FILE",
				}
			}
			id, err := uuid.Parse(args[0])
			if err != nil {
				return &usageError{problem: "the request id is no UUID", hint: "wardlight alert --json writes it"}
			}
			if err := checkReceiptFile("--out", file); err != nil {
				return err
			}

			return a.inRole(cmd.Context(), needReceipt, func(ctx context.Context, s *cardSession) error {
				r, err := s.saveReceipt(ctx, id.String(), file)
				if err != nil {
					return err
				}
				return a.printSaved(savedReceiptDocument{
					Schema: "wardlight.receipt_get/1", File: file, RequestID: r.RequestID, Record: r.Record,
					Action: r.Action, Outcome: r.Outcome,
				})
			})
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.Flags().StringVar(&file, "out", "", "write the receipt to `FILE`, which must not exist yet")
	return cmd
}

func needReceipt(rbac.RoleProfile) []rbac.Action { return []rbac.Action{rbac.ReadAccessList} }

func (a *app) printSaved(d savedReceiptDocument) error {
	if a.json {
		return a.print(d)
	}
	w := &lines{out: a.out}
	w.text("%s has the receipt of audit record %d: %s, %s.", d.File, d.Record, d.Action, d.Outcome)
	return w.err
}

// checkReceiptFile returns a *usageError unless a new file of that name can be written, as far as that is known.
func checkReceiptFile(option, name string) error {
	if name == "" {
		return &usageError{problem: option + " is missing", hint: "give the file to write, such as receipt.json"}
	}
	if _, err := os.Lstat(name); err == nil {
		return &usageError{problem: option + ": " + name + " exists already", hint: "give another file"}
	}
	return nil
}

// saveReceipt gets the receipt of a request and writes it to a new file that only its owner can read.
func (s *cardSession) saveReceipt(ctx context.Context, requestID, name string) (client.Receipt, error) {
	r, err := s.sessions.Receipt(ctx, requestID)
	if err != nil {
		return r, receiptfile.ErrorOf(err, requestID)
	}
	return r, receiptfile.Save(name, r)
}
