package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"wardlight/hub/audit"
	"wardlight/hub/store"
)

// progressEvery is the number of records between two progress lines.
const progressEvery = 500_000

func newAuditVerify() *cobra.Command {
	var o verifyOptions
	asJSON := false
	c := &cobra.Command{
		Use:   "verify",
		Short: "Check that no audit record was changed, removed or moved",
		Long: `Check that no audit record was changed, removed or moved. The hub may be running.

Only a checkpoint (--checkpoint) shows for certain that records were deleted at the end, or that the whole audit was
rewritten. If records were sealed, the remaining records are checked; give the file of each seal (--sealed, repeated) to
check them all. The access history is compared with the openings on record.

Exit codes: 0 if the audit is valid; 1 if it is not, with the first record that is wrong; 2 if it could not be checked.`,
		Args: func(c *cobra.Command, args []string) error { return unchecked(cobra.NoArgs(c, args)) },
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := load(c)
			if err != nil {
				return err
			}
			d := newVerification(time.Now())
			out := c.OutOrStdout()
			if asJSON {
				out = io.Discard
			}
			err = verifyAudit(c.Context(), out, c.ErrOrStderr(), s, o, d)
			if asJSON {
				return errors.Join(d.write(c.OutOrStdout(), err), err)
			}
			return err
		},
	}

	// With invalid flags nothing was checked, so the exit code is exitUnchecked.
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return unchecked(err) })
	f := c.Flags()
	f.StringVar(&o.checkpoint, "checkpoint", "", "file of signed checkpoints that the audit must agree with")
	f.StringArrayVar(&o.sealed, "sealed", nil, "file of sealed records; may be repeated")
	f.StringVar(&o.key, "checkpoint-key", "", "file with the public half of the key that signed them")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func unchecked(err error) error {
	if err == nil {
		return nil
	}
	return uncheckedError{err}
}

// verifyOptions are files: of checkpoints, of their public key, and of sealed records.
type verifyOptions struct {
	checkpoint, key string
	sealed          []string
}

// verifyAudit verifies the audit, prints the result and adds it to d.
func verifyAudit(ctx context.Context, out, progress io.Writer, s *settings, o verifyOptions, d *verification,
) (err error) {
	defer func() {
		if err != nil && findingOf(err) == nil {
			err = unchecked(fmt.Errorf("the audit could not be checked: %w", err))
		}
	}()

	list, err := readCheckpoints(o.checkpoint, o.key)
	if err != nil {
		return err
	}
	for _, line := range list.Incomplete {
		fmt.Fprintf(progress, "Line %d of %s: a checkpoint that was not written completely. It was left out.\n", line,
			o.checkpoint)
	}
	checkpoints := list.Checkpoints
	d.Checkpoints, d.Incomplete = len(checkpoints), append(d.Incomplete, list.Incomplete...)

	ledger, err := openAudit(ctx, s)
	if err != nil {
		return err
	}
	defer ledger.Close() //nolint:errcheck // it was only read
	newest, err := ledger.AuditHead(ctx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}

	check := audit.Check{Checkpoints: checkpoints, Progress: func(h audit.Head) {
		if h.Records%progressEvery == 0 {
			fmt.Fprintf(progress, "%d of %d records checked.\n", h.Records, max(newest.Seq, h.Records))
		}
	}}

	trail, left, err := toVerify(ctx, ledger, o.sealed)
	if err != nil {
		return err
	}

	head, err := check.Verify(ctx, trail)
	d.Records, d.Hash, d.SealedTo = head.Records, base64.StdEncoding.EncodeToString(head.Hash), left.Last
	if err == nil {
		err = audit.CheckTail(ctx, ledger)
	}
	if err != nil {
		return reportTrusted(out, err, left.Last+1, head, checkpoints)
	}

	words := fmt.Sprintf("The audit is valid: %d records, the last with the hash %s.", head.Records,
		base64.StdEncoding.EncodeToString(head.Hash))
	if head.Records == 0 {
		words = "The audit has no records: none were written, or all were deleted."
	}

	if _, err := fmt.Fprintln(out, words); err != nil {
		return err
	}

	if left.Last > 0 {
		checkpoints = slices.DeleteFunc(checkpoints, func(c audit.Checkpoint) bool { return c.Records < left.Last })
		if _, err := fmt.Fprintf(out, "Records 1 to %d are sealed, the last of them in %s: they were not checked "+
			"(--sealed FILE).\n", left.Last, left.File); err != nil {
			return err
		}
	}

	if n := len(checkpoints); n > 0 {
		last := checkpoints[n-1]
		d.Confirmed = last.Records
		_, err = fmt.Fprintf(out, "It matches %d checkpoints of %s, the last of %s: nothing up to record %d was "+
			"deleted or rewritten.\n",
			n, last.Origin, last.At.UTC().Format(time.RFC3339), last.Records)
	} else {
		_, err = fmt.Fprintln(out, "Without a checkpoint, deleted records at its end, or a complete rewrite, are not "+
			"detected.")
	}
	if err != nil {
		return err
	}

	if d.Accesses, err = audit.CompareAccesses(ctx, ledger, trail); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "The access history has %d accesses, each with its opening on record.\n", d.Accesses)
	return err
}

// toVerify returns the trail to verify, and the last seal whose records are not in it. If the files of all seals are
// given, that seal is empty.
func toVerify(ctx context.Context, ledger audit.Trail, sealed []string) (audit.Trail, store.AuditSeal, error) {
	if len(sealed) > 0 {
		whole, err := audit.Unseal(ctx, ledger, sealed)
		return whole, store.AuditSeal{}, err
	}
	seals, err := ledger.AuditSeals(ctx)
	if err != nil || len(seals) == 0 {
		return ledger, store.AuditSeal{}, err
	}
	return ledger, seals[len(seals)-1], nil
}

// reportTrusted prints which records can still be trusted.
func reportTrusted(out io.Writer, found error, first int64, head audit.Head, checkpoints []audit.Checkpoint) error {
	var confirmed int64
	var contradicted *audit.ContradictedError
	var broken *audit.BrokenError
	switch {
	case errors.As(found, &contradicted):
		confirmed = contradicted.Confirmed
	case errors.As(found, &broken):
		for _, c := range checkpoints {
			if c.Records <= head.Records {
				confirmed = c.Records
			}
		}
		words := fmt.Sprintf("Records %d to %d form a valid chain.", first, head.Records)
		if head.Records < first {
			words = "The first record is not valid."
		}
		if _, err := fmt.Fprintln(out, words); err != nil {
			return err
		}
	default:
		return found
	}

	if len(checkpoints) > 0 {
		words := fmt.Sprintf("Records 1 to %d match a signed checkpoint.", confirmed)
		if confirmed == 0 {
			words = "No checkpoint matches the records."
		}
		if _, err := fmt.Fprintln(out, words); err != nil {
			return err
		}
	}

	return found
}
