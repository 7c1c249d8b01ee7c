package audit

import (
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"

	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// Outcomes of a record.
const (
	Granted = "granted"
	Refused = "refused" // with the reason in Reason
	Failed  = "failed"  // because of an error of the hub
)

// Code systems of an exported record.
const (
	systemEventType   = "http://terminology.hl7.org/CodeSystem/audit-event-type"
	systemDICOM       = "http://dicom.nema.org/resources/ontology/DCM"
	systemInteraction = "http://hl7.org/fhir/restful-interaction"
	systemEntityType  = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
	systemObjectRole  = "http://terminology.hl7.org/CodeSystem/object-role"
	systemBALP        = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType"
	systemURI         = "urn:ietf:rfc:3986"
)

// The name of the entity that links an event to the chain, and the types of its details. Values that an event encodes
// in another form than the record have their own detail, so that the record can be restored exactly.
const (
	chainEntityName = "audit record"
	detailSeq       = "seq"
	detailPrev      = "prev"
	detailHash      = "hash"
	detailSession   = "session"
	detailRequest   = "request_id" // of a request ID with capitals
	detailOutcome   = "outcome"    // of an outcome without a FHIR code
)

// Entity roles (http://terminology.hl7.org/CodeSystem/object-role) that are read back.
const (
	rolePatient = "1"
	roleQuery   = "24"
)

// The prefix of a request's identifier, and the alternative ID of an unknown agent.
const (
	requestPrefix  = "urn:uuid:"
	notEstablished = "not established"
)

// networkIP is the type of a network that is an IP address. The network of an IPv6 source has no type
// (http://hl7.org/fhir/network-type).
const networkIP = "2"

// instantForm is the layout of a time with microseconds, as it is hashed.
const instantForm = "2006-01-02T15:04:05.000000Z07:00"

// outcomes are the values of AuditEvent.outcome: success, minor failure, serious failure.
var outcomes = map[string]string{Granted: "0", Refused: "4", Failed: "8"}

// Event returns a record as an R4 AuditEvent. Its id is the record's number. The entity named "audit record" links it
// to the chain.
func Event(r store.AuditRecord, source string) fhir.AuditEvent {
	k, known := Actions[r.Action]
	if !known { // an action of a newer hub
		k = Kind{Event: rest, Code: "E"}
	}

	e := fhir.AuditEvent{
		ResourceType: "AuditEvent", ID: strconv.FormatInt(r.Seq, 10), Type: k.Event, Action: k.Code,
		Recorded: r.At.UTC().Format(instantForm), Outcome: outcomes[r.Outcome], OutcomeDesc: r.Reason,
		Agent: agents(r, k.By), Source: fhir.AuditEventSource{Observer: fhir.Reference{Display: source}},
	}

	if k.Subtype != (fhir.Coding{}) {
		e.Subtype = []fhir.Coding{k.Subtype}
	}

	object := func(code, display string) *fhir.Coding {
		return &fhir.Coding{System: systemObjectRole, Code: code, Display: display}
	}

	entity := func(code, display string) *fhir.Coding {
		return &fhir.Coding{System: systemEntityType, Code: code, Display: display}
	}

	for _, p := range r.Patients {
		who := fhir.NHSNumberReference(p.Digits())
		who.Type = "Patient"
		e.Entity = append(e.Entity, fhir.AuditEntity{
			What: who, Type: entity("1", "Person"),
			Role: object(rolePatient, "Patient"),
		})
	}

	e.Entity = append(e.Entity, fhir.AuditEntity{
		Type: entity("2", "System Object"), Role: object(roleQuery, "Query"),
		Name: r.Action,
	})

	if r.RequestID != "" {
		e.Entity = append(e.Entity, fhir.AuditEntity{
			What: &fhir.Reference{Identifier: &fhir.Identifier{System: systemURI, Value: requestPrefix +
				strings.ToLower(r.RequestID)}},
			Type: &fhir.Coding{System: systemBALP, Code: "XrequestId"},
		})
	}

	return withChainPosition(e, r, entity("2", "System Object"), object("13", "Security Resource"))
}

// withChainPosition adds the record's position in the chain, and its session.
func withChainPosition(e fhir.AuditEvent, r store.AuditRecord, kind, role *fhir.Coding) fhir.AuditEvent {
	place := []fhir.AuditDetail{
		{Type: detailSeq, ValueString: strconv.FormatInt(r.Seq, 10)},
		{Type: detailPrev, ValueString: hex.EncodeToString(r.Prev)},
		{Type: detailHash, ValueString: hex.EncodeToString(r.Hash)},
	}
	if r.RequestID != strings.ToLower(r.RequestID) {
		place = append(place, fhir.AuditDetail{Type: detailRequest, ValueString: r.RequestID})
	}
	if outcomes[r.Outcome] == "" && r.Outcome != "" {
		place = append(place, fhir.AuditDetail{Type: detailOutcome, ValueString: r.Outcome})
	}
	if r.Session != "" {
		place = append(place, fhir.AuditDetail{Type: detailSession, ValueString: r.Session})
	}
	e.Entity = append(e.Entity, fhir.AuditEntity{Type: kind, Role: role, Name: chainEntityName, Detail: place})
	return e
}

// agents returns the known ones of operator, person, role and organisation, the requestor first. R4 requires at least
// one.
func agents(r store.AuditRecord, by Agent) []fhir.AuditAgent {
	var all []fhir.AuditAgent
	if by == Operator {
		all = []fhir.AuditAgent{{AltID: string(Operator), Requestor: true}}
	}

	add := func(kind, system, value string) {
		if value != "" {
			all = append(all, fhir.AuditAgent{
				Who:       &fhir.Reference{Type: kind, Identifier: &fhir.Identifier{System: system, Value: value}},
				Requestor: len(all) == 0,
			})
		}
	}

	switch {
	case nhs.IsUserID(r.Person):
		add("Practitioner", fhir.SystemSDSUser, r.Person)
	default: // of an older hub, which treated the common name of any card as a UUID
		add("Practitioner", "", r.Person)
	}

	add("PractitionerRole", fhir.SystemSDSRoleProfile, r.URID)
	add("Organization", fhir.SystemODS, r.OrgODS)
	if len(all) == 0 {
		all = []fhir.AuditAgent{{AltID: notEstablished, Requestor: true}}
	}

	if r.Source != "" {
		all[0].Network = &fhir.AuditNetwork{Address: r.Source}
		if _, err := netip.ParseAddr(r.Source); err == nil {
			all[0].Network.Type = networkIP
		}
	}

	return all
}
