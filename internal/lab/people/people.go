// Package people makes the synthetic patients of the test bench: a few named ones, one for each thing that can be
// seen, and as many seeded ones as wanted.
//
// None of them is anybody. Their NHS numbers are of the range that is never issued (900 to 999), their phone numbers
// of the ranges kept for fiction, their postcodes of areas that do not exist. The same seed in the same year makes
// the same people.
package people

import (
	"time"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// Person is one synthetic patient, with what CP-IS holds of them.
type Person struct {
	Patient      fhir.Patient
	Related      []fhir.RelatedPerson // who may be contacted about the patient
	SupersededBy nhs.Number           // set when Patient's number leads to another one
	Plans        []Plan
	Accesses     []Access
	Shows        string // of the named: what can be seen with them
}

// Number returns the person's NHS number.
func (p Person) Number() nhs.Number { return nhs.Number(p.Patient.ID) }

// Kind is a kind of plan, by our code.
type Kind string

// The kinds of plan on CP-IS.
const (
	CPP  Kind = "CPP"  // child protection plan
	LAC  Kind = "LAC"  // looked after child
	UCPP Kind = "UCPP" // unborn child protection plan, held under the mother
)

// Plan is one plan.
type Plan struct {
	Kind      Kind
	Authority string // its id: "V991"
	Start     nhs.Date
	End       nhs.Date // zero while it runs
	Due       nhs.Date // of UCPP: when the child is expected
}

// Access is one earlier look at the alert.
type Access struct {
	When         time.Time
	UUID, Name   string // of who looked: "999000000301", "Ms Ada Sample"
	URID         string
	Role         string // "S8000:G8000:R8001"
	RoleName     string
	ODS, OrgName string
}

// details are what a record is made of.
type details struct {
	title, family, phone, postcode string
	given                          []string
	gender                         nhs.Gender
	born, died                     nhs.Date
	street, town                   string
	restricted                     bool
}

// record returns the patient as PDS would hold it. A restricted one keeps address and phone: to withhold them is the
// hub's duty.
func record(n nhs.Number, d details) fhir.Patient {
	security := fhir.Coding{System: fhir.SystemConfidential, Code: "U", Display: "unrestricted"}
	if d.restricted {
		security.Code, security.Display = "R", "restricted"
	}
	p := fhir.Patient{
		ResourceType: "Patient", ID: n.Digits(),
		Meta:       &fhir.Meta{VersionID: "1", Security: []fhir.Coding{security}},
		Identifier: []fhir.Identifier{verified(n)},
		Name: []fhir.HumanName{{
			ID: "n1", Use: "usual", Period: &fhir.Period{Start: d.born.FHIR()}, Family: d.family, Given: d.given,
		}},
		Gender: string(d.gender), BirthDate: d.born.FHIR(),
		Address: []fhir.Address{{
			ID: "a1", Use: "home", Period: &fhir.Period{Start: d.born.FHIR()},
			Line: []string{"", d.street, "", d.town, ""}, PostalCode: d.postcode,
		}},
		GeneralPractitioner: []fhir.Practice{{
			ID: "g1", Type: "Organization", Identifier: fhir.Identifier{System: fhir.SystemODS, Value: "X97"},
		}},
	}
	if d.title != "" {
		p.Name[0].Prefix = []string{d.title}
	}
	if d.phone != "" {
		p.Telecom = []fhir.ContactPoint{{ID: "t1", System: "phone", Use: "home", Value: d.phone}}
	}
	if !d.died.IsZero() {
		p.DeceasedDateTime = d.died.FHIR() + "T00:00:00+00:00"
	}
	return p
}

// verified returns the number with the status that nearly all of them have (UK Core).
func verified(n nhs.Number) fhir.Identifier {
	return fhir.Identifier{
		System: fhir.SystemNHSNumber, Value: n.Digits(),
		Extension: []fhir.Extension{{URL: fhir.ExtensionNumberState, ValueCodeableConcept: &fhir.CodeableConcept{
			Coding: []fhir.Coding{{
				System: fhir.SystemNumberStatus, Version: "1.0.0", Code: "01", Display: "Number present and verified",
			}},
		}}},
	}
}
