package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/config"
	"wardlight/internal/nhs"
)

// maxYearsAhead limits how many years in the future a plan may end, as in an upload: a plan ends by the 18th birthday.
const maxYearsAhead = 18

func newPlanEnd() *cobra.Command {
	var on, reason string
	c := &cobra.Command{
		Use:   "end ID --on DAY",
		Short: "Set the last day of a plan",
		Long: `Set the last day of a plan. The rest of the plan is not changed. It remains an alert for as long as any plan that has ended;
an unborn child's plan with a due date remains one for 28 days after the due date or the end, whichever is later. Use
'wardlight-hub plan remove' for a plan that was on file by mistake.`,
		Example: "  wardlight-hub plan end 0b9f4a52-3d1e-4c7a-9a55-6a2f3c1d7e88 --on 2026-07-15",
		Args:    cobra.ExactArgs(1),
		RunE: withSettingsAndStore(func(c *cobra.Command, args []string, s *settings, ledger store.Store) error {
			day, err := nhs.ParseDate(on)
			if err != nil || !day.Complete() || len(on) != len(time.DateOnly) {
				return fmt.Errorf("--on must be a day, such as 2026-07-15, not %q", on)
			}
			if far := nhs.DateOf(time.Now().AddDate(maxYearsAhead, 0, 0)); far.Before(day) {
				return fmt.Errorf("--on: %s is more than %d years ahead", on, maxYearsAhead)
			}

			p, err := findPlan(c.Context(), ledger, args[0])
			if err != nil {
				return err
			}
			if day.Before(p.Start) {
				return fmt.Errorf("--on: the plan starts on %s, and cannot end before", p.Start.FHIR())
			}
			if err := changePlan(c.Context(), ledger, p, store.PlanChange{ID: p.ID, End: day}, audit.EndPlan,
				reason); err != nil {
				return err
			}

			p.End = day
			shown, err := planList{trace.New(ledger), s.window}.one(c.Context(), p)
			if err != nil {
				return err
			}

			_, err = fmt.Fprintf(c.OutOrStdout(), "Plan %s of %s ends on %s; it is visible until %s.\n", p.ID,
				p.Authority, shown.End, dashIfEmpty(shown.VisibleUntil))
			return err
		}),
	}

	c.Flags().StringVar(&on, "on", "", "the plan's last day, such as 2026-07-15")
	c.Flags().StringVar(&reason, "reason", "", flagReason)
	_ = c.MarkFlagRequired("on")
	return c
}

func newPlanRemove() *cobra.Command {
	var yes bool
	var reason string
	c := &cobra.Command{
		Use:   "remove ID",
		Short: "Remove a plan that was on file by mistake",
		Long: `Remove a plan that was on file by mistake: it is no longer an alert, and its authority is no longer notified. If the plan was
correct and is over, end it instead.

The command asks for confirmation, which is "yes". In scripts, use --yes.`,
		Args: cobra.ExactArgs(1),
		RunE: withSettingsAndStore(func(c *cobra.Command, args []string, s *settings, ledger store.Store) error {
			p, err := findPlan(c.Context(), ledger, args[0])
			if err != nil {
				return err
			}

			if !yes {
				shown, err := planList{trace.New(ledger), s.window}.one(c.Context(), p)
				if err != nil {
					return err
				}
				if err := planTable(c.ErrOrStderr(), []plan{shown}); err != nil {
					return err
				}
				fmt.Fprint(c.ErrOrStderr(), "Remove this plan? Type yes: ")
				if !readYes(c.InOrStdin()) {
					return errors.New("nothing was removed: answer yes, or use --yes")
				}
			}

			if err := changePlan(c.Context(), ledger, p, store.PlanChange{ID: p.ID, Remove: true}, audit.RemovePlan,
				reason); err != nil {
				return err
			}

			_, err = fmt.Fprintf(c.OutOrStdout(), "Plan %s of %s is removed.\n", p.ID, p.Authority)
			return err
		}),
	}

	c.Flags().BoolVar(&yes, "yes", false, "do not ask for confirmation")
	c.Flags().StringVar(&reason, "reason", "", flagReason)
	return c
}

const flagReason = "the reason, without names, for the audit"

// readYes reads a line and reports whether it is "yes".
func readYes(from io.Reader) bool {
	line, _ := bufio.NewReader(from).ReadString('\n') // an answer may end without a newline
	return strings.TrimSpace(line) == "yes"
}

// changePlan changes a plan and writes the audit record, in one transaction.
func changePlan(ctx context.Context, ledger store.Store, p store.Plan, change store.PlanChange, action,
	reason string,
) error {
	if err := config.OneLine(reason); err != nil {
		return fmt.Errorf("--reason: %w", err)
	}
	why := operatorReason(planWords(p, change), reason)
	err := commitRecord(ctx, ledger, &store.Entry{Change: &store.Change{Plan: &change}, Audit: store.AuditRecord{
		At: time.Now(), OrgODS: p.Authority, Action: action, Reason: why, Patients: []nhs.Number{p.Number},
	}})
	if errors.Is(err, store.ErrNoPlan) { // removed in the meantime
		return noPlan(p.ID)
	}
	return err
}

// planWords describes a plan and its changes, with old and new values. It names no patient.
func planWords(p store.Plan, change store.PlanChange) string {
	words := fmt.Sprintf("plan %s, %s from %s", p.ID, p.Kind, p.Start.FHIR())
	if change.Remove {
		return words
	}
	end := "none"
	if !p.End.IsZero() {
		end = p.End.FHIR()
	}
	return words + ", end " + end + " to " + change.End.FHIR()
}
