package main

import (
	"net/http"
	"strings"
	"testing"

	"wardlight/client/hubtest"
	"wardlight/internal/schematest"
)

// asOfficer makes the nurse a privacy officer who may see alerts about views.
func asOfficer(b *fixture) {
	r := &b.hub.Person.Roles[0]
	r.Name, r.Code = `"Admin":"Privacy":"Privacy Officer"`, "S0001:G0001:R0001"
	r.Codes = append(r.Codes, "B0015")
}

func TestReportAlerts(t *testing.T) {
	b := setUp(t)
	asOfficer(b)
	b.run(t, exitDone, "report", "alerts")
	for _, want := range []string{
		"Open alerts that your role may see: 1, the newest first, up to 22-Nov-2026 12:00, X99\n",
		"Alerts about self-claimed legitimate relationships are not shown: your role lacks B0016.\n", hubtest.AlertID,
		"view without the patient's permission: Access made in an emergency: unconscious\n",
		"  not yet sent to the national service\n", "  open\n",
	} {
		if !strings.Contains(b.out.String(), want) {
			t.Errorf("got no %q in %s", want, b.out.String())
		}
	}

	d := b.json(t, exitDone, "report", "alerts", "--all", "--from", "1/11/2026", "--json")
	if got := at(t, d, "alerts.0.id"); got != hubtest.AlertID {
		t.Errorf("id = %v, want %s", got, hubtest.AlertID)
	}
	schematest.Output(t, b.out.Bytes())

	d = b.json(t, exitDone, "report", "close-alert", hubtest.AlertID, "--note", "Emergency confirmed", "--json")
	if got := at(t, d, "alert.closed.note"); got != "Emergency confirmed" {
		t.Errorf("note = %v", got)
	}
	schematest.Output(t, b.out.Bytes())

	for line, exit := range map[string]int{
		"report close-alert":                                               exitUsage,
		"report close-alert " + hubtest.AlertID:                            exitUsage,
		"report alerts --from 5/11/2026 --to 4/11/2026":                    exitUsage,
		"report alerts --from yesterday":                                   exitUsage,
		"report alerts --csv --json":                                       exitUsage,
		"report alerts 9990000018":                                         exitUsage,
		"report close-alert " + hubtest.AlertID + " --note 12":             exitUsage,
		"report close-alert a b --note x":                                  exitUsage,
		"report close-alert 4f3c1de0-6d0d-4e0a-9f61-000000000000 --note x": exitNotFound,
	} {
		b.run(t, exit, strings.Fields(line)...)
	}
}

func TestReportAlerts_RoleWithoutTheCode(t *testing.T) {
	b := setUp(t)
	b.run(t, exitSignIn, "report", "alerts")
	if n := len(b.hub.Requests(hubtest.Alerts)); n != 0 {
		t.Errorf("got %d requests, want none", n)
	}
}

func TestReportAlerts_CSV(t *testing.T) {
	b := setUp(t)
	asOfficer(b)
	out := b.run(t, exitDone, "report", "alerts", "--csv")
	rows := strings.Split(strings.TrimSuffix(out, "\r\n"), "\r\n")
	if len(rows) != 2 || !strings.HasPrefix(rows[0], "\ufeffTime,Person,UUID,Role,NHS number,Cause,Reason,State,") ||
		!strings.Contains(rows[1], ",\"SAMPLE, Ada\",999000000111,999000000222,999 000 0018,") ||
		!strings.HasSuffix(rows[1], ",s-1,"+hubtest.AlertID) {
		t.Errorf("got the table %q, want headings and the alert", rows)
	}
}

// No alerts are said with the period. A refusal is never an empty list.
func TestReportAlerts_None(t *testing.T) {
	b := setUp(t)
	asOfficer(b)
	b.hub.Answer(hubtest.Alerts, func(w http.ResponseWriter, r *http.Request) {
		hubtest.ReplyJSON(w, r, http.StatusOK, map[string]any{
			"organisation": "X99", "state": "open", "from": "2026-11-01", "made": noon, "kinds": []string{"access"},
			"not_shown": []string{}, "alerts": []any{},
		})
	})
	out := b.run(t, exitDone, "report", "alerts", "--from", "1/11/2026")
	if want := "No open alerts from 01-Nov-2026 to 22-Nov-2026 12:00, X99\n"; out != want {
		t.Errorf("got %q, want %q", out, want)
	}

	b.hub.Answer(hubtest.Alerts, func(w http.ResponseWriter, r *http.Request) {
		hubtest.Refuse(w, r, http.StatusBadRequest, "TOO_MANY_MATCHES", "more than 1000")
	})
	if out := b.run(t, exitUsage, "report", "alerts"); out != "" {
		t.Errorf("got the output %q of a list that was refused, want none", out)
	}
	checkContains(t, b.err.String(), "The list has too many alerts, so none was made. Ask for fewer days.")
}

func TestReportCloseAlert_ClosedBefore(t *testing.T) {
	b := setUp(t)
	asOfficer(b)
	b.hub.Answer(hubtest.CloseAlert, func(w http.ResponseWriter, r *http.Request) {
		hubtest.Refuse(w, r, http.StatusConflict, "PRECONDITION_FAILED", "This alert was closed")
	})
	if out := b.run(t, exitUsage, "report", "close-alert", hubtest.AlertID, "--note", "done"); out != "" {
		t.Errorf("got the output %q, want none", out)
	}
	checkContains(t, b.err.String(), "This privacy alert was closed before.", "H69")
}
