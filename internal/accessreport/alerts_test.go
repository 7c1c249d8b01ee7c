package accessreport_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/internal/accessreport"
	"wardlight/internal/nhs"
)

var noon = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

// Only the state sent says that the national service has an alert.
func TestSending_OnlySent(t *testing.T) {
	for _, state := range []string{
		client.AlertNotSent, client.AlertWaiting, client.AlertSent, client.AlertAbandoned, "", "other",
	} {
		got := accessreport.Sending(client.AlertSending{State: state, At: noon, Error: "refused"}, time.UTC)
		if says := strings.HasPrefix(got, "sent to the national service"); says != (state == client.AlertSent) {
			t.Errorf("Sending of the state %q = %q", state, got)
		}
	}
}

func TestListedAlerts(t *testing.T) {
	open, closed := client.PrivacyAlert{ID: "a"}, client.PrivacyAlert{ID: "b", Closed: &client.AlertClosing{At: noon}}
	first, last := nhs.Date{Year: 2026, Month: 11, Day: 1}, nhs.Date{Year: 2026, Month: 11, Day: 20}
	for _, c := range []struct {
		query    client.AlertQuery
		notShown []string
		alerts   []client.PrivacyAlert
		want     string
	}{
		{client.AlertQuery{}, nil, nil, "No open alerts up to 22-Nov-2026 12:00"},
		{client.AlertQuery{All: true}, nil, nil, "No alerts up to 22-Nov-2026 12:00"},
		{client.AlertQuery{From: first}, nil, nil, "No open alerts from 01-Nov-2026 to 22-Nov-2026 12:00"},
		{client.AlertQuery{To: last}, nil, nil, "No open alerts up to 20-Nov-2026"},
		{
			client.AlertQuery{From: first, To: last},
			[]string{"claim"},
			nil,
			"No open alerts that your role may see from 01-Nov-2026 to 20-Nov-2026",
		},
		{
			client.AlertQuery{},
			nil,
			[]client.PrivacyAlert{open, closed},
			"Open alerts: 1, the newest first, up to 22-Nov-2026 12:00",
		},
		{
			client.AlertQuery{All: true},
			nil,
			[]client.PrivacyAlert{open, closed},
			"Alerts: 2, the newest first, up to 22-Nov-2026 12:00",
		},
	} {
		list := client.PrivacyAlerts{Query: c.query, NotShown: c.notShown, Alerts: c.alerts, Made: noon}
		if got := accessreport.ListedAlerts(list, time.UTC); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// Both days of a list are optional.
func TestParseDays(t *testing.T) {
	today := nhs.Date{Year: 2026, Month: time.November, Day: 22}
	for _, c := range []struct{ from, to, want string }{
		{"", "", " "},
		{"1/11/2026", "", "2026-11-01 "},
		{"", "1/11/2026", " 2026-11-01"},
		{"1/1/2025", "1/11/2026", "2025-01-01 2026-11-01"},
		{"2/11/2026", "1/11/2026", "The last day is before the first."},
	} {
		first, last, err := accessreport.ParseDays(c.from, c.to, today)
		got := first.FHIR() + " " + last.FHIR()
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("ParseDays(%q, %q) = %q, want %q", c.from, c.to, got, c.want)
		}
	}
}
