package authority

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"wardlight/internal/fhir"
)

// Notice is the content of a notification.
type Notice struct {
	MessageID    string // ID in the header; equal to the webhook's ID
	Receiver     string // code of the authority
	NHSNumber    string // ten digits
	When         time.Time
	UUID, URID   string // user who opened the alert, and role
	Who          string
	JobRole      string
	Organisation string
}

// Read parses a FHIR message bundle. The error names what is missing.
func Read(body []byte) (Notice, error) {
	var bundle fhir.Bundle
	if err := json.Unmarshal(body, &bundle); err != nil {
		return Notice{}, fmt.Errorf("notification: %w", err)
	}
	if bundle.ResourceType != "Bundle" || bundle.Type != "message" {
		return Notice{}, errors.New("notification: not a message bundle")
	}

	var header fhir.MessageHeader
	var event fhir.AuditEvent
	var role fhir.PractitionerRole
	for _, e := range bundle.Entry {
		into := map[string]any{
			"MessageHeader": &header, "AuditEvent": &event,
			"PractitionerRole": &role,
		}[fhir.TypeOf(e.Resource)]
		if into == nil {
			continue
		}
		if err := json.Unmarshal(e.Resource, into); err != nil {
			return Notice{}, fmt.Errorf("notification: %w", err)
		}
	}

	t := Notice{MessageID: header.ID}
	for _, d := range header.Destination {
		t.Receiver = identifier(d.Receiver, fhir.SystemODS)
	}

	for _, e := range event.Entity {
		if n := identifier(e.What, fhir.SystemNHSNumber); n != "" {
			t.NHSNumber = n
		}
	}

	if p := role.Practitioner; p != nil {
		t.Who, t.UUID = p.Display, identifier(p, fhir.SystemSDSUser)
	}

	for _, i := range role.Identifier {
		if i.System == fhir.SystemSDSRoleProfile {
			t.URID = i.Value
		}
	}

	for _, c := range role.Code {
		for _, coding := range c.Coding {
			t.JobRole = coding.Display
		}
	}

	if o := role.Organization; o != nil {
		t.Organisation = o.Display
	}

	var err error
	if t.When, err = time.Parse(time.RFC3339, event.Recorded); err != nil {
		return t, errors.New("notification: it has no time")
	}
	if t.MessageID == "" || t.NHSNumber == "" || t.Who == "" || t.Organisation == "" {
		return t, errors.New("notification: it does not name the patient, the user or the organisation")
	}

	return t, nil
}

// identifier returns the reference's identifier in the system, or "" if it has none.
func identifier(r *fhir.Reference, system string) string {
	if r == nil || r.Identifier == nil || r.Identifier.System != system {
		return ""
	}
	return r.Identifier.Value
}
