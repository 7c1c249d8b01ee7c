package main

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"wardlight/client"
	"wardlight/internal/accessreport"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// reportDocument is the JSON document wardlight.report/1.
type reportDocument struct {
	Schema       string         `json:"schema"`
	Report       string         `json:"report"`
	Organisation string         `json:"organisation"` // ODS code
	From         string         `json:"from"`
	To           string         `json:"to"`
	Made         *string        `json:"made"`
	Number       string         `json:"nhs_number"` // "" unless the report is about a patient
	Person       string         `json:"person"`     // UUID; "" unless the report is about a person
	SealedAt     *string        `json:"sealed_at"`  // accesses of before may be missing; null if none are
	Attendance   attendancePart `json:"attendance"`
	Unusual      []findingPart  `json:"unusual"`  // the most serious first
	Accesses     []accessedRow  `json:"accesses"` // newest first
}

// attendancePart says whether accesses were compared with the site's list of attendances.
type attendancePart struct {
	State string  `json:"state"` // checked, not_checked or could_not_check
	From  *string `json:"from"`  // null unless checked
	Until *string `json:"until"`
}

// findingPart is an unusual access.
type findingPart struct {
	Kind   string     `json:"kind"`
	Words  string     `json:"words"`
	Person personPart `json:"person"`
	Number string     `json:"nhs_number"` // "" for many patients
	Count  int        `json:"count"`
	First  *string    `json:"first"`
	Last   *string    `json:"last"`
}

// accessedRow is a request about patients.
type accessedRow struct {
	At        *string    `json:"at"`
	Person    personPart `json:"person"`
	URID      string     `json:"urid"`
	Action    string     `json:"action"`
	Outcome   string     `json:"outcome"`
	Reason    string     `json:"reason"`
	Numbers   []string   `json:"nhs_numbers"`
	Listed    int        `json:"listed"`
	RequestID string     `json:"request_id"`
	Source    string     `json:"source"`
	Record    int64      `json:"record"`
}

// reportFlags are the flags of the reports.
type reportFlags struct {
	from, to string
	csv      bool
}

func newReport(a *app) *cobra.Command {
	report := &cobra.Command{
		Use:   "report",
		Short: "Make a privacy officer's report about accesses",
		Long: `Make a report about who looked at which patients. It has only requests in roles of your organisation, and a month at
most. Unusual accesses are on top; none of them proves misuse.

A report needs B0264 and B0107 in a role of a privacy officer (R0001) or Caldicott Guardian (R5105). Each report is on record
in the hub's audit. It notifies nobody.`,
		Args: a.noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}

	var f reportFlags
	add := func(use, short, example string, kind client.ReportKind) {
		cmd := &cobra.Command{
			Use: use, Short: short, Example: "  wardlight report " + example,
			ValidArgsFunction: cobra.NoFileCompletions,
			RunE: func(cmd *cobra.Command, args []string) error {
				q, err := f.read(kind, args, nhs.DateOf(a.now()), a.json)
				if err != nil {
					return err
				}
				return a.inRole(cmd.Context(), needReport, func(ctx context.Context, s *cardSession) error {
					r, err := s.sessions.Report(ctx, q)
					if err != nil {
						return err
					}
					return a.showReport(r, f.csv)
				})
			},
		}
		cmd.Flags().StringVar(&f.from, "from", "", "first `DATE`, in the United Kingdom")
		cmd.Flags().StringVar(&f.to, "to", "", "last `DATE`, at most a month after the first; today without it")
		cmd.Flags().BoolVar(&f.csv, "csv", false, "write the accesses as a table (CSV)")
		report.AddCommand(cmd)
	}
	add("patient-access NHS-NUMBER", "Report who looked at a patient",
		"patient-access 9990000018 --from 1/11/2026", client.PatientAccess)
	add("user-access UUID", "Report which patients a person looked at",
		"user-access 999000000111 --from 1/11/2026 --to 30/11/2026 --json", client.UserAccess)
	add("patient-enquiries", "Report all enquiries about patients",
		"patient-enquiries --from 1/11/2026 --csv > all.csv", client.PatientEnquiries)
	report.AddCommand(newReportAlerts(a), newCloseAlert(a))
	return report
}

func needReport(rbac.RoleProfile) []rbac.Action { return []rbac.Action{rbac.MakePrivacyReport} }

// read returns the query that the command line specifies. Errors are *usageError and *nhs.FormError.
func (f reportFlags) read(kind client.ReportKind, args []string, today nhs.Date,
	json bool,
) (client.ReportQuery, error) {
	q := client.ReportQuery{Kind: kind, To: today}
	given := strings.Join(args, " ")
	var err error
	switch {
	case json && f.csv:
		return q, jsonOrCSV()
	case kind == client.PatientAccess && given == "":
		return q, &usageError{problem: "give an NHS number", hint: "wardlight report patient-access NHS-NUMBER"}
	case kind == client.PatientAccess:
		if q.Number, err = nhs.ParseNumber(given); err != nil {
			return q, err
		}
	case kind == client.UserAccess && !nhs.IsUserID(given):
		return q, &usageError{
			problem: "give a person's UUID", hint: "it has 12 digits: wardlight report user-access 999000000111",
		}
	case kind == client.UserAccess:
		q.Person = given
	case given != "":
		return q, &usageError{
			problem: "patient-enquiries is about all patients and persons", hint: "leave out " + given,
		}
	}

	q.From, q.To, err = accessreport.ParsePeriod(f.from, f.to, today)
	return q, wrongPeriod(err)
}

// jsonOrCSV returns the error for two output formats.
func jsonOrCSV() error { return &usageError{problem: "give --json or --csv, not both"} }

// wrongPeriod returns the *usageError for the flag that an *accessreport.PeriodError is about. Other errors, and nil,
// are returned unchanged.
func wrongPeriod(err error) error {
	var wrong *accessreport.PeriodError
	if !errors.As(err, &wrong) {
		return err
	}
	flag, hint := "--from", ""
	if wrong.Last {
		flag = "--to"
	}
	if !wrong.Latest.IsZero() {
		hint = "the last day for this --from: --to " + wrong.Latest.FHIR()
	}
	return &usageError{problem: flag + ": " + wrong.Sentence, hint: hint}
}

// showReport writes the report in the format that the flags require.
func (a *app) showReport(r client.Report, csv bool) error {
	switch {
	case a.json:
		return a.print(documentOfReport(r))
	case csv:
		_, err := a.out.Write(accessreport.Table(r, a.zone()))
		return err
	}

	w := &lines{out: a.out}
	w.text("%s   %s to %s   %s", r.Query.Kind, r.Query.From, r.Query.To, r.Organisation)
	w.text("%s", accessreport.Attendance(r.Attendance, a.zone()))
	for _, notice := range accessreport.Notices(r, a.zone()) {
		w.text("%s", notice)
	}

	w.text("")
	w.text("Unusual: %s", orNone(countedFindings(r)))
	for _, f := range r.Unusual {
		w.text("  %s: %s  %s  %d  %s to %s", accessreport.Clause(f.Kind), accessreport.Who(f.Person),
			accessreport.Patient(f), f.Count, nhs.Instant(f.First, a.zone()), nhs.Instant(f.Last, a.zone()))
	}

	w.text("")
	w.text("Accesses: %d", len(r.Accesses))
	for _, x := range r.Accesses {
		w.text("  %s  %s  %s: %s  %s", nhs.Instant(x.When, a.zone()), accessreport.Who(x.Person), x.Action,
			accessreport.Outcome(x), accessreport.Patients(x))
	}
	return w.err
}

// countedFindings returns the number of findings, or "" if there are none.
func countedFindings(r client.Report) string {
	if len(r.Unusual) == 0 {
		return ""
	}
	return strconv.Itoa(len(r.Unusual))
}

func documentOfReport(r client.Report) reportDocument {
	d := reportDocument{
		Schema: "wardlight.report/1", Report: string(r.Query.Kind), Organisation: r.Organisation,
		From: r.Query.From.FHIR(), To: r.Query.To.FHIR(), Made: instant(r.Made), Number: r.Query.Number.Digits(),
		Person: r.Query.Person, SealedAt: instant(r.SealedAt), Attendance: attendancePart{
			State: r.Attendance.State.String(), From: instant(r.Attendance.From), Until: instant(r.Attendance.Until),
		}, Unusual: []findingPart{}, Accesses: []accessedRow{},
	}

	for _, f := range r.Unusual {
		d.Unusual = append(d.Unusual, findingPart{
			Kind: string(f.Kind), Words: accessreport.Clause(f.Kind), Person: partOfPerson(f.Person),
			Number: f.Number.Digits(), Count: f.Count, First: instant(f.First), Last: instant(f.Last),
		})
	}

	for _, x := range r.Accesses {
		row := accessedRow{
			At: instant(x.When), Person: partOfPerson(x.Person), URID: x.URID, Action: x.Action, Outcome: x.Outcome,
			Reason: x.Reason, Numbers: []string{}, Listed: x.Listed, RequestID: x.RequestID, Source: x.Source,
			Record: x.Record,
		}
		for _, n := range x.Patients {
			row.Numbers = append(row.Numbers, n.Digits())
		}
		d.Accesses = append(d.Accesses, row)
	}
	return d
}
