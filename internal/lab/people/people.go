// Package people generates synthetic patients: a few named ones, each of which demonstrates one thing, and any number
// of others from a seed.
//
// They do not represent real people. Their NHS numbers are in the range that is never issued (900 to 999), their
// telephone numbers are reserved for fiction, and their postcode areas do not exist. The same seed in the same year
// generates the same people. cmd/wardlight-lab, other packages of internal/lab, the benchmarks and tests import it.
package people

import (
	"time"

	"wardlight/hub/patientflag"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// A Person is a synthetic patient with the data of CP-IS about them.
type Person struct {
	Patient      fhir.Patient
	Related      []fhir.RelatedPerson // contacts of the patient
	SupersededBy nhs.Number           // set if Patient's number was superseded
	Plans        []Plan
	Accesses     []Access
	Summary      *Summary           // Summary Care Record; nil if none is on file
	Flags        []patientflag.Flag // besides child protection
	Shows        string             // of a named person: what they demonstrate
}

// Number returns the person's NHS number.
func (p Person) Number() nhs.Number { return nhs.Number(p.Patient.ID) }

// Kind is a kind of plan.
type Kind string

// The kinds of plan on CP-IS.
const (
	CPP  Kind = "CPP"  // child protection plan
	LAC  Kind = "LAC"  // looked after child
	UCPP Kind = "UCPP" // unborn child protection plan, stored under the mother's number
)

// Plan is a plan on CP-IS.
type Plan struct {
	Kind      Kind
	Authority string // code of the authority: "V991"
	Start     nhs.Date
	End       nhs.Date // zero if it has not ended
	Due       nhs.Date // due date, for a UCPP
}

// Access is an earlier opening of the alert.
type Access struct {
	When         time.Time
	UUID, Name   string // user: "999000000301", "Ms Ada Sample"
	URID         string
	Role         string // "S8000:G8000:R8001"
	RoleName     string
	ODS, OrgName string
}

// details are the values from which a record is made.
type details struct {
	title, family, phone, postcode string
	given                          []string
	gender                         nhs.Gender
	born, died                     nhs.Date
	street, town                   string
	restricted                     bool
}

// record returns the patient as PDS stores it. A restricted record includes address and telephone; the hub must
// withhold them.
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

// verified returns the number with the status "verified", which nearly all numbers have (UK Core).
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
