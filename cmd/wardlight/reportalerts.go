package main

import (
	"context"

	"github.com/spf13/cobra"

	"wardlight/client"
	"wardlight/internal/accessreport"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// alertsDocument is the JSON document wardlight.privacy-alerts/1.
type alertsDocument struct {
	Schema       string             `json:"schema"`
	Organisation string             `json:"organisation"` // ODS code
	State        string             `json:"state"`        // open or all
	From         string             `json:"from"`         // "" without --from
	To           string             `json:"to"`
	Made         *string            `json:"made"`
	NotShown     []string           `json:"not_shown"` // the kinds that the role may not see
	Alerts       []privacyAlertPart `json:"alerts"`    // newest first
}

// closedDocument is the JSON document wardlight.privacy-alert/1.
type closedDocument struct {
	Schema string           `json:"schema"`
	Alert  privacyAlertPart `json:"alert"`
}

// privacyAlertPart is a privacy alert.
type privacyAlertPart struct {
	ID        string       `json:"id"`
	At        *string      `json:"at"`
	Kind      string       `json:"kind"`   // access or claim
	Reason    string       `json:"reason"` // as in the national API
	Words     string       `json:"words"`  // the person's own
	Number    string       `json:"nhs_number"`
	Person    personPart   `json:"person"`
	URID      string       `json:"urid"`
	Role      string       `json:"role"`
	Session   string       `json:"session"` // as in the hub's audit
	RequestID string       `json:"request_id"`
	National  sendingPart  `json:"national"`
	Closed    *closingPart `json:"closed"` // null while the alert is open
}

// sendingPart says whether the national service has the alert.
type sendingPart struct {
	State string  `json:"state"`
	At    *string `json:"at"`
	Error string  `json:"error"`
}

// closingPart is how an alert was closed.
type closingPart struct {
	At   *string    `json:"at"`
	By   personPart `json:"by"`
	Note string     `json:"note"`
}

func newReportAlerts(a *app) *cobra.Command {
	var all, csv bool
	var from, to string
	alerts := &cobra.Command{
		Use:   "alerts",
		Short: "List privacy alerts: views without the patient's permission",
		Long: `List the privacy alerts of your organisation that are open, newest first: views of a Summary Care Record in an emergency
or by law, and self-claimed legitimate relationships. With --all closed ones, too.

It needs B0264 and B0107, and B0015 (views) or B0016 (claims), in a role of a privacy officer (R0001) or Caldicott
Guardian (R5105). The list is on record in the hub's audit.`,
		Example:           "  wardlight report alerts\n  wardlight report alerts --all --from 1/11/2026 --json",
		Args:              noArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if a.json && csv {
				return jsonOrCSV()
			}
			q, err := readAlertQuery(all, from, to, nhs.DateOf(a.now()))
			if err != nil {
				return err
			}
			return a.inRole(cmd.Context(), needAlerts, func(ctx context.Context, s *cardSession) error {
				list, err := s.sessions.PrivacyAlerts(ctx, q)
				if err != nil {
					return err
				}
				return a.showAlerts(list, csv)
			})
		},
	}
	alerts.Flags().BoolVar(&all, "all", false, "closed alerts, too")
	alerts.Flags().StringVar(&from, "from", "", "first `DATE`, in the United Kingdom; all without it")
	alerts.Flags().StringVar(&to, "to", "", "last `DATE`; all without it")
	alerts.Flags().BoolVar(&csv, "csv", false, "write the alerts as a table (CSV)")
	return alerts
}

func newCloseAlert(a *app) *cobra.Command {
	var note string
	closes := &cobra.Command{
		Use:   "close-alert ALERT-ID",
		Short: "Close a privacy alert with a note",
		Long: `Close a privacy alert of your organisation, with a note about what came of it. It stays on record, and cannot be opened
again. The same command again changes nothing. Other users of this computer can read the command line: do not name the
patient in the note.`,
		Example: "  wardlight report close-alert 4f3c1de0-6d0d-4e0a-9f61-5a4a9d9a7f10 " +
			"--note 'Emergency confirmed'",
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			hint := "wardlight report close-alert ALERT-ID --note 'TEXT'"
			switch problem := client.LacksNote(note); {
			case len(args) != 1:
				return &usageError{problem: "give the ID of one alert", hint: hint}
			case problem != "":
				return &usageError{problem: problem, hint: hint}
			}
			return a.inRole(cmd.Context(), needAlerts, func(ctx context.Context, s *cardSession) error {
				closed, err := s.sessions.CloseAlert(ctx, args[0], note)
				if err != nil {
					return err
				}
				return a.showClosed(closed)
			})
		},
	}
	closes.Flags().StringVar(&note, "note", "", "what came of it, as `TEXT` of at most 500 characters")
	return closes
}

func needAlerts(rbac.RoleProfile) []rbac.Action { return []rbac.Action{rbac.ReadPrivacyAlerts} }

// readAlertQuery returns the query that the flags give. Without --from, the list begins with the first alert.
func readAlertQuery(all bool, from, to string, today nhs.Date) (client.AlertQuery, error) {
	q := client.AlertQuery{All: all}
	var err error
	q.From, q.To, err = accessreport.ParseDays(from, to, today)
	return q, wrongPeriod(err)
}

// showAlerts writes a list of alerts.
func (a *app) showAlerts(list client.PrivacyAlerts, csv bool) error {
	switch {
	case csv:
		_, err := a.out.Write(accessreport.AlertTable(list, a.zone()))
		return err
	case a.json:
		d := alertsDocument{
			Schema: "wardlight.privacy-alerts/1", Organisation: list.Organisation, State: "open",
			From: list.Query.From.FHIR(), To: list.Query.To.FHIR(), Made: instant(list.Made),
			NotShown: orEmpty(list.NotShown), Alerts: []privacyAlertPart{},
		}
		if list.Query.All {
			d.State = "all"
		}
		for _, al := range list.Alerts {
			d.Alerts = append(d.Alerts, partOfPrivacyAlert(al))
		}
		return a.print(d)
	}

	w := &lines{out: a.out}
	w.text("%s, %s", accessreport.ListedAlerts(list, a.zone()), list.Organisation)
	for _, notice := range accessreport.AlertNotices(list) {
		w.text("%s", notice)
	}
	for _, al := range list.Alerts {
		w.text("")
		a.alertText(w, al)
	}
	return w.err
}

// alertText writes an alert.
func (a *app) alertText(w *lines, al client.PrivacyAlert) {
	w.text("%s", al.ID)
	w.text("  %s  %s  %s", nhs.Instant(al.At, a.zone()), accessreport.Who(al.Person), al.Number)
	w.text("  %s: %s", accessreport.Cause(al), orNone(al.Words))
	w.text("  %s", accessreport.Sending(al.National, a.zone()))
	if al.Closed == nil {
		w.text("  open")
	} else {
		w.text("  %s: %s", accessreport.ClosedBy(al, a.zone()), al.Closed.Note)
	}
}

// showClosed writes an alert that was closed.
func (a *app) showClosed(al client.PrivacyAlert) error {
	if a.json {
		return a.print(closedDocument{Schema: "wardlight.privacy-alert/1", Alert: partOfPrivacyAlert(al)})
	}
	w := &lines{out: a.out}
	a.alertText(w, al)
	return w.err
}

func partOfPrivacyAlert(al client.PrivacyAlert) privacyAlertPart {
	p := privacyAlertPart{
		ID: al.ID, At: instant(al.At), Kind: al.Kind, Reason: al.Reason, Words: al.Words, Number: al.Number.Digits(),
		Person: partOfPerson(al.Person), URID: al.URID, Role: al.Role, Session: al.Session,
		RequestID: al.RequestID,
		National:  sendingPart{State: al.National.State, At: instant(al.National.At), Error: al.National.Error},
	}
	if k := al.Closed; k != nil {
		p.Closed = &closingPart{At: instant(k.At), By: partOfPerson(k.By), Note: k.Note}
	}
	return p
}
