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

// The outcomes of a record.
const (
	Granted = "granted"
	Refused = "refused" // Reason says why
	Failed  = "failed"  // of the hub's own
)

// The code systems of an exported record.
const (
	systemEventType   = "http://terminology.hl7.org/CodeSystem/audit-event-type"
	systemDICOM       = "http://dicom.nema.org/resources/ontology/DCM"
	systemInteraction = "http://hl7.org/fhir/restful-interaction"
	systemEntityType  = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
	systemObjectRole  = "http://terminology.hl7.org/CodeSystem/object-role"
	systemBALP        = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType"
	systemURI         = "urn:ietf:rfc:3986"
)

// The entity that ties an event to the chain, and its details. What the event says in another way than the record has a
// detail of its own, so that the record can be read back to the letter.
const (
	placeName     = "audit record"
	detailSeq     = "seq"
	detailPrev    = "prev"
	detailHash    = "hash"
	detailSession = "session"
	detailRequest = "request_id" // of one with capitals
	detailOutcome = "outcome"    // of one that FHIR has no code for
)

// The roles of entities (http://terminology.hl7.org/CodeSystem/object-role) that are read back.
const (
	rolePatient = "1"
	roleQuery   = "24"
)

// What begins the identifier of a request, and what stands in the place of an agent that is not known.
const (
	requestPrefix  = "urn:uuid:"
	notEstablished = "not established"
)

// networkIP is the type of an address that is an IP address; the network of an IPv6 source has none
// (http://hl7.org/fhir/network-type).
const networkIP = "2"

// instantForm is an instant in full: to the microsecond, as the hash has it.
const instantForm = "2006-01-02T15:04:05.000000Z07:00"

// outcomes are the codes of AuditEvent.outcome: success, minor failure, serious failure.
var outcomes = map[string]string{Granted: "0", Refused: "4", Failed: "8"}

// Event returns a record as an R4 AuditEvent. Its id is the record's number; the entity named "audit record" ties it to
// the chain.
func Event(r store.AuditRecord, source string) fhir.AuditEvent {
	k, known := Actions[r.Action]
	if !known { // of a hub that knew more actions
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
		e.Entity = append(e.Entity, fhir.AuditEntity{What: who, Type: entity("1", "Person"), Role: object(rolePatient, "Patient")})
	}
	e.Entity = append(e.Entity, fhir.AuditEntity{Type: entity("2", "System Object"), Role: object(roleQuery, "Query"), Name: r.Action})
	if r.RequestID != "" {
		e.Entity = append(e.Entity, fhir.AuditEntity{
			What: &fhir.Reference{Identifier: &fhir.Identifier{System: systemURI, Value: requestPrefix + strings.ToLower(r.RequestID)}},
			Type: &fhir.Coding{System: systemBALP, Code: "XrequestId"},
		})
	}
	return withPlace(e, r, entity("2", "System Object"), object("13", "Security Resource"))
}

// withPlace adds the record's place in the chain, and its session.
func withPlace(e fhir.AuditEvent, r store.AuditRecord, kind, role *fhir.Coding) fhir.AuditEvent {
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
	e.Entity = append(e.Entity, fhir.AuditEntity{Type: kind, Role: role, Name: placeName, Detail: place})
	return e
}

// agents returns the person, their role and their organisation, as far as they were established; of an operator's
// command the operator before them. The first is the requestor. R4 wants one at least.
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
	default: // of an older hub, which took the common name of any card for a UUID
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
