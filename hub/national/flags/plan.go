package flags

import (
	"cmp"
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"wardlight/hub/cpis"
	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// Limits on what is shown of one answer.
const (
	maxPlans = 20  // plans of one patient
	maxTeams = 3   // authorities of one plan
	maxText  = 120 // characters of a name or a phone number
)

// extensionDetail is the URL of the extension of a Flag that refers to its details (FHIR R4, flag-detail).
const extensionDetail = "http://hl7.org/fhir/StructureDefinition/flag-detail"

// carePlan is a child protection plan (profile England-CarePlan-Flag).
type carePlan struct {
	ID        string                 `json:"id"`
	Status    string                 `json:"status"`
	Category  []fhir.CodeableConcept `json:"category"`
	Period    *fhir.Period           `json:"period"`
	CareTeam  []fhir.Reference       `json:"careTeam"`
	Contained []json.RawMessage      `json:"contained"`
}

// fetch returns the resource of the type to which a reference leads, which the answer doesn't contain. The error is a
// *fault or a *national.Failure.
type fetch func(ctx context.Context, kind, reference string) (json.RawMessage, error)

// plans returns the plans of child protection flags, newest first. A plan or an authority that can't be read is an
// error, because leaving it out would hide a plan. The error is a *fault, or that of get.
func (a *answer) plans(ctx context.Context, found []flag, uk *time.Location, get fetch) ([]store.PlanWithAuthority,
	error,
) {
	var all []store.PlanWithAuthority
	for _, f := range found {
		refs := slices.DeleteFunc(f.details(), func(r fhir.Reference) bool { return !refersTo(r, "CarePlan") })
		switch {
		case len(refs) == 0:
			return nil, faultf("a flag without a plan")
		case len(all)+len(refs) > maxPlans:
			return nil, faultf("more than %d plans", maxPlans)
		}

		for _, ref := range refs {
			theirs, err := a.plan(ctx, f, ref.Reference, uk, get)
			if err != nil {
				return nil, err
			}
			all = append(all, theirs...)
		}
	}

	slices.SortStableFunc(all, cpis.NewestFirst)
	identify(all)
	return all, nil
}

// idForm matches the ID of a resource (FHIR R4, id).
var idForm = regexp.MustCompile(`^[A-Za-z0-9.-]{1,64}$`)

// identify replaces the IDs of plans that aren't valid or occur twice.
func identify(all []store.PlanWithAuthority) {
	seen := make(map[string]bool)
	for i := range all {
		if p := &all[i].Plan; !idForm.MatchString(p.ID) || seen[p.ID] {
			p.ID = "plan-" + strconv.Itoa(i+1)
		}
		seen[all[i].ID] = true
	}
}

// details returns the references of the extensions flag-detail.
func (f flag) details() []fhir.Reference {
	var all []fhir.Reference
	for _, x := range f.Extension {
		if x.URL == extensionDetail && x.ValueReference != nil {
			all = append(all, *x.ValueReference)
		}
	}
	return all
}

// refersTo reports whether a reference may be to a resource of the type. The type is not known of a contained resource
// and of a URN.
func refersTo(r fhir.Reference, kind string) bool {
	if r.Type != "" {
		return r.Type == kind
	}
	parts := strings.Split(unversioned(r.Reference), "/")
	return len(parts) < 2 || parts[len(parts)-2] == kind
}

// plan returns one plan, once for each of its authorities.
func (a *answer) plan(ctx context.Context, f flag, reference string, uk *time.Location, get fetch) (
	[]store.PlanWithAuthority, error,
) {
	raw, err := a.resource(ctx, "CarePlan", reference, f.Contained, get)
	if err != nil {
		return nil, err
	}

	var c carePlan
	switch {
	case json.Unmarshal(raw, &c) != nil:
		return nil, faultf("not of the shape of a CarePlan")
	case c.Status == "entered-in-error":
		return nil, faultf("a flag whose plan was entered in error")
	case len(c.CareTeam) == 0 || len(c.CareTeam) > maxTeams:
		return nil, faultf("a plan without a CareTeam, or with more than %d", maxTeams)
	}

	p := store.Plan{ID: c.ID, Number: a.number, Kind: kindOf(c.Category)}
	for _, period := range []*fhir.Period{f.Period, c.Period} { // the plan's own period is preferred
		if period == nil {
			continue
		}
		if p.Start, p.End, err = days(*period, uk); err != nil {
			return nil, err
		}
	}

	var all []store.PlanWithAuthority
	for _, ref := range c.CareTeam {
		raw, err := a.resource(ctx, "CareTeam", ref.Reference, c.Contained, get)
		if err != nil {
			return nil, err
		}
		by, err := authorityOf(raw)
		if err != nil {
			return nil, err
		}
		all = append(all, store.PlanWithAuthority{Plan: p, By: by})
	}
	return all, nil
}

// resource returns a resource of the answer, or the fetched one. It checks that a fetched one is about the patient.
func (a *answer) resource(ctx context.Context, kind, reference string, contained []json.RawMessage, get fetch) (
	json.RawMessage, error,
) {
	if raw := a.resources.find(kind, reference, contained); raw != nil {
		return raw, nil
	}
	raw, err := get(ctx, kind, reference)
	if err != nil {
		return nil, err
	}
	if _, err := scan(raw); err != nil {
		return nil, faultf("%v", err)
	}
	if headOf(raw).Type != kind {
		return nil, faultf("not a %s", kind)
	}
	return raw, a.patient.check(raw)
}

// kinds are the kinds of plans by their SNOMED CT codes (value set England-ChildProtectionPlan).
var kinds = map[string]store.PlanKind{
	fhir.SnomedChildPlan:   store.ChildProtection,
	fhir.SnomedLookedAfter: store.LookedAfter,
	fhir.SnomedUnbornPlan:  store.UnbornChild,
}

// kindOf returns the kind of the first known category, or "" for a plan of another kind.
func kindOf(categories []fhir.CodeableConcept) store.PlanKind {
	for _, k := range codings(categories...) {
		if kind, known := kinds[strings.TrimSpace(k.Code)]; known {
			return kind
		}
	}
	return ""
}

// days returns the first and the last day of a period in the United Kingdom. Times with a zone are converted to it.
func days(p fhir.Period, uk *time.Location) (first, last nhs.Date, err error) {
	day := func(s string) (nhs.Date, error) {
		if s == "" {
			return nhs.Date{}, nil
		}
		if at, err := time.Parse(time.RFC3339, s); err == nil {
			return nhs.DateOf(at.In(uk)), nil
		}
		d, err := nhs.ParseDate(s)
		if err != nil {
			return nhs.Date{}, faultf("a period that is not a date")
		}
		return d, nil
	}
	if first, err = day(p.Start); err != nil {
		return nhs.Date{}, nhs.Date{}, err
	}
	last, err = day(p.End)
	return first, last, err
}

// coded matches the name of an authority with its code, such as "SFD1 - SHEFFIELD CITY COUNCIL".
var coded = regexp.MustCompile(`^([A-Za-z0-9]{2,20}) +[-–] +(.+)$`)

// authorityOf returns the authority of a CareTeam (profile England-CareTeam-Flag): its name, the phone number for
// office hours (use work) and that of the emergency duty team (use mobile). A number of another use is used as the
// first where that is missing.
func authorityOf(raw []byte) (store.Authority, error) {
	var t fhir.CareTeam
	if json.Unmarshal(raw, &t) != nil {
		return store.Authority{}, faultf("not of the shape of a CareTeam")
	}

	by := store.Authority{Name: line(t.Name)}
	if by.Name == "" {
		return store.Authority{}, faultf("a CareTeam without a name")
	}
	if m := coded.FindStringSubmatch(by.Name); m != nil {
		by.Code, by.Name = m[1], m[2]
	}

	unused := ""
	for _, contact := range t.Telecom {
		number := line(contact.Value)
		switch {
		case contact.System != "" && contact.System != "phone", contact.Use == "old":
		case contact.Use == "work" && by.OfficePhone == "":
			by.OfficePhone = number
		case contact.Use == "mobile" && by.DutyPhone == "":
			by.DutyPhone = number
		case contact.Use != "work" && contact.Use != "mobile":
			unused = cmp.Or(unused, number)
		}
	}
	by.OfficePhone = cmp.Or(by.OfficePhone, unused)
	return by, nil
}

// line returns a text of the service as one line that is safe to show.
func line(s string) string { return text.Clean(strings.Join(strings.Fields(s), " "), maxText) }
