package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/internal/translog"
)

func newAuditReceipt() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "receipt NUMBER",
		Short: "Write a receipt that proves that a record is in the audit",
		Long: `Write a receipt that proves that the record with this number (seq) is in the audit. The hub may be running.

The receipt has the record, and a proof with a checkpoint that is signed with the key of audit.checkpoint_key_file.
'wardlight receipt verify' checks it without the hub. It names the patient, so only its owner can read the file.`,
		Example: "  wardlight-hub audit receipt 48207 --out receipt.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			seq, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || seq < 1 {
				return fmt.Errorf("%q is not the number of a record", args[0])
			}
			s, err := load(c)
			if err != nil {
				return err
			}
			return writeReceipt(c.Context(), c.OutOrStdout(), s, seq, out)
		},
	}

	c.Flags().StringVar(&out, "out", "", "file to write, which must not exist yet")
	if err := c.MarkFlagRequired("out"); err != nil {
		panic(err) // a flag that was just defined
	}
	return c
}

func writeReceipt(ctx context.Context, told io.Writer, s *settings, seq int64, out string) error {
	if s.checkpoint.key == "" {
		return errors.New("a receipt needs the key of audit.checkpoint_key_file: create one with " +
			"wardlight-hub audit key")
	}
	private, err := s.file("audit.checkpoint_key_file", s.checkpoint.key)
	if err != nil {
		return err
	}
	signer, _, err := translog.SignerOf(string(private))
	if err != nil {
		return s.Reject("audit.checkpoint_key_file", s.checkpoint.key+": "+err.Error(),
			"create one with wardlight-hub audit key")
	}

	ledger, err := openAudit(ctx, s)
	if err != nil {
		return err
	}
	defer ledger.Close() //nolint:errcheck // it was only read
	receipt, err := audit.SignReceipt(ctx, ledger, seq, signer)
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("the ledger has no audit record %d: there are fewer, or it is sealed", seq)
	}
	if err != nil {
		return err
	}

	text, err := json.MarshalIndent(receipt, "", "  ")
	if err != nil {
		return err
	}
	if err := writeNew(out, string(text)+"\n", 0o600); err != nil {
		return err
	}
	_, err = fmt.Fprintf(told, "%s proves record %d to everybody who has the public half of the key.\n", out, seq)
	return err
}
