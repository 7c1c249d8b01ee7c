package fhir

import "encoding/json"

// Flag states that there is an alert, without details of the plan. It is the hub's lamp, and is stored in a site's
// record system. In the Patient Flags guide it is also any other flag of a patient, or one of its adjustments.
type Flag struct {
	ResourceType string            `json:"resourceType"` // "Flag"
	ID           string            `json:"id,omitempty"`
	Contained    []json.RawMessage `json:"contained,omitempty"`
	Extension    []Extension       `json:"extension,omitempty"`
	Identifier   []Identifier      `json:"identifier,omitempty"`
	Status       string            `json:"status"` // active, inactive, entered-in-error
	Category     []CodeableConcept `json:"category,omitempty"`
	Code         CodeableConcept   `json:"code"`
	Subject      Reference         `json:"subject"`
	Period       *Period           `json:"period,omitempty"`
	Author       *Reference        `json:"author,omitempty"`
}

// CareTeam is one plan with its local authority (draft CP-IS FHIR R4 guide). Category is the kind of plan in SNOMED
// CT, Name the authority ("V999 - EXAMPLESHIRE COUNCIL"). The Telecom with use work is the office, that with use
// mobile the emergency duty team.
type CareTeam struct {
	ResourceType string            `json:"resourceType"` // "CareTeam"
	ID           string            `json:"id,omitempty"`
	Status       string            `json:"status,omitempty"` // active, or inactive once the plan has ended
	Category     []CodeableConcept `json:"category,omitempty"`
	Name         string            `json:"name,omitempty"`
	Subject      *Reference        `json:"subject,omitempty"`
	Period       *Period           `json:"period,omitempty"`
	Telecom      []ContactPoint    `json:"telecom,omitempty"`
}

// AuditEvent is one access. Type and Source are mandatory in R4.
type AuditEvent struct {
	ResourceType string           `json:"resourceType"` // "AuditEvent"
	ID           string           `json:"id,omitempty"`
	Type         Coding           `json:"type"`
	Subtype      []Coding         `json:"subtype,omitempty"`
	Action       string           `json:"action,omitempty"`
	Recorded     string           `json:"recorded"` // RFC 3339
	Outcome      string           `json:"outcome,omitempty"`
	OutcomeDesc  string           `json:"outcomeDesc,omitempty"`
	Agent        []AuditAgent     `json:"agent"`
	Source       AuditEventSource `json:"source"`
	Entity       []AuditEntity    `json:"entity,omitempty"`
}

// AuditAgent is the user who accessed the alert.
type AuditAgent struct {
	Who       *Reference `json:"who,omitempty"`
	AltID     string     `json:"altId,omitempty"`
	Requestor bool       `json:"requestor"`
	// Network is the agent's network address; nil if it is unknown.
	Network *AuditNetwork `json:"network,omitempty"`
}

// AuditNetwork is a network address.
type AuditNetwork struct {
	Address string `json:"address"`
	Type    string `json:"type,omitempty"` // "2" for an IP address
}

// AuditEventSource is the system that recorded the access.
type AuditEventSource struct {
	Observer Reference `json:"observer"`
}

// AuditEntity is the subject of the access.
type AuditEntity struct {
	What   *Reference    `json:"what,omitempty"`
	Type   *Coding       `json:"type,omitempty"`
	Role   *Coding       `json:"role,omitempty"`
	Name   string        `json:"name,omitempty"`
	Detail []AuditDetail `json:"detail,omitempty"`
}

// AuditDetail is an additional property of an entity.
type AuditDetail struct {
	Type        string `json:"type"`
	ValueString string `json:"valueString"`
}

// PractitionerRole is the user who accessed the alert, with role and organisation.
type PractitionerRole struct {
	ResourceType string            `json:"resourceType"` // "PractitionerRole"
	ID           string            `json:"id,omitempty"`
	Identifier   []Identifier      `json:"identifier,omitempty"`
	Practitioner *Reference        `json:"practitioner,omitempty"`
	Organization *Reference        `json:"organization,omitempty"`
	Code         []CodeableConcept `json:"code,omitempty"`
}

// MessageHeader is the first entry of a message bundle. Its ID is that of the message.
type MessageHeader struct {
	ResourceType string               `json:"resourceType"` // "MessageHeader"
	ID           string               `json:"id,omitempty"`
	EventCoding  *Coding              `json:"eventCoding,omitempty"`
	Destination  []MessageDestination `json:"destination,omitempty"`
	Source       MessageSource        `json:"source"`
	Focus        []Reference          `json:"focus,omitempty"`
}

// MessageDestination is the receiver of a message.
type MessageDestination struct {
	Name     string     `json:"name,omitempty"`
	Endpoint string     `json:"endpoint"`
	Receiver *Reference `json:"receiver,omitempty"`
}

// MessageSource is the sender of a message.
type MessageSource struct {
	Name     string `json:"name,omitempty"`
	Endpoint string `json:"endpoint"`
}
