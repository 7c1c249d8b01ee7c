package hubtest

import (
	"net/http"
	"strings"
	"time"

	"wardlight/internal/fhir"
)

// NHS numbers of the patients that every stand-in hub has.
const (
	WithAlert  = "9990000018" // EXAMPLE, Tess: one child protection plan
	NoAlert    = "9990000026" // EXAMPLE, Tom: none recorded
	Superseded = "9990000034" // superseded by NoAlert
	NoRecord   = "9990000085" // no record, but one child protection plan
)

// Patient returns an ordinary patient record.
func Patient(number, given string) *fhir.Patient {
	return &fhir.Patient{
		ResourceType: "Patient", ID: number,
		Identifier: []fhir.Identifier{{System: fhir.SystemNHSNumber, Value: number}},
		Meta:       &fhir.Meta{Security: []fhir.Coding{{System: fhir.SystemConfidential, Code: "U"}}},
		Name: []fhir.HumanName{{
			Use: "usual", Family: "Example", Given: []string{given},
			Period: &fhir.Period{Start: "2016-03-04"},
		}},
		Gender: "female", BirthDate: "2016-03-04",
		Address: []fhir.Address{{
			Use: "home", Line: []string{"", "4 Made Up Row", "", "Leeds", ""},
			PostalCode: "LS1 4AP",
		}},
	}
}

// Team returns a plan of the patient.
func Team(number string) *fhir.CareTeam {
	return &fhir.CareTeam{
		ResourceType: "CareTeam", ID: "5f0c0e64-6f1d-4a3a-9b0e-0a2f6f0b7f11", Status: "active",
		Category: []fhir.CodeableConcept{{Coding: []fhir.Coding{{
			System: fhir.SystemSNOMED,
			Code:   fhir.SnomedChildPlan,
		}}}},
		Name:    "V999 - EXAMPLESHIRE COUNCIL",
		Subject: fhir.NHSNumberReference(number),
		Period:  &fhir.Period{Start: "2026-02-03"},
		Telecom: []fhir.ContactPoint{
			{System: "phone", Use: "work", Value: "01632960101"},
			{System: "phone", Use: "mobile", Value: "01632960102"},
		},
	}
}

// Lamp returns a flag of the patient.
func Lamp(number string) *fhir.Flag {
	return &fhir.Flag{
		ResourceType: "Flag", Status: "active", Subject: *fhir.NHSNumberReference(number),
		Code: fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemFlagCategory, Code: fhir.CodeCPISFlag}}},
	}
}

// Searchset returns a searchset of the resources, with the hub's time.
func (h *Hub) Searchset(resources ...any) *fhir.Bundle {
	b := fhir.NewSearchset(h.Clock().Format(time.RFC3339))
	for _, r := range resources {
		if err := b.Match("", nil, r); err != nil {
			panic(err) // the structs of this package always marshal
		}
	}
	return b
}

func (h *Hub) search(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if strings.EqualFold(q.Get("family"), "example") && q.Get("birthdate") == "eq2016-03-04" {
		Reply(w, r, http.StatusOK, h.Searchset(Patient(WithAlert, "Tess"), Patient(NoAlert, "Tom")))
		return
	}
	Reply(w, r, http.StatusOK, h.Searchset())
}

func (h *Hub) record(w http.ResponseWriter, r *http.Request) {
	switch n := r.PathValue("number"); n {
	case WithAlert:
		Reply(w, r, http.StatusOK, Patient(n, "Tess"))
	case NoAlert, Superseded:
		Reply(w, r, http.StatusOK, Patient(NoAlert, "Tom"))
	default:
		Refuse(w, r, http.StatusNotFound, "RESOURCE_NOT_FOUND", "")
	}
}

// NumberIn returns the NHS number that a request is about.
func NumberIn(r *http.Request) string {
	return strings.TrimPrefix(r.URL.Query().Get("patient:identifier"), fhir.SystemNHSNumber+"|")
}

// WithRecordMissing adds an outcome to an answer about an alert: the patient has no current record.
func WithRecordMissing(b *fhir.Bundle) *fhir.Bundle {
	o := fhir.NewOutcome("warning", "not-found", "RESOURCE_NOT_FOUND", "Resource not found",
		"No current patient record has this NHS number.")
	if err := b.Outcome("urn:uuid:c8d30000-0000-4000-8000-000000000003", o); err != nil {
		panic(err) // the structs of this package always marshal
	}
	return b
}

// alert answers a request about a patient's alert. match returns the resource for a patient with an alert.
func (h *Hub) alert(w http.ResponseWriter, r *http.Request, match func(number string) any) {
	switch n := NumberIn(r); n {
	case WithAlert:
		Reply(w, r, http.StatusOK, h.Searchset(match(n)))
	case NoRecord:
		Reply(w, r, http.StatusOK, WithRecordMissing(h.Searchset(match(n))))
	case NoAlert, Superseded:
		Reply(w, r, http.StatusOK, h.Searchset())
	default:
		Refuse(w, r, http.StatusNotFound, "RESOURCE_NOT_FOUND", "")
	}
}

func (h *Hub) flag(w http.ResponseWriter, r *http.Request) {
	h.alert(w, r, func(n string) any { return Lamp(n) })
}

func (h *Hub) careTeam(w http.ResponseWriter, r *http.Request) {
	h.alert(w, r, func(n string) any { return Team(n) })
}

func (h *Hub) audit(w http.ResponseWriter, r *http.Request) {
	b := h.Searchset(&fhir.AuditEvent{
		ResourceType: "AuditEvent", Recorded: h.Clock().Format(time.RFC3339),
		Agent: []fhir.AuditAgent{{
			Who:       &fhir.Reference{Reference: "urn:uuid:c8d30000-0000-4000-8000-000000000002"},
			Requestor: true,
		}},
		Entity: []fhir.AuditEntity{{What: fhir.NHSNumberReference(NumberIn(r))}},
	})

	err := b.Include("urn:uuid:c8d30000-0000-4000-8000-000000000002", &fhir.PractitionerRole{
		ResourceType: "PractitionerRole", Practitioner: &fhir.Reference{Display: "Ms Ada Sample"},
		Organization: &fhir.Reference{Display: "EXAMPLE GENERAL HOSPITAL"},
		Code:         []fhir.CodeableConcept{{Coding: []fhir.Coding{{Code: "R8001", Display: "Nurse Access Role"}}}},
	})
	if err != nil {
		panic(err)
	}

	if NumberIn(r) == NoRecord {
		WithRecordMissing(b)
	}

	Reply(w, r, http.StatusOK, b)
}
