package client

import (
	"encoding/json"
	"slices"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// readPlans reads the answer to an opening: the plans, newest first. One that cannot be read, or is about another
// patient, spoils the answer: a plan left out would be a plan hidden.
func readPlans(c call, ans answer, n nhs.Number) (Opened, error) {
	set, err := readSearchset(c, ans)
	if err != nil {
		return Opened{}, err
	}
	opened := Opened{Number: n, AsOf: set.asOf, RequestID: c.requestID, RecordMissing: set.recordMissing, Plans: make([]Plan, 0, len(set.matches))}
	for _, raw := range set.matches {
		var t fhir.CareTeam
		switch {
		case json.Unmarshal(raw, &t) != nil || t.ResourceType != "CareTeam":
			return Opened{}, rubbish(c, ans, "not a CareTeam")
		case !isAbout(t.Subject, n):
			return Opened{}, rubbish(c, ans, "plan of another patient")
		}
		plan, err := readPlan(t)
		if err != nil {
			return Opened{}, rubbish(c, ans, "plan with an unreadable date")
		}
		opened.Plans = append(opened.Plans, plan)
	}
	slices.SortStableFunc(opened.Plans, func(a, b Plan) int { return newestFirst(a.Start, b.Start) })
	return opened, nil
}

// readPlan reads one plan. The error is of a date that is there and cannot be read: an end that is overlooked would
// make an ended plan current, and the other way round.
func readPlan(t fhir.CareTeam) (Plan, error) {
	p := Plan{Kind: planKind(t.Category), Authority: line(t.Name)}
	if t.Period != nil {
		var err error
		if p.Start, err = optionalDate(t.Period.Start); err != nil {
			return Plan{}, err
		}
		if p.End, err = optionalDate(t.Period.End); err != nil {
			return Plan{}, err
		}
	}
	for _, contact := range t.Telecom {
		switch {
		case contact.System != "phone":
		case contact.Use == "work" && p.OfficePhone == "":
			p.OfficePhone = line(contact.Value)
		case contact.Use == "mobile" && p.EmergencyPhone == "":
			p.EmergencyPhone = line(contact.Value)
		}
	}
	return p, nil
}

// kinds are the plans' kinds by their SNOMED CT code.
var kinds = map[string]PlanKind{
	fhir.SnomedChildPlan:   ChildProtection,
	fhir.SnomedLookedAfter: LookedAfter,
	fhir.SnomedUnbornPlan:  UnbornChild,
}

// planKind returns the kind by the first code that is known.
func planKind(category []fhir.CodeableConcept) PlanKind {
	for _, c := range category {
		for _, k := range c.Coding {
			if kind, known := kinds[k.Code]; known {
				return kind
			}
		}
	}
	return OtherPlan
}

// newestFirst orders dates for slices.SortStableFunc.
func newestFirst(a, b nhs.Date) int {
	switch {
	case b.Before(a):
		return -1
	case a.Before(b):
		return 1
	}
	return 0
}
