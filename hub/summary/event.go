package summary

import (
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// Systems of the NHS API's AuditEvent.
const (
	systemAlertType   = "https://fhir.nhs.uk/CodeSystem/SCR-AlertType"
	systemAlertReason = "https://fhir.nhs.uk/CodeSystem/SCR-AlertReason"
	systemUser        = "https://fhir.nhs.uk/Id/sds-user-id"
	systemASID        = "https://fhir.nhs.uk/Id/nhsSpineASID"
	extensionMessage  = "https://fhir.nhs.uk/StructureDefinition/Extension-SCR-NotificationMessage"
)

// event is the AuditEvent of the NHS API, which is a privacy alert.
type event struct {
	ResourceType string           `json:"resourceType"` // "AuditEvent"
	ID           string           `json:"id"`
	Extension    []eventExtension `json:"extension"`
	Type         eventCoding      `json:"type"`
	Subtype      []eventCoding    `json:"subtype"`
	OutcomeDesc  string           `json:"outcomeDesc,omitempty"`
	Recorded     string           `json:"recorded"`
	Agent        []eventAgent     `json:"agent"`
	Source       eventSource      `json:"source"`
	Entity       []eventEntity    `json:"entity"`
}

type eventExtension struct {
	URL   string `json:"url"`
	Value string `json:"valueString"`
}

type eventCoding struct {
	System  string      `json:"system"`
	Code    json.Number `json:"code"`
	Display string      `json:"display"`
}

// MarshalJSON writes the code as text. The NHS's document has it as text, too, but lists numbers as its values.
func (c eventCoding) MarshalJSON() ([]byte, error) {
	return json.Marshal(fhir.Coding{System: c.System, Code: c.Code.String(), Display: c.Display})
}

type eventAgent struct {
	Who       fhir.Reference `json:"who"`
	Role      []eventRole    `json:"role,omitempty"`
	Requestor bool           `json:"requestor"`
}

type eventRole struct {
	Text string `json:"text"`
}

type eventSource struct {
	Observer fhir.Reference `json:"observer"`
}

type eventEntity struct {
	What fhir.Reference `json:"what"`
}

// Event returns an alert in the shape of the NHS API. asid is the hub's accredited system ID.
func Event(a Alert, asid string) ([]byte, error) {
	by := func(system, value string) fhir.Reference {
		return fhir.Reference{Identifier: &fhir.Identifier{System: system, Value: value}}
	}
	user := eventAgent{Who: by(systemUser, a.Who.UUID)}
	if a.Who.JobName != "" {
		user.Role = []eventRole{{a.Who.JobName}}
	}
	message := "Alert: Permission to view override "
	if a.Cause.Type == ClaimAlert {
		message = "Alert: Self claimed legitimate relationship "
	}

	return json.Marshal(event{
		ResourceType: "AuditEvent", ID: a.ID, Extension: []eventExtension{{extensionMessage, message + a.Summary}},
		Type: eventCoding{systemAlertType, json.Number(strconv.Itoa(int(a.Cause.Type))), a.Cause.Type.String()},
		Subtype: []eventCoding{{
			systemAlertReason, json.Number(strconv.Itoa(int(a.Cause.Reason))), a.Cause.Reason.String(),
		}},
		OutcomeDesc: a.Words, Recorded: a.At.UTC().Format(time.RFC3339),
		Agent: []eventAgent{
			{Who: by(fhir.SystemNHSNumber, a.Number.Digits())}, {Who: by(fhir.SystemODS, a.Who.OrgODS)}, user,
		},
		Source: eventSource{by(systemASID, asid)},
		Entity: []eventEntity{{by("", a.Summary)}},
	})
}

// uuidForm matches a UUID in either case.
var uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// ReadEvent returns the alert in an AuditEvent that a person sends: its cause, words, patient and summary. Where the
// event names a user or an organisation, it must be the person in the role. Errors don't quote the event.
func ReadEvent(body []byte, by Person) (Alert, error) {
	var e event
	a := Alert{Who: by}
	switch {
	case json.Unmarshal(body, &e) != nil:
		return a, errors.New("the body is not an AuditEvent in JSON")
	case e.ResourceType != "AuditEvent":
		return a, errors.New("resourceType is not AuditEvent")
	case e.Type.System != systemAlertType, len(e.Subtype) != 1 || e.Subtype[0].System != systemAlertReason:
		return a, errors.New("type or subtype is not of SCR-AlertType and SCR-AlertReason")
	}

	a.Cause = Cause{AlertType(code(e.Type)), Reason(code(e.Subtype[0]))}
	if !a.Cause.Valid() {
		return a, errors.New("the combination of type and subtype is not permitted")
	}

	for _, agent := range e.Agent {
		id := agent.Who.Identifier
		if id == nil {
			continue
		}
		switch id.System {
		case fhir.SystemNHSNumber:
			number, err := nhs.ParseNumber(id.Value)
			if err != nil || a.Number != "" && a.Number != number {
				return a, errors.New("the NHS number is not valid")
			}
			a.Number = number
		case fhir.SystemODS:
			if !strings.EqualFold(id.Value, by.OrgODS) {
				return a, errors.New("an agent is an organisation that is not the role's")
			}
		case systemUser:
			if id.Value != by.UUID {
				return a, errors.New("an agent is a user who is not the caller")
			}
		}
	}
	if a.Number == "" {
		return a, errors.New("the NHS number is missing")
	}

	if len(e.Entity) != 1 || e.Entity[0].What.Identifier == nil ||
		!uuidForm.MatchString(e.Entity[0].What.Identifier.Value) {
		return a, errors.New("entity is not the UUID of a summary")
	}
	a.Summary = strings.ToUpper(e.Entity[0].What.Identifier.Value)
	if len([]rune(e.OutcomeDesc)) > MaxReason {
		return a, errors.New("outcomeDesc has more than 200 characters")
	}
	a.Words = text.Clean(e.OutcomeDesc, MaxReason+1)
	return a, nil
}

// code returns the number in a coding, or 0.
func code(c eventCoding) int {
	n, err := strconv.Atoi(c.Code.String())
	if err != nil {
		return 0
	}
	return n
}
