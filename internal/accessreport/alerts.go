package accessreport

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// TitleAlerts is the name of the list of privacy alerts, and ShowsAlerts what it shows.
const (
	TitleAlerts = "Privacy alerts"
	ShowsAlerts = "views without the patient's permission"
)

// alertKind is a kind of privacy alert: what happened, in general, and the code that a role needs to see it.
type alertKind struct {
	happened, plural string
	code             rbac.ActivityCode
}

var alertKinds = map[string]alertKind{
	"access": {
		"view without the patient's permission", "views without the patient's permission", rbac.ReceiveViewAlerts,
	},
	"claim": {
		"self-claimed legitimate relationship", "self-claimed legitimate relationships", rbac.ReceiveClaimAlerts,
	},
}

// shortReasons are short words for the reasons of the NHS API (SCR-AlertReason).
var shortReasons = map[string]string{
	"Access made in an emergency":        "emergency",
	"Access made in the public interest": "public interest",
	"Access required by statute":         "statute",
	"Access required by Court Order":     "court order",
	"Self-Claim Emergency Access":        "emergency claim",
	"Other":                              "claim",
}

// Cause returns why there is an alert, in words.
func Cause(al client.PrivacyAlert) string {
	return cmp.Or(alertKinds[al.Kind].happened, al.Kind) + ": " + al.Reason
}

// ShortCause returns why there is an alert in a column, or the reason of the NHS API if this version doesn't know it.
func ShortCause(al client.PrivacyAlert) string { return cmp.Or(shortReasons[al.Reason], al.Reason) }

// ListedAlerts returns which alerts a list has, and when: "Open alerts: 3, the newest first, up to 22-Nov-2026 14:05".
// That there are none is said with the period, and with the kinds that the role may not see.
func ListedAlerts(list client.PrivacyAlerts, zone *time.Location) string {
	which := "open alerts"
	if list.Query.All {
		which = "alerts"
	}
	if len(list.NotShown) > 0 {
		which += " that your role may see"
	}

	until := list.Query.To.String()
	if list.Query.To.IsZero() {
		until = nhs.Instant(list.Made, zone)
	}
	period := "up to " + until
	if !list.Query.From.IsZero() {
		period = "from " + list.Query.From.String() + " to " + until
	}

	if len(list.Alerts) == 0 {
		return "No " + which + " " + period
	}
	n := 0
	for _, al := range list.Alerts {
		if list.Query.All || al.Closed == nil { // one of a list of open ones may have been closed since
			n++
		}
	}
	return fmt.Sprintf("%s%s: %d, the newest first, %s", strings.ToUpper(which[:1]), which[1:], n, period)
}

// AlertNotices returns what the list can't show, and what the national service will not get, a sentence each.
func AlertNotices(list client.PrivacyAlerts) []string {
	var out []string
	for _, kind := range list.NotShown {
		k, known := alertKinds[kind]
		if !known {
			out = append(out, "Your role may not see alerts of the kind "+kind+".")
			continue
		}
		out = append(out, fmt.Sprintf("Alerts about %s are not shown: your role lacks %s.", k.plural, k.code))
	}

	abandoned := 0
	for _, al := range list.Alerts {
		if al.National.State == client.AlertAbandoned {
			abandoned++
		}
	}
	if abandoned > 0 {
		out = append(out, Counted(abandoned, "alert was", "alerts were")+" NOT sent to the national service.")
	}
	return out
}

// Sending returns whether the national service has an alert. Only sent is said to be.
func Sending(s client.AlertSending, zone *time.Location) string {
	switch s.State {
	case client.AlertSent:
		return "sent to the national service " + nhs.Instant(s.At, zone)
	case client.AlertWaiting:
		return "not yet sent to the national service" + lastError(s)
	case client.AlertAbandoned:
		return "NOT sent to the national service: the hub gave up" + lastError(s) + ". Ask the hub's operator."
	case client.AlertNotSent:
		return "kept by the hub only; the hub sends no alerts to the national service"
	default:
		return "it is not known whether the national service has it"
	}
}

// lastError returns the last failure to send an alert in parentheses, or "".
func lastError(s client.AlertSending) string {
	if s.Error == "" {
		return ""
	}
	return " (" + s.Error + ")"
}

// ClosedBy returns who closed an alert and when, or "" if it is open.
func ClosedBy(al client.PrivacyAlert, zone *time.Location) string {
	if al.Closed == nil {
		return ""
	}
	return "closed " + nhs.Instant(al.Closed.At, zone) + " by " + Who(al.Closed.By)
}
