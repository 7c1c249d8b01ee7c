package client

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"

	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// privacyAlerts is the path of the list of privacy alerts.
const privacyAlerts = "/privacy/alerts"

// MaxAlertNote is the maximum length of the note with which an alert is closed, in characters.
const MaxAlertNote = 500

// AlertQuery asks for privacy alerts of the role's organisation. From and To are complete dates in the United Kingdom,
// both included, or zero.
type AlertQuery struct {
	All      bool // closed ones, too
	From, To Date
}

// state returns the parameter state.
func (q AlertQuery) state() string {
	if q.All {
		return "all"
	}
	return "open"
}

// PrivacyAlerts is a list of privacy alerts.
type PrivacyAlerts struct {
	Query        AlertQuery
	Organisation string         // ODS code
	Made         time.Time      // at the hub
	NotShown     []string       // the kinds that the role may not see
	Alerts       []PrivacyAlert // newest first
}

// PrivacyAlert is an alert about a view without the patient's permission, or about a self-claimed legitimate
// relationship.
type PrivacyAlert struct {
	ID        string
	At        time.Time
	Kind      string // access or claim
	Reason    string // as in the national API: "Access made in an emergency"
	Words     string // the person's reason; may be ""
	Number    NHSNumber
	Person    Person // Name may be ""
	URID      string
	Role      string
	Session   string // ID of the session, as in the hub's audit
	RequestID string
	National  AlertSending
	Closed    *AlertClosing // nil while the alert is open
}

// The states of sending an alert to the national service, in the hub's words.
const (
	AlertNotSent   = "not_sent" // the hub sends none
	AlertWaiting   = "waiting"
	AlertSent      = "sent"
	AlertAbandoned = "abandoned" // the hub gave up
)

// AlertSending says whether the national service has the alert. A waiting alert isn't sent.
type AlertSending struct {
	State string    // such as AlertWaiting
	At    time.Time // of sent and abandoned
	Error string
}

// AlertClosing is how an alert was closed.
type AlertClosing struct {
	At   time.Time
	By   Person
	Note string
}

// alertRow and alertList are the hub's JSON (docs/api.md).
type alertRow struct {
	ID, Kind, Words, Patient, URID, Role, Session string
	At                                            time.Time
	Reason                                        struct{ Display string }
	Person                                        reportPerson
	RequestID                                     string `json:"request_id"`
	National                                      struct {
		State string
		At    time.Time
		Error string
	}
	Closed *struct {
		At   time.Time
		By   reportPerson
		Note string
	}
}

type alertList struct {
	Organisation, State, From, To string
	Made                          time.Time
	NotShown                      []string `json:"not_shown"`
	Alerts                        []alertRow
}

// wordsTooManyAlerts is the sentence for a list that the hub did not make because of its length.
const wordsTooManyAlerts = "The list has too many alerts, so none was made. Ask for fewer days."

// PrivacyAlerts lists the privacy alerts of the role's organisation. The hub records the request. Errors are *Error,
// with kinds such as NotAllowed, and BadRequest for a list that is too long: it is never cut.
func (a *Acting) PrivacyAlerts(ctx context.Context, q AlertQuery) (PrivacyAlerts, error) {
	c := a.read(privacyAlerts, privacyAlerts)
	c.accept, c.maxBody = jsonType, maxReport
	c.query = url.Values{"state": {q.state()}}
	for name, day := range map[string]Date{"from": q.From, "to": q.To} {
		if !day.IsZero() {
			c.query.Set(name, day.FHIR())
		}
	}

	ans, err := a.ask(ctx, c)
	if refused := new(Error); errors.As(err, &refused) && refused.SpineCode == codeTooMany {
		refused.Detail = wordsTooManyAlerts
	}
	if err != nil {
		return PrivacyAlerts{}, err
	}
	return readAlerts(c, ans, q, a.role.OrgODS)
}

// readAlerts parses a list of alerts. A list about anything else, or with an alert that can't be read, is malformed:
// leaving it out would hide a view.
func readAlerts(c call, ans answer, q AlertQuery, organisation string) (PrivacyAlerts, error) {
	var b alertList
	if err := readAlertJSON(c, ans, &b); err != nil {
		return PrivacyAlerts{}, err
	}
	switch {
	case b.State != q.state() || b.From != q.From.FHIR() || b.To != q.To.FHIR() || b.Organisation != organisation:
		return PrivacyAlerts{}, malformed(c, ans, "list of other alerts")
	case b.Alerts == nil || b.NotShown == nil || b.Made.IsZero():
		return PrivacyAlerts{}, malformed(c, ans, "list without its alerts, its kinds or its time")
	}

	list := PrivacyAlerts{Query: q, Organisation: organisation, Made: b.Made}
	for _, kind := range b.NotShown {
		list.NotShown = append(list.NotShown, line(kind))
	}
	for _, row := range b.Alerts {
		alert, err := alertOf(c, ans, row)
		if err != nil {
			return PrivacyAlerts{}, err
		}
		list.Alerts = append(list.Alerts, alert)
	}
	return list, nil
}

// readAlertJSON parses a JSON answer to this request.
func readAlertJSON(c call, ans answer, v any) error {
	switch {
	case !isType(ans, jsonType):
		return malformed(c, ans, "not JSON by its content type")
	case ans.header.Get("X-Request-ID") != c.requestID:
		return malformed(c, ans, "answer to another request")
	case json.Unmarshal(ans.body, v) != nil:
		return malformed(c, ans, "not JSON, or not of an alert's shape")
	}
	return nil
}

// alertOf converts an alert.
func alertOf(c call, ans answer, row alertRow) (PrivacyAlert, error) {
	number, err := nhs.ParseNumber(row.Patient)
	switch {
	case err != nil:
		return PrivacyAlert{}, malformed(c, ans, "alert with an invalid NHS number")
	case !alertID.MatchString(row.ID), row.At.IsZero():
		return PrivacyAlert{}, malformed(c, ans, "alert without an ID or a time")
	}

	person := func(p reportPerson) Person { return Person{UUID: line(p.UUID), Name: name(p.Name)} }
	alert := PrivacyAlert{
		ID: row.ID, At: row.At, Kind: line(row.Kind), Reason: line(row.Reason.Display), Words: text.Clean(row.Words, 0),
		Number: number, Person: person(row.Person), URID: line(row.URID), Role: line(row.Role),
		Session: line(row.Session), RequestID: line(row.RequestID),
		National: AlertSending{State: line(row.National.State), At: row.National.At, Error: line(row.National.Error)},
	}
	if k := row.Closed; k != nil {
		alert.Closed = &AlertClosing{At: k.At, By: person(k.By), Note: text.Clean(k.Note, 0)}
	}
	return alert, nil
}

// alertID matches the ID of an alert.
var alertID = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)

// LacksNote returns a sentence about what a note lacks with which an alert is closed, or "".
func LacksNote(note string) string {
	switch {
	case !strings.ContainsFunc(note, unicode.IsLetter):
		return "Type a note in words."
	case len([]rune(note)) > MaxAlertNote:
		return "The note has more than 500 characters."
	}
	return ""
}

// CloseAlert closes a privacy alert with a note, and returns it. A repetition with the same note changes nothing.
// Errors are *Error, with kinds such as AlertNotFound, AlertClosed and BadRequest.
func (a *Acting) CloseAlert(ctx context.Context, id, note string) (PrivacyAlert, error) {
	note = strings.TrimSpace(note)
	switch problem := LacksNote(note); {
	case !alertID.MatchString(id):
		return PrivacyAlert{}, &Error{Kind: AlertNotFound}
	case problem != "":
		return PrivacyAlert{}, &Error{Kind: BadRequest, Detail: problem}
	}

	c := a.read(privacyAlerts+"/"+id+"/close", privacyAlerts+"/{id}/close")
	c.method, c.accept, c.silent = http.MethodPost, jsonType, false
	var err error
	if c.json, err = json.Marshal(map[string]string{"note": note}); err != nil {
		return PrivacyAlert{}, &Error{Kind: BadRequest, RequestID: c.requestID, Err: err}
	}

	ans, err := a.ask(ctx, c)
	if refused := new(Error); errors.As(err, &refused) {
		switch {
		case refused.Status == http.StatusNotFound && !notServed(err):
			refused.Kind = AlertNotFound
		case refused.Status == http.StatusConflict:
			refused.Kind = AlertClosed
		}
	}
	if err != nil {
		return PrivacyAlert{}, err
	}

	var row alertRow
	if err := readAlertJSON(c, ans, &row); err != nil {
		return PrivacyAlert{}, err
	}
	switch alert, err := alertOf(c, ans, row); {
	case err != nil:
		return PrivacyAlert{}, err
	case alert.ID != id || alert.Closed == nil || alert.Closed.At.IsZero():
		return PrivacyAlert{}, malformed(c, ans, "alert that is not closed")
	default:
		return alert, nil
	}
}
