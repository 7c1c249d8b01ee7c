package client

import (
	"encoding/json"
	"slices"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// readPlans parses the answer to an opening. The plans are sorted newest first. If one is malformed or of another
// patient, the whole answer is an error, because leaving a plan out would hide it.
func readPlans(c call, ans answer, n nhs.Number) (Opened, error) {
	set, err := readSearchset(c, ans)
	if err != nil {
		return Opened{}, err
	}

	opened := Opened{
		Number: n, AsOf: set.asOf, RequestID: c.requestID, RecordMissing: set.recordMissing,
		Plans: make([]Plan, 0, len(set.matches)),
	}

	for _, raw := range set.matches {
		var t fhir.CareTeam
		switch {
		case json.Unmarshal(raw, &t) != nil || t.ResourceType != "CareTeam":
			return Opened{}, malformed(c, ans, "not a CareTeam")
		case !isAbout(t.Subject, n):
			return Opened{}, malformed(c, ans, "plan of another patient")
		}
		plan, err := readPlan(t)
		if err != nil {
			return Opened{}, malformed(c, ans, "plan with an unreadable date")
		}
		opened.Plans = append(opened.Plans, plan)
	}

	slices.SortStableFunc(opened.Plans, func(a, b Plan) int { return newestFirst(a.Start, b.Start) })
	if opened.historyIncluded = set.historyIncluded; set.historyIncluded {
		opened.Accesses, opened.ListErr = readEvents(c, ans, set, set.events, n)
	}

	return opened, nil
}

// readPlan parses one plan. A malformed date is an error: ignoring an end would show an ended plan as current, or the
// other way round.
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

// kinds maps SNOMED CT codes to kinds of plans.
var kinds = map[string]PlanKind{
	fhir.SnomedChildPlan:   ChildProtection,
	fhir.SnomedLookedAfter: LookedAfter,
	fhir.SnomedUnbornPlan:  UnbornChild,
}

// planKind returns the kind of the first known code.
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

// newestFirst compares dates for sorting newest first.
func newestFirst(a, b nhs.Date) int {
	switch {
	case b.Before(a):
		return -1
	case a.Before(b):
		return 1
	}
	return 0
}
