package summary

import (
	"time"

	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// AlertType is the type of a privacy alert (SCR-AlertType).
type AlertType int

// Types of privacy alerts.
const (
	ClaimAlert  AlertType = 1 // a person has claimed a legitimate relationship with the patient
	AccessAlert AlertType = 2 // a person has viewed a summary without the patient's permission
)

// Reason is the reason of a privacy alert (SCR-AlertReason).
type Reason int

// Reasons of privacy alerts.
const (
	PublicInterestReason Reason = 1
	StatuteReason        Reason = 2
	CourtOrderReason     Reason = 3
	ClaimInEmergency     Reason = 4 // only of ClaimAlert
	Emergency            Reason = 5 // only of AccessAlert
	OtherReason          Reason = 6 // only of ClaimAlert: with the patient's permission
)

// Cause is the type and the reason of a privacy alert.
type Cause struct {
	Type   AlertType
	Reason Reason
}

// Valid reports whether the NHS API permits the combination.
func (c Cause) Valid() bool {
	switch c.Reason {
	case PublicInterestReason, StatuteReason, CourtOrderReason:
		return c.Type == ClaimAlert || c.Type == AccessAlert
	case ClaimInEmergency, OtherReason:
		return c.Type == ClaimAlert
	case Emergency:
		return c.Type == AccessAlert
	default:
		return false
	}
}

// Action returns the action that the person needs.
func (c Cause) Action() rbac.Action {
	switch c.Reason {
	case ClaimInEmergency, Emergency:
		return rbac.ReadSummaryInEmergency
	case PublicInterestReason, StatuteReason, CourtOrderReason:
		return rbac.ReadSummaryByLaw
	default:
		return rbac.ReadSummary
	}
}

// Displays of the NHS API, by type and reason.
var (
	typeDisplays   = map[AlertType]string{ClaimAlert: "Create LR (Self Claimed)", AccessAlert: "Access Alert"}
	reasonDisplays = map[Reason]string{
		PublicInterestReason: "Access made in the public interest", StatuteReason: "Access required by statute",
		CourtOrderReason: "Access required by Court Order", ClaimInEmergency: "Self-Claim Emergency Access",
		Emergency: "Access made in an emergency", OtherReason: "Other",
	}
)

// String returns the display of the type in the NHS API.
func (t AlertType) String() string { return typeDisplays[t] }

// String returns the display of the reason in the NHS API.
func (r Reason) String() string { return reasonDisplays[r] }

// Code returns the activity code that lets a privacy officer see alerts of the type.
func (t AlertType) Code() rbac.ActivityCode {
	if t == ClaimAlert {
		return rbac.ReceiveClaimAlerts
	}
	return rbac.ReceiveViewAlerts
}

// Alert is a privacy alert for the privacy officer of the person's organisation.
type Alert struct {
	ID        string // UUID
	At        time.Time
	Cause     Cause
	Words     string // the person's reason, cleaned; may be ""
	Number    nhs.Number
	Summary   string // ID of the summary; may be "" for a claim
	Who       Person
	Session   string
	RequestID string
	Closing   Closing
	Sending   Sending
}

// Person is who caused an alert, in a role.
type Person struct {
	UUID, Name, URID, JobRole, JobName, OrgODS, OrgName string
}

// Closing is how a privacy officer closed an alert. It is zero while the alert is open.
type Closing struct {
	ID   string // of the alert
	At   time.Time
	By   string // UUID
	Name string
	Note string // cleaned
}

// Sending is the state of an alert that is also sent to the national service. Waiting isn't sent.
type Sending struct {
	Next      time.Time // next attempt; zero unless the alert is waiting
	Attempts  int
	Sent      time.Time // when the service accepted it
	GivenUp   time.Time // when the hub gave up
	LastError string
}

// SendingState is the state of an alert's sending.
type SendingState string

// States of sending.
const (
	NotSent   SendingState = "not_sent" // the hub sends no alerts to the national service
	Waiting   SendingState = "waiting"
	Sent      SendingState = "sent"
	Abandoned SendingState = "abandoned" // the hub gave up
)

// State returns the state of sending.
func (s Sending) State() SendingState {
	switch {
	case !s.Sent.IsZero():
		return Sent
	case !s.GivenUp.IsZero():
		return Abandoned
	case !s.Next.IsZero():
		return Waiting
	default:
		return NotSent
	}
}

// AlertQuery selects alerts of an organisation, newest first.
type AlertQuery struct {
	OrgODS string      // required
	From   time.Time   // inclusive
	Until  time.Time   // exclusive
	Types  []AlertType // required
	Open   bool        // only open alerts
	Limit  int
}
