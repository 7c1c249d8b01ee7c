// Package notify sends notifications to local authorities when somebody in unscheduled care has opened a plan of
// theirs.
//
// The transaction that records the access also adds the notifications to the outbox. Each is delivered at least once,
// and those of an authority are delivered in order. A receiver recognises a repetition by the message's ID.
package notify

import (
	"encoding/json"
	"fmt"
	"time"

	"wardlight/hub/cpis"
	"wardlight/hub/store"
	"wardlight/internal/fhir"
)

// The event in a message (HL7 v3 REPC_MT000004GB01, access to service notification; the code system is Wardlight's
// own).
const (
	SystemEvent = "urn:wardlight:message-event"
	CodeAccess  = "access-to-service-notification"
)

// SystemPlanReference is the identifier system of authorities' plan references.
const SystemPlanReference = "urn:wardlight:authority-plan-reference"

// Compose returns a function that makes messages of the hub with that public URL.
func Compose(base string) cpis.Message {
	return func(id string, a store.Access, to store.Authority, plans []store.PlanWithAuthority) ([]byte, error) {
		return compose(base, id, a, to, plans)
	}
}

// compose returns one FHIR R4 message with header, access and role.
func compose(base, id string, a store.Access, to store.Authority, plans []store.PlanWithAuthority) ([]byte, error) {
	event := "urn:uuid:" + a.ID
	role := base + "/PractitionerRole/" + a.Who.URID
	header := &fhir.MessageHeader{
		ResourceType: "MessageHeader",
		ID:           id,
		EventCoding: &fhir.Coding{
			System: SystemEvent, Code: CodeAccess,
			Display: "CP-IS access to service notification",
		},
		Destination: []fhir.MessageDestination{{
			Name: to.Name, Endpoint: endpoint(to),
			Receiver: &fhir.Reference{
				Identifier: &fhir.Identifier{System: fhir.SystemODS, Value: to.Code},
				Display:    to.Name,
			},
		}},
		Source: fhir.MessageSource{Name: "wardlight-hub", Endpoint: base},
		Focus:  []fhir.Reference{{Reference: event}},
	}

	access := cpis.AuditEvent(a, role, fhir.Reference{Display: base})
	for _, p := range plans {
		if p.Reference != "" {
			access.Entity = append(access.Entity, fhir.AuditEntity{What: &fhir.Reference{
				Type: "CareTeam", Identifier: &fhir.Identifier{System: SystemPlanReference, Value: p.Reference},
			}})
		}
	}

	b := &fhir.Bundle{ResourceType: "Bundle", ID: id, Type: "message", Timestamp: a.At.UTC().Format(time.RFC3339)}
	for _, e := range []struct {
		url      string
		resource any
	}{
		{"urn:uuid:" + id, header},
		{event, access},
		{role, cpis.PractitionerRole(a.Who.URID, a.Who)},
	} {
		if err := b.Append(e.url, e.resource); err != nil {
			return nil, err
		}
	}

	body, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("message: %w", err)
	}

	return body, nil
}

// endpoint returns the authority's address. FHIR R4 requires one, so an authority without an address gets a URN.
func endpoint(a store.Authority) string {
	if a.Endpoint != "" {
		return a.Endpoint
	}
	return "urn:wardlight:authority:" + a.Code
}
