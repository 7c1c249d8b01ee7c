package nationaltest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"wardlight/internal/fhir"
)

// FlagsBase is the base path of the Patient Flags API.
const FlagsBase = "/patient-flags/FHIR/R4"

// Places of the Patient Flags API.
const (
	Flags      Place = "flags"
	FlagDetail Place = "flag detail" // a CarePlan or CareTeam by its own address
)

// PatientFlags is a stand-in for the Patient Flags API on a platform, with patients and their flags. Its methods are
// safe for concurrent use.
type PatientFlags struct {
	platform *Platform

	mu       sync.Mutex
	patients map[string][]map[string]any // the resources in the answer about a patient, by NHS number
	apart    map[string]map[string]any   // resources that are not in an answer, by path
}

// FlagPlan is a child protection plan.
type FlagPlan struct {
	Kind         string // SNOMED CT code
	Start, End   string // dateTime; End may be ""
	Authority    string // name of the CareTeam
	Office, Duty string // phone numbers; may be ""
	Apart        bool   // CarePlan and CareTeam are not in the answer, only at their own addresses
}

// NewPatientFlags adds the service to the platform, without patients.
func NewPatientFlags(p *Platform) *PatientFlags {
	f := &PatientFlags{
		platform: p, patients: make(map[string][]map[string]any), apart: make(map[string]map[string]any),
	}
	p.Serve(FlagsBase+"/Flag", Flags, f.flags)
	p.Serve(FlagsBase+"/Care", FlagDetail, f.detail)
	return f
}

// URL returns the base address of the service.
func (p *PatientFlags) URL() string { return p.platform.URL + FlagsBase }

// Know adds patients without flags.
func (p *PatientFlags) Know(numbers ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, n := range numbers {
		if _, known := p.patients[n]; !known {
			p.patients[n] = nil
		}
	}
}

// AddPlan adds a child protection flag with a plan.
func (p *PatientFlags) AddPlan(number string, plan FlagPlan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	id := fmt.Sprintf("cp-%d", len(p.patients[number])+len(p.apart)+1)
	period := map[string]any{"start": plan.Start}
	if plan.End != "" {
		period["end"] = plan.End
	}

	var phones []map[string]any
	for use, value := range map[string]string{"work": plan.Office, "mobile": plan.Duty} {
		if value != "" {
			phones = append(phones, map[string]any{"system": "phone", "use": use, "value": value})
		}
	}
	carePlan := map[string]any{
		"resourceType": "CarePlan", "id": id, "status": "active", "intent": "plan",
		"category": concepts("http://snomed.info/sct", plan.Kind), "subject": patientOf(number), "period": period,
		"careTeam": []any{map[string]any{"reference": "CareTeam/" + id}},
	}
	careTeam := map[string]any{
		"resourceType": "CareTeam", "id": id, "status": "active", "name": plan.Authority, "telecom": phones,
	}

	flag := flagOf(id, number, "child-protection-information-system-flag", p.platform.clock())
	flag["extension"] = []any{detailOf("CarePlan", id)}
	p.patients[number] = append(p.patients[number], flag)
	if plan.Apart {
		p.apart["/CarePlan/"+id], p.apart["/CareTeam/"+id] = carePlan, careTeam
		return
	}
	p.patients[number] = append(p.patients[number], carePlan, careTeam)
}

// AddAdjustments adds a reasonable adjustment flag with one adjustment.
func (p *PatientFlags) AddAdjustments(number, display string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	const category = "national-reasonable-adjustment-flag"
	flag := flagOf("ra", number, category, p.platform.clock())
	flag["extension"] = []any{detailOf("Flag", "ra-detail")}
	adjustment := map[string]any{
		"resourceType": "Flag", "id": "ra-detail", "status": "active", "subject": patientOf(number),
		"category": append(concepts(categories, category),
			concepts("https://fhir.nhs.uk/England/CodeSystem/England-FlagCategoryRA", "communication-support")...),
		"code": map[string]any{"coding": []any{map[string]any{
			"system": "https://snomed.info/sct", "code": "1082681000000103", "display": display,
		}}},
	}
	p.patients[number] = append(p.patients[number], flag, adjustment)
}

// AddFGM adds an FGM flag.
func (p *PatientFlags) AddFGM(number string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	flag := flagOf("fgm", number, "female-genital-mutilation-flag", p.platform.clock())
	p.patients[number] = append(p.patients[number], flag)
}

// detail answers a request for a resource by its address.
func (p *PatientFlags) detail(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	resource, found := p.apart[strings.TrimPrefix(r.URL.Path, FlagsBase)]
	p.mu.Unlock()
	if !found {
		outcome(w, http.StatusNotFound, "not-found", "RESOURCE_NOT_FOUND", "")
		return
	}
	reply(w, http.StatusOK, fhir.MediaType, resource)
}

// flags answers a search for all flags of a patient: 404 and an outcome without a Spine code for an unknown patient,
// otherwise a searchset without a timestamp, in which all resources are matches and full URLs are relative.
func (p *PatientFlags) flags(w http.ResponseWriter, r *http.Request) {
	number := r.URL.Query().Get("patient")
	p.mu.Lock()
	resources, known := p.patients[number]
	resources = slices.Clone(resources)
	p.mu.Unlock()
	if !known {
		reply(w, http.StatusNotFound, fhir.MediaType, fhir.OperationOutcome{
			ResourceType: "OperationOutcome", Issue: []fhir.Issue{{Severity: "error", Code: "not-found"}},
		})
		return
	}

	var entries []any
	for _, x := range resources {
		entries = append(entries, map[string]any{
			"fullUrl": fmt.Sprintf("%s/%s", x["resourceType"], x["id"]), "resource": x,
			"search": map[string]any{"mode": "match"},
		})
	}
	answer := map[string]any{
		"resourceType": "Bundle", "type": "searchset", "total": len(entries),
		"link": []any{map[string]any{"relation": "self", "url": "https://" + r.Host + r.URL.String()}},
	}
	if len(entries) > 0 {
		answer["entry"] = entries
	}
	reply(w, http.StatusOK, fhir.MediaType, answer)
}

// categories is the code system of the flags.
const categories = "https://fhir.nhs.uk/England/CodeSystem/England-FlagCategoryPatient"

// flagOf returns an active flag of a category, with a Provenance.
func flagOf(id, number, category string, at time.Time) map[string]any {
	recorded := at.UTC().Format(time.RFC3339)
	return map[string]any{
		"resourceType": "Flag", "id": id, "status": "active", "code": concepts(categories, category)[0],
		"subject": patientOf(number), "period": map[string]any{"start": recorded},
		"contained": []any{map[string]any{
			"resourceType": "Provenance", "id": "provenance", "recorded": recorded,
			"target": []any{map[string]any{"reference": "#"}},
			"agent": []any{map[string]any{
				"who":        map[string]any{"reference": "https://sds.example/Practitioner/1"},
				"onBehalfOf": map[string]any{"reference": "https://ods.example/Organization/rxx01"},
			}},
		}},
	}
}

// patientOf returns a reference to a patient by the ID of a resource. It contains no NHS number.
func patientOf(number string) map[string]any {
	return map[string]any{"reference": "Patient/person-" + strings.TrimLeft(number, "9")}
}

// concepts returns a list of one concept.
func concepts(system, code string) []any {
	return []any{map[string]any{"coding": []any{map[string]any{"system": system, "code": code}}}}
}

// detailOf returns the extension that refers to a detail of a flag.
func detailOf(kind, id string) map[string]any {
	return map[string]any{
		"url":            "http://hl7.org/fhir/StructureDefinition/flag-detail",
		"valueReference": map[string]any{"reference": kind + "/" + id},
	}
}
