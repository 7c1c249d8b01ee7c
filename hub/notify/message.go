// Package notify tells local authorities that somebody in unscheduled care looked at their plan.
//
// What is to be told stands in the ledger's outbox, put there by the transaction that recorded the access. Deliver at
// least once, in order for each authority; a receiver tells a repetition by the message's id.
package notify

import (
	"encoding/json"
	"fmt"
	"time"

	"wardlight/hub/cpis"
	"wardlight/hub/store"
	"wardlight/internal/fhir"
)

// The event that a message reports (HL7 v3 REPC_MT000004GB01, access to service notification; the code system is our
// own).
const (
	SystemEvent = "urn:wardlight:message-event"
	CodeAccess  = "access-to-service-notification"
)

// SystemPlanReference is the system of an authority's own plan references.
const SystemPlanReference = "urn:wardlight:authority-plan-reference"

// Compose makes messages in the name of the hub at base, its public URL.
func Compose(base string) cpis.Message {
	return func(id string, a store.Access, to store.Authority, plans []store.HeldPlan) ([]byte, error) {
		return compose(base, id, a, to, plans)
	}
}

// compose returns one FHIR R4 message: header, access, and who looked.
func compose(base, id string, a store.Access, to store.Authority, plans []store.HeldPlan) ([]byte, error) {
	event := "urn:uuid:" + a.ID
	role := base + "/PractitionerRole/" + a.Who.URID
	header := &fhir.MessageHeader{
		ResourceType: "MessageHeader",
		ID:           id,
		EventCoding:  &fhir.Coding{System: SystemEvent, Code: CodeAccess, Display: "CP-IS access to service notification"},
		Destination: []fhir.MessageDestination{{
			Name: to.Name, Endpoint: endpoint(to),
			Receiver: &fhir.Reference{Identifier: &fhir.Identifier{System: fhir.SystemODS, Value: to.Code}, Display: to.Name},
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

// endpoint returns where the authority receives; one without an address of its own is named all the same, as R4
// demands one.
func endpoint(a store.Authority) string {
	if a.Endpoint != "" {
		return a.Endpoint
	}
	return "urn:wardlight:authority:" + a.Code
}
