package main

import "github.com/spf13/cobra"

func newAudit() *cobra.Command {
	c := &cobra.Command{Use: "audit", Short: "Check and export the audit, and make the key of its checkpoints", Args: cobra.NoArgs}
	c.AddCommand(newAuditVerify(), newAuditExport(), newAuditKey())
	return c
}
