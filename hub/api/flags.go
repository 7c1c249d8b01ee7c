package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"wardlight/hub/cpis"
	"wardlight/hub/patientflag"
	"wardlight/hub/trace"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// Parameters of the Patient Flags API.
const (
	parameterFlagPatient = "patient"
	parameterFlagCode    = "code"
)

// childProtection is the category of the flag of a child with plans.
const childProtection = patientflag.Kind(fhir.CodeCPISFlag)

// flagPatient parses the patient of a request to the Patient Flags API. It returns an error for parameters that aren't
// known.
func flagPatient(query url.Values, known ...string) (nhs.Number, error) {
	if err := unknownParameters(query, append(known, parameterFlagPatient)...); err != nil {
		return "", err
	}
	return flagPatientNamed(query)
}

// flagPatientNamed parses the parameter patient, which must occur once.
func flagPatientNamed(query url.Values) (nhs.Number, error) {
	values := query[parameterFlagPatient]
	if len(values) == 1 {
		if number, err := nhs.ParseNumber(values[0]); err == nil && number.Digits() == values[0] {
			return number, nil
		}
	}
	return "", badRequest("INVALID_SEARCH_DATA", "Invalid search data provided - '%s is not a valid NHS number'",
		parameterFlagPatient)
}

// flagsAsked chooses the action of GET /Flag by the role. A role that may see the lamp sees it with the other flags.
func flagsAsked(_ *http.Request, role rbac.RoleProfile) (rbac.Action, error) {
	if rbac.Decide(role, rbac.SeeLamp).Allowed {
		return rbac.SeeLamp, nil
	}
	return rbac.SeeFlags, nil
}

// flagAsked chooses the action of GET /PatientFlag by the code of the flag.
func flagAsked(r *http.Request, _ rbac.RoleProfile) (rbac.Action, error) {
	codes := r.URL.Query()[parameterFlagCode]
	if len(codes) == 1 {
		switch patientflag.Kind(codes[0]) {
		case childProtection:
			return rbac.OpenSilently, nil
		case patientflag.ReasonableAdjustments:
			return rbac.ReadAdjustments, nil
		case patientflag.FGM:
			return rbac.ReadFGM, nil
		}
	}
	return 0, badRequest("INVALID_SEARCH_DATA", "Invalid search data provided - '%s is not the code of a flag'",
		parameterFlagCode)
}

// flags answers GET /Flag of the Patient Flags API: all flags that the role may see, in one answer that notifies
// nobody. A kind of flag of which this is not known has an OperationOutcome instead. If nothing may be said about the
// patient at all, the error is that of the lamp.
func (a *API) flags(c *call) (*answer, error) {
	number, err := flagPatient(c.query)
	if err != nil {
		return nil, err
	}
	patient, err := a.answerable(c.ctx, number)
	if err != nil {
		return nil, err
	}

	got := &answer{patients: []nhs.Number{number}}
	b := a.flagBundle(c, url.Values{parameterFlagPatient: {number.Digits()}})
	found, err := a.flagLamp(c, number, b, got)
	if err != nil {
		return nil, err
	}
	if !patient.Known && len(found.Visible) == 0 {
		return nil, trace.ErrNotFound
	}
	b.Timestamp = stamp(asOf(c, found))

	if err := a.otherFlags(c, number, patient, b); err != nil {
		return nil, err
	}

	found.Patient = patient
	got.body, err = a.alertAnswer(b, found)
	return got, err
}

// answerable returns the record of a patient, or the error of the lamp for a record about which nothing may be said.
func (a *API) answerable(ctx context.Context, number nhs.Number) (trace.RecordStatus, error) {
	patient, err := a.Records.RecordStatus(ctx, number)
	if err != nil {
		return patient, err
	}
	return patient, cpis.Permit(patient)
}

// flagLamp adds the flag for child protection, or why it is not known. If the check is refused, the audit has its code,
// as in a refused lamp. A failure of the hub is returned.
func (a *API) flagLamp(c *call, number nhs.Number, b *fhir.Bundle, got *answer) (cpis.PatientPlans, error) {
	if c.action != rbac.SeeLamp {
		refused := forbidden(rbac.Decide(c.person.role.RoleProfile, rbac.SeeLamp))
		return cpis.PatientPlans{}, a.notKnown(b, childProtection, refused)
	}

	found, err := a.Alerts.Plans(c.ctx, number, c.today)
	switch p, known := asProblem(err); {
	case err == nil && len(found.Visible) > 0:
		return found, b.Match("urn:uuid:"+a.NewID(), nil, cpis.PatientFlag(number))
	case err == nil:
		return found, nil
	case errors.Is(err, trace.ErrNotFound), !known:
		return found, err
	default:
		got.outcome, got.reason = p.recorded()
		got.unchecked = p.fails()
		return found, a.notKnown(b, childProtection, p)
	}
}

// otherFlags adds the other flags of a patient that the role may see, or why they are not known. A failure to read them
// never changes the answer about child protection.
func (a *API) otherFlags(c *call, number nhs.Number, patient trace.RecordStatus, b *fhir.Bundle) error {
	role := c.person.role.RoleProfile
	kinds := []patientflag.Kind{patientflag.ReasonableAdjustments}
	if rbac.DecideFGM(role, a.FGMCode).Allowed && a.mayHaveFGM(c, patient) {
		kinds = append(kinds, patientflag.FGM)
	}

	for _, r := range a.readFlags(c, number, patient, kinds) {
		details := r.Kind == patientflag.FGM || rbac.Decide(role, rbac.ReadAdjustments).Allowed
		if err := a.addFlag(b, number, r, details); err != nil {
			return err
		}
	}
	return nil
}

func (a *API) mayHaveFGM(c *call, patient trace.RecordStatus) bool {
	return patient.Known && patientflag.MayHaveFGM(patient.Gender, patient.Born, c.today)
}

// readFlags returns the flags of a patient. Failures of the hub are logged.
func (a *API) readFlags(c *call, number nhs.Number, patient trace.RecordStatus,
	kinds []patientflag.Kind,
) []patientflag.Result {
	if a.Flags == nil {
		all := make([]patientflag.Result, len(kinds))
		for i, k := range kinds {
			all[i] = patientflag.Result{Kind: k, Err: patientflag.ErrNotHeld}
		}
		return all
	}

	all := a.Flags.Flags(c.ctx, allNumbers(number, patient), kinds)
	for i := range all {
		r := &all[i]
		if r.Err == nil && r.Flag == nil {
			r.Err = unknownAbsence(patient)
		}
		if _, known := asProblem(r.Err); r.Err != nil && !known {
			a.Log.ErrorContext(c.ctx, "Flags of a patient could not be read because of an internal error.", "request",
				c.requestID, "kind", string(r.Kind), "error", r.Err)
		}
	}
	return all
}

// unknownAbsence returns why the absence of a patient's flag means nothing, or nil.
func unknownAbsence(patient trace.RecordStatus) error {
	switch {
	case !patient.Known:
		return trace.ErrNotFound
	case patient.Unchecked:
		return cpis.ErrUnchecked
	default:
		return nil
	}
}

// allNumbers returns all numbers of a patient, the requested one first.
func allNumbers(number nhs.Number, patient trace.RecordStatus) []nhs.Number {
	return append([]nhs.Number{number}, slices.DeleteFunc(slices.Clone(patient.Numbers),
		func(n nhs.Number) bool { return n == number })...)
}

// addFlag adds a flag to an answer, or why it is not known whether there is one.
func (a *API) addFlag(b *fhir.Bundle, number nhs.Number, r patientflag.Result, details bool) error {
	switch {
	case r.Err != nil:
		p, _ := asProblem(r.Err)
		return a.notKnown(b, r.Kind, p)
	case r.Flag == nil:
		return nil
	}

	flag, included := patientflag.Resources(r.Flag, number.Digits(), details, a.NewID)
	if err := b.Match("urn:uuid:"+a.NewID(), nil, flag); err != nil {
		return err
	}
	for _, i := range included {
		if err := b.Include(i.URL, i.Resource); err != nil {
			return err
		}
	}
	return nil
}

// notKnown adds an OperationOutcome: that it is not known whether there is a flag of the kind, and why. Its details
// have the kind besides the problem's codes.
func (a *API) notKnown(b *fhir.Bundle, kind patientflag.Kind, p *problem) error {
	o := p.outcome()
	details := o.Issue[0].Details
	details.Coding = append(details.Coding, fhir.Coding{
		System: fhir.SystemFlagCategory, Code: string(kind),
		Display: cmp.Or(kind.Display(), "Child Protection Information System Flag"),
	})
	return b.Outcome("urn:uuid:"+a.NewID(), o)
}

// flagBundle returns an empty searchset whose self link has the query, because the patient is not in every entry.
func (a *API) flagBundle(c *call, query url.Values) *fhir.Bundle {
	b := fhir.NewSearchset(stamp(c.now))
	b.Link = []fhir.BundleLink{{Relation: "self", URL: a.Issuer + c.request.URL.Path + "?" + query.Encode()}}
	return b
}

// patientFlag answers GET /PatientFlag: one flag with its details. For child protection it is the opening in scheduled
// care, which notifies nobody.
func (a *API) patientFlag(c *call) (*answer, error) {
	number, err := flagPatient(c.query, parameterFlagCode)
	if err != nil {
		return nil, err
	}
	b := a.flagBundle(c, url.Values{
		parameterFlagPatient: {number.Digits()}, parameterFlagCode: c.query[parameterFlagCode],
	})

	got := &answer{patients: []nhs.Number{number}}
	if c.action == rbac.OpenSilently {
		found, err := a.Alerts.Plans(c.ctx, number, c.today)
		if err != nil {
			return nil, err
		}
		b.Timestamp = stamp(asOf(c, found))
		if err := a.addCarePlans(b, c, number, found); err != nil {
			return nil, err
		}
		got.body, err = a.alertAnswer(b, found)
		return got, err
	}

	patient, err := a.answerable(c.ctx, number)
	if err != nil {
		return nil, err
	}
	kind := patientflag.ReasonableAdjustments
	if c.action == rbac.ReadFGM {
		kind = patientflag.FGM
	}
	if kind != patientflag.FGM || a.mayHaveFGM(c, patient) {
		r := a.readFlags(c, number, patient, []patientflag.Kind{kind})[0]
		if r.Err != nil {
			return nil, r.Err
		}
		if err := a.addFlag(b, number, r, true); err != nil {
			return nil, err
		}
	}
	got.body, err = marshal(b)
	return got, err
}

// addCarePlans adds the flag of a patient with visible plans, each plan and its authority.
func (a *API) addCarePlans(b *fhir.Bundle, c *call, number nhs.Number, found cpis.PatientPlans) error {
	if len(found.Visible) == 0 {
		return nil
	}
	urls := make([]string, len(found.Visible))
	for i, p := range found.Visible {
		urls[i] = a.Issuer + flagsBase + "/CarePlan/" + p.ID
	}
	if err := b.Match("urn:uuid:"+a.NewID(), nil, cpis.PatientFlag(number, urls...)); err != nil {
		return err
	}
	for i, p := range found.Visible {
		team := a.Issuer + flagsBase + "/CareTeam/" + p.ID
		if err := b.Include(urls[i], cpis.CarePlan(p, number, c.today, team)); err != nil {
			return err
		}
		if err := b.Include(team, cpis.FlagTeam(p, number)); err != nil {
			return err
		}
	}
	return nil
}

// flagMetadata answers GET /metadata with what the hub offers of the Patient Flags API. Clients choose by it between
// this API and the draft CP-IS guide's.
func (a *API) flagMetadata(w http.ResponseWriter, _ *http.Request) {
	body, err := marshal(fhir.CapabilityStatement{
		ResourceType: "CapabilityStatement", Status: "active", Date: "2026-11-30", Kind: "instance",
		Implementation: fhir.Implementation{Description: "Wardlight hub", URL: a.Issuer + flagsBase},
		FHIRVersion:    "4.0.1", Format: []string{fhir.MediaType},
		Rest: []fhir.Capability{{
			Mode: "server", Documentation: "GET /PatientFlag?patient=&code= returns one flag with its details.",
			Resource: []fhir.ResourceCapability{{
				Type: "Flag", Interaction: []fhir.Interaction{{Code: "search-type"}},
				SearchParam: []fhir.SearchParam{{Name: parameterFlagPatient, Type: "reference"}},
			}},
		}},
	})
	if err != nil {
		panic(err) // encoding our own structs can't fail
	}
	write(w, http.StatusOK, fhir.MediaType, body)
}
