package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"wardlight/hub/audit"
	"wardlight/hub/cpis"
	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/nhs"
	clean "wardlight/internal/text"
)

func newPlan() *cobra.Command {
	c := &cobra.Command{
		Use:   "plan",
		Short: "List, end and remove plans on behalf of an authority",
		Long: `List, end and remove plans. An authority ends and deletes its own plans by uploading a row with their reference. These
commands are for plans for which that is not possible, such as a plan that was imported without a reference.

The hub may be running. Changes are recorded in the audit.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newPlanList(), newPlanEnd(), newPlanRemove())
	return c
}

func newPlanList() *cobra.Command {
	var number, authority string
	var asJSON bool
	c := &cobra.Command{
		Use:   "list (--nhs-number N | --authority CODE)",
		Short: "List the plans of a patient, or of an authority",
		Long: `List the plans of a patient, under all of the patient's NHS numbers, or the plans of an authority, whether they are an alert
today or not. The end shown is the effective one: the authority's, or the day on which the hub ends the plan by rule.`,
		Args: cobra.NoArgs,
		RunE: withSettingsAndStore(func(c *cobra.Command, _ []string, s *settings, ledger store.Store) error {
			l := planList{records: trace.New(ledger), window: s.window}
			act := store.AuditRecord{
				At: time.Now(), OrgODS: authority, Action: audit.ListPlans,
				Reason: operatorReason(),
			}

			var stored []store.PlanWithAuthority
			var err error
			if authority != "" {
				if err := knownAuthority(c, ledger, authority); err != nil {
					return err
				}
				stored, err = ledger.PlansOf(c.Context(), authority)
			} else {
				n, wrong := nhs.ParseNumber(number)
				if wrong != nil {
					return fmt.Errorf("--nhs-number: %w", wrong)
				}
				patient, wrong := l.records.RecordStatus(c.Context(), n)
				if wrong != nil {
					return wrong
				}
				act.Patients = []nhs.Number{n}
				stored, err = ledger.Plans(c.Context(), patient.Numbers)
			}

			if err != nil {
				return err
			}

			all, err := l.shown(c.Context(), stored)
			if err != nil {
				return err
			}
			if err := commitRecord(c.Context(), ledger, &store.Entry{Audit: act}); err != nil {
				return err
			}
			if asJSON {
				return printPlans(c.OutOrStdout(), all)
			}

			return planTable(c.OutOrStdout(), all)
		}),
	}

	f := c.Flags()
	f.StringVar(&number, "nhs-number", "", "only those of this NHS number; for an unborn child, the mother's")
	f.StringVar(&authority, "authority", "", "only those of the authority with this code")
	f.BoolVar(&asJSON, "json", false, "print one JSON object per line")
	c.MarkFlagsOneRequired("nhs-number", "authority")
	c.MarkFlagsMutuallyExclusive("nhs-number", "authority")
	return c
}

// plan is a plan as printed. It contains no data about the child. Dates have the form 2026-07-15.
type plan struct {
	ID           string         `json:"id"`
	Authority    string         `json:"authority"`
	Kind         store.PlanKind `json:"kind"`
	Start        string         `json:"start"`
	End          string         `json:"end,omitempty"`         // the end in force
	EndByRule    cpis.Rule      `json:"end_by_rule,omitempty"` // rule that set the end; absent if the authority set it
	Due          string         `json:"due,omitempty"`
	Reference    string         `json:"reference,omitempty"`
	VisibleUntil string         `json:"visible_until,omitempty"` // last visible day; absent if the plan has no end
}

// planList converts plans for printing.
type planList struct {
	records *trace.Service
	window  cpis.Window
}

// shown returns plans for printing, sorted by authority, start and id.
func (l planList) shown(ctx context.Context, stored []store.PlanWithAuthority) ([]plan, error) {
	slices.SortFunc(stored, func(a, b store.PlanWithAuthority) int {
		return cmp.Or(cmp.Compare(a.Authority, b.Authority), cmp.Compare(a.Start.FHIR(), b.Start.FHIR()),
			cmp.Compare(a.ID, b.ID))
	})
	all := make([]plan, 0, len(stored))
	for _, h := range stored {
		p, err := l.one(ctx, h.Plan)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// one returns a plan for printing. Its end by rule depends on the birth date in the current record.
func (l planList) one(ctx context.Context, p store.Plan) (plan, error) {
	patient, err := l.records.RecordStatus(ctx, p.Number)
	if err != nil {
		return plan{}, err
	}
	end, rule := cpis.EndOf(p, patient.Born)
	return plan{
		ID: p.ID, Authority: p.Authority, Kind: p.Kind, Start: p.Start.FHIR(), End: end.FHIR(), EndByRule: rule,
		Due:       p.Due.FHIR(),
		Reference: p.Reference, VisibleUntil: l.window.VisibleUntil(p, patient.Born).FHIR(),
	}, nil
}

func printPlans(w io.Writer, all []plan) error {
	lines := json.NewEncoder(w)
	for _, p := range all {
		if err := lines.Encode(p); err != nil {
			return err
		}
	}
	return nil
}

func planTable(w io.Writer, all []plan) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(w, "There is no such plan.")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tAUTHORITY\tKIND\tSTART\tEND\tDUE\tREFERENCE\tVISIBLE UNTIL")
	for _, p := range all {
		end := p.End
		if p.EndByRule != cpis.NoRule {
			end += ", " + string(p.EndByRule)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", clean.Clean(p.ID, 0), p.Authority, p.Kind, p.Start,
			dashIfEmpty(end), dashIfEmpty(p.Due),
			dashIfEmpty(clean.Clean(p.Reference, 0)), dashIfEmpty(p.VisibleUntil))
	}
	return t.Flush()
}

// dashIfEmpty returns s, or "-" if s is empty, so that no table cell is empty.
func dashIfEmpty(s string) string { return cmp.Or(s, "-") }

// findPlan returns the plan with that id, or an error that names the id.
func findPlan(ctx context.Context, ledger store.Store, id string) (store.Plan, error) {
	stored, err := ledger.Plan(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return stored.Plan, noPlan(id)
	}
	return stored.Plan, err
}

func noPlan(id string) error {
	return fmt.Errorf("no plan has the id %q: 'wardlight-hub plan list' shows ids", id)
}
