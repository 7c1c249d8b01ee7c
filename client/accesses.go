package client

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// MaxAccesses is the maximum number of accesses in the access history.
const MaxAccesses = 25

// includeWho requests that the answer include the person of each access (draft CP-IS FHIR R4 guide).
const includeWho = "AuditEvent:entity-type=http://terminology.hl7.org/CodeSystem/v3-RoleClass|ASSIGNED"

// Accesses returns the latest accesses to the patient's alert from unscheduled care, newest first. The call itself is
// not recorded as an access. Errors are *Error.
func (a *Acting) Accesses(ctx context.Context, n nhs.Number) ([]Access, error) {
	c := a.readCPIS("/AuditEvent", n)
	c.query.Set("_include", includeWho)
	ans, err := a.ask(ctx, c)
	if err != nil {
		return nil, err
	}
	return readAccesses(c, ans, n)
}

// readAccesses parses the answer.
func readAccesses(c call, ans answer, n nhs.Number) ([]Access, error) {
	set, err := readSearchset(c, ans)
	if err != nil {
		return nil, err
	}

	return readEvents(c, ans, set, set.matches, n)
}

// readEvents parses the access history in events, whose persons are included in the set. The accesses are sorted newest
// first.
func readEvents(c call, ans answer, set searchset, events []json.RawMessage, n nhs.Number) ([]Access, error) {
	list := make([]Access, 0, len(events))
	for _, raw := range events {
		var e fhir.AuditEvent
		if json.Unmarshal(raw, &e) != nil || e.ResourceType != "AuditEvent" {
			return nil, malformed(c, ans, "not an AuditEvent")
		}

		for _, entity := range e.Entity {
			if w := entity.What; w != nil && w.Identifier != nil && w.Identifier.System == fhir.SystemNHSNumber &&
				!isAbout(w, n) {
				return nil, malformed(c, ans, "access to another patient")
			}
		}

		access := accessOf(e.Agent, set.included)
		var err error
		if access.When, err = time.Parse(time.RFC3339, e.Recorded); err != nil {
			return nil, malformed(c, ans, "access without a time")
		}

		list = append(list, access)
	}

	slices.SortStableFunc(list, func(a, b Access) int { return b.When.Compare(a.When) })
	return list[:min(len(list), MaxAccesses)], nil
}

// accessOf returns the access of the requestor, with the fields that the answer has. An access without a name is
// returned, too.
func accessOf(agents []fhir.AuditAgent, included map[string]json.RawMessage) Access {
	i := max(0, slices.IndexFunc(agents, func(g fhir.AuditAgent) bool { return g.Requestor }))
	if i >= len(agents) || agents[i].Who == nil {
		return Access{}
	}

	who := agents[i].Who
	access := Access{Who: line(who.Display)}
	var r fhir.PractitionerRole
	if json.Unmarshal(included[who.Reference], &r) != nil || r.ResourceType != "PractitionerRole" {
		return access
	}

	if r.Practitioner != nil && r.Practitioner.Display != "" {
		access.Who = line(r.Practitioner.Display)
	}

	if r.Organization != nil {
		access.Organisation = line(r.Organization.Display)
	}

	for _, concept := range r.Code {
		for _, k := range concept.Coding {
			if access.JobRole == "" {
				access.JobRole = line(k.Display)
			}
		}
	}

	return access
}
