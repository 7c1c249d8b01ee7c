package main

import "github.com/spf13/cobra"

func newAudit() *cobra.Command {
	c := &cobra.Command{
		Use: "audit", Short: "Check, export and seal the audit, make receipts and the key of its checkpoints",
		Args: cobra.NoArgs,
	}
	c.AddCommand(newAuditVerify(), newAuditExport(), newAuditSeal(), newAuditKey(), newAuditReceipt())
	return c
}
