package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/summary"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// alertsPath is the path of the list of privacy alerts.
const alertsPath = privacyBase + "/alerts"

// Limits of privacy alerts.
const (
	maxAlerts = 1000 // maximum number of alerts in a list; a longer one is refused
	maxNote   = 500  // maximum length of the note of a closing, in characters
)

// PrivacyAlerts reads the alerts for privacy officers.
type PrivacyAlerts interface {
	PrivacyAlert(ctx context.Context, id string) (summary.Alert, error)
	PrivacyAlerts(ctx context.Context, q summary.AlertQuery) ([]summary.Alert, error)
}

// alertKinds are the names of the types of alerts in the hub's answers, in the order in which they are listed.
var alertKinds = []struct {
	Type summary.AlertType
	Name string
}{{summary.AccessAlert, "access"}, {summary.ClaimAlert, "claim"}}

// alertList is the answer to a request for privacy alerts. Lists are never null.
type alertList struct {
	Organisation string     `json:"organisation"` // ODS code
	State        string     `json:"state"`        // open or all
	From         string     `json:"from,omitempty"`
	To           string     `json:"to,omitempty"`
	Made         string     `json:"made"`
	Kinds        []string   `json:"kinds"`     // the kinds that the role may see
	NotShown     []string   `json:"not_shown"` // the kinds that it may not see
	Alerts       []alertRow `json:"alerts"`    // newest first
}

type alertRow struct {
	ID        string        `json:"id"`
	At        string        `json:"at"`
	Kind      string        `json:"kind"` // access or claim
	Type      alertCode     `json:"type"`
	Reason    alertCode     `json:"reason"`
	Words     string        `json:"words"`
	Patient   string        `json:"patient"`
	Summary   string        `json:"summary"`
	Person    reportPerson  `json:"person"`
	URID      string        `json:"urid"`
	Role      string        `json:"role"`
	Session   string        `json:"session"` // ID of the session, as in the audit
	RequestID string        `json:"request_id"`
	National  alertSending  `json:"national"`
	Closed    *alertClosing `json:"closed,omitempty"`
}

type alertCode struct {
	Code    string `json:"code"`
	Display string `json:"display"`
}

// alertSending says whether the national service has the alert. Waiting is not sent.
type alertSending struct {
	State summary.SendingState `json:"state"`
	At    string               `json:"at,omitempty"` // of sent and abandoned
	Error string               `json:"error,omitempty"`
}

type alertClosing struct {
	At   string       `json:"at"`
	By   reportPerson `json:"by"`
	Note string       `json:"note"`
}

// row returns an alert as in the answer.
func row(al summary.Alert) alertRow {
	r := alertRow{
		ID: al.ID, At: stamp(al.At),
		Type:   alertCode{strconv.Itoa(int(al.Cause.Type)), al.Cause.Type.String()},
		Reason: alertCode{strconv.Itoa(int(al.Cause.Reason)), al.Cause.Reason.String()},
		Words:  al.Words, Patient: al.Number.Digits(), Summary: al.Summary,
		Person: reportPerson{al.Who.UUID, al.Who.Name}, URID: al.Who.URID, Role: al.Who.JobName,
		Session: al.Session, RequestID: al.RequestID,
		National: alertSending{State: al.Sending.State(), Error: al.Sending.LastError},
	}
	for _, k := range alertKinds {
		if k.Type == al.Cause.Type {
			r.Kind = k.Name
		}
	}
	for _, at := range []time.Time{al.Sending.Sent, al.Sending.GivenUp} {
		if !at.IsZero() {
			r.National.At = stamp(at)
		}
	}
	if k := al.Closing; !k.At.IsZero() {
		r.Closed = &alertClosing{stamp(k.At), reportPerson{k.By, k.Name}, k.Note}
	}
	return r
}

// privacyAlerts answers GET /privacy/alerts with the alerts of the role's organisation, of the kinds that the role may
// see.
func (a *API) privacyAlerts(c *call) (*answer, error) {
	q, list, err := a.alertsAsked(c)
	if err != nil {
		return nil, err
	}

	found, err := a.PrivacyAlerts.PrivacyAlerts(c.ctx, q)
	switch {
	case err != nil:
		return nil, fmt.Errorf("privacy alerts: %w", err)
	case len(found) > maxAlerts:
		return nil, badRequest(
			"TOO_MANY_MATCHES",
			"The list would have more than %d alerts. Ask for fewer days.",
			maxAlerts,
		)
	}

	for _, al := range found {
		list.Alerts = append(list.Alerts, row(al))
	}
	body, err := marshal(list)
	return &answer{body: body, mediaType: mediaJSON, reason: list.State + " alerts " +
		cmp.Or(list.From, "until") + " to " + cmp.Or(list.To, "now")}, err
}

// alertsAsked parses the parameters state, from and to, which are optional.
func (a *API) alertsAsked(c *call) (summary.AlertQuery, alertList, error) {
	role := c.person.role
	q := summary.AlertQuery{OrgODS: role.OrgODS, Until: c.now.Add(time.Minute), Limit: maxAlerts + 1}
	list := alertList{
		Organisation: role.OrgODS, State: "all", Made: stamp(c.now), Kinds: []string{}, NotShown: []string{},
		Alerts: []alertRow{},
	}
	if err := unknownParameters(c.query, "state", "from", "to"); err != nil {
		return q, list, err
	}

	if values := c.query["state"]; len(values) > 0 {
		list.State = values[0]
		if len(values) > 1 || list.State != "open" && list.State != "all" {
			return q, list, badRequest(
				"INVALID_SEARCH_DATA",
				"Invalid search data provided - 'state is not open or all'",
			)
		}
	}
	q.Open = list.State == "open"

	from, err := dayAsked(c.query, "from")
	if err != nil {
		return q, list, err
	}
	to, err := dayAsked(c.query, "to")
	if err != nil {
		return q, list, err
	}
	if !from.IsZero() {
		q.From, list.From = from.Time(a.UK), from.FHIR()
	}
	if !to.IsZero() {
		q.Until, list.To = to.AddDays(1).Time(a.UK), to.FHIR()
	}

	for _, k := range alertKinds {
		if role.HasCode(k.Type.Code()) {
			q.Types, list.Kinds = append(q.Types, k.Type), append(list.Kinds, k.Name)
		} else {
			list.NotShown = append(list.NotShown, k.Name)
		}
	}
	return q, list, nil
}

// dayAsked parses an optional parameter with a complete date.
func dayAsked(query url.Values, name string) (nhs.Date, error) {
	values := query[name]
	if len(values) == 0 {
		return nhs.Date{}, nil
	}
	d, err := nhs.ParseDate(values[0])
	if err != nil || len(values) > 1 || !d.Complete() || d.FHIR() != values[0] {
		return nhs.Date{}, badRequest("INVALID_SEARCH_DATA", "Invalid search data provided - '%s is not a date'", name)
	}
	return d, nil
}

// closeAlert answers POST /privacy/alerts/{id}/close: a privacy officer closes an alert with a note. A repetition by
// the same person with the same note changes nothing.
func (a *API) closeAlert(c *call) (*answer, error) {
	if err := unknownParameters(c.query); err != nil {
		return nil, err
	}
	if err := c.readBody(mediaJSON); err != nil {
		return nil, err
	}
	var given struct {
		Note string `json:"note"`
	}
	if err := json.Unmarshal(c.body, &given); err != nil {
		return nil, badRequest("INVALID_VALUE", "The body is not an object with a note, in JSON.")
	}
	note := text.Clean(given.Note, 0)
	if note == "" || len([]rune(given.Note)) > maxNote {
		return nil, badRequest("INVALID_VALUE", "The note does not have 1 to %d characters.", maxNote)
	}

	al, err := a.PrivacyAlerts.PrivacyAlert(c.ctx, c.request.PathValue("id"))
	role := c.person.role
	switch {
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return nil, fmt.Errorf("privacy alert: %w", err)
	case err != nil, al.Who.OrgODS != role.OrgODS, !role.HasCode(al.Cause.Type.Code()):
		return nil, &problem{status: http.StatusNotFound, code: "RESOURCE_NOT_FOUND"}
	}

	c.about = al.Number
	got := &answer{mediaType: mediaJSON, patients: []nhs.Number{al.Number}, reason: reasonRepeated}
	by := alertPerson(c)
	switch k := al.Closing; {
	case k.At.IsZero():
		al.Closing = summary.Closing{ID: al.ID, At: c.now, By: by.UUID, Name: by.Name, Note: note}
		got.change, got.reason = &store.Change{Closing: &al.Closing}, "alert "+al.ID
	case k.By != by.UUID || k.Note != note:
		return nil, &problem{
			status: http.StatusConflict, code: "PRECONDITION_FAILED", issue: "conflict",
			diagnostics: "This alert was closed at " + stamp(k.At) + " by " + k.Name + ".",
		}
	}
	got.body, err = marshal(row(al))
	return got, err
}
