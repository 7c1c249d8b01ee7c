package main

import (
	"cmp"
	"context"
	"strings"

	"github.com/spf13/cobra"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/summary"
	"wardlight/rbac"
)

// summaryWidth is the width of the text output, in cells.
const summaryWidth = 80

// summaryFlags are the flags of the command.
type summaryFlags struct {
	permission, basis, reason string

	queue string // print queue; "" prints nothing
}

// view returns the justification that the flags give. Errors are *usageError.
func (f summaryFlags) view() (client.SummaryView, error) {
	v := client.SummaryView{
		Permission: client.Permission(f.permission), Basis: client.LegalBasis(f.basis), Reason: f.reason,
	}
	problem := v.Lacks()
	switch {
	case problem == "":
		return v, nil
	case v.Action() == 0:
		return v, &usageError{problem: problem, hint: "--permission patient, emergency or legal"}
	case v.Permission == client.ByLaw && v.Basis == "":
		return v, &usageError{problem: problem, hint: "--basis public-interest, statute or court-order"}
	}
	return v, &usageError{problem: problem, hint: "wardlight summary NHS-NUMBER --permission emergency --reason 'TEXT'"}
}

func newSummary(a *app) *cobra.Command {
	var f summaryFlags
	cmd := &cobra.Command{
		Use:   "summary NHS-NUMBER",
		Short: "View a patient's Summary Care Record: allergies first",
		Long: `View a patient's Summary Care Record, with allergies first. It is from the patient's general practice and may not
include everything. No summary, or an empty section, never means that there are no allergies.

--permission says why you may view it, each time:

  patient    the patient, or who may decide for the patient, was asked and agreed
  emergency  the patient could not be asked (B0168); --reason is required
  legal      the law allows it (B0082); --basis and --reason are required

Each view is on record at the hub, with its permission. A view in an emergency or by law alerts the privacy officer of your
organisation, once. If its answer does not arrive, the same command again makes no second alert.

With --print as well, the whole summary is printed on that CUPS queue, if the setting summary.print allows it.

It needs B0370. The exit code is 0 when the hub answered, also that there is no summary, and 5 when the summary could not
be checked. It is 9 when the summary was not printed, or is not known to have come out.

The reason is on the command line, where every user of the computer can read it: do not name the patient in it.`,
		Example: "  wardlight summary 9990000018 --permission patient\n" +
			"  wardlight summary 9990000018 --permission emergency --reason 'unconscious' --json",
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{
					problem: "give an NHS number",
					hint:    "wardlight summary NHS-NUMBER --permission patient",
				}
			}
			number, err := nhs.ParseNumber(strings.Join(args, " "))
			if err != nil {
				return err
			}
			view, err := f.view()
			if err != nil {
				return err
			}

			if err := checkQueue(cmd, f.queue); err != nil {
				return err
			}
			if f.queue != "" {
				if err := a.checkPrintsSummaries(); err != nil {
					return err
				}
			}

			needs := func(rbac.RoleProfile) []rbac.Action { return []rbac.Action{rbac.TracePatient, view.Action()} }
			return a.inRole(cmd.Context(), needs, func(ctx context.Context, s *cardSession) error {
				return a.summary(ctx, s, number, view, f.queue)
			})
		},
	}
	cmd.Flags().StringVar(&f.permission, "permission", "", "`WHY` you may view it: patient, emergency or legal")
	cmd.Flags().StringVar(&f.basis, "basis", "", "with legal, which `LAW`: public-interest, statute or court-order")
	cmd.Flags().StringVar(&f.reason, "reason", "", "the reason, as `TEXT` of at most 200 characters")
	cmd.Flags().StringVar(&f.queue, "print", "", "print the whole summary on the CUPS queue of this `NAME`")
	if err := cmd.RegisterFlagCompletionFunc("print", completion(a.queueChoices)); err != nil {
		panic(err) // there is no such flag
	}
	return cmd
}

// checkPrintsSummaries returns an error unless the settings allow to print summaries. It is called before the summary
// is viewed.
func (a *app) checkPrintsSummaries() error {
	c, err := a.load()
	if err != nil || c.SummaryPrint {
		return err
	}
	return &usageError{
		problem: "the setting summary.print does not allow to print summaries on this computer",
		hint:    "leave --print out, or ask who looks after this computer about summary.print",
	}
}

// summary retrieves the patient's record, views the summary, prints it on the queue unless that is "", and shows both.
// Without a record nothing is viewed.
func (a *app) summary(ctx context.Context, s *cardSession, n nhs.Number, v client.SummaryView, queue string) error {
	patient, err := s.sessions.Patient(ctx, n)
	if err != nil {
		return err
	}
	got := viewedSummary{
		patient: patient, role: s.role, view: v, Summary: s.sessions.ViewSummary(ctx, patient.Number, v),
	}
	if queue != "" && got.State == client.SummaryAvailable {
		got.printed = a.printSummaryOn(ctx, s, got, queue)
	}

	show := a.showSummary
	if a.json {
		show = a.printSummary
	}
	if err := show(got); err != nil {
		return err
	}
	if err := cmp.Or(summaryFailure(got.Summary), got.printed.err); err != nil {
		return shownError{err}
	}
	return nil
}

// viewedSummary is a view with its patient, role and permission.
type viewedSummary struct {
	patient client.Patient
	role    rbac.RoleProfile
	view    client.SummaryView
	client.Summary

	printed printJob
}

// errOutdated is the error of a summary that was replaced while it was fetched.
var errOutdated = &client.Error{Kind: client.Malformed, Detail: summary.Outdated.String()}

// summaryFailure returns the error for the exit code, or nil if the hub answered.
func summaryFailure(s client.Summary) error {
	switch s.State {
	case client.SummaryAvailable, client.SummaryNone, client.SummaryNotPermitted:
		return nil
	case client.SummaryOutdated:
		return errOutdated
	default:
		return s.Err
	}
}

// showSummary writes the view as text.
func (a *app) showSummary(v viewedSummary) error {
	w := &lines{out: a.out}
	w.text("%s", banner(v.patient, a.now()))
	if v.State != client.SummaryAvailable {
		w.text("%s", v.State)
		if v.Err != nil {
			f := faultOf(v.Err)
			w.text("%s %s (%s)", f.Sentence(), f.Advice(), f.Code())
		}
		return w.err
	}
	for _, l := range v.Document.Lines(summaryWidth, a.zone()) {
		w.text("%s", l.Text)
	}
	if v.view.Alerts() {
		w.text("")
		w.text("The privacy officer of your organisation has been alerted to this view.")
	}
	v.printed.show(w)
	return w.err
}
