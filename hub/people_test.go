package hub_test

import (
	"cmp"
	"testing"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// Some people and patients.
const (
	nurseUUID   = "999000000111"
	nurse       = "999000000222" // B0264, B0107
	gp          = "999000000333" // B0264, B0170
	clerk       = "999000000444" // B0264
	viewer      = "999000000555" // B0107
	silent      = "999000000666" // B0170
	both        = "999000000777" // B0264, B0107, B0170
	nopObserver = "999000000888" // none
	officer     = "999000001111" // Privacy Officer; B0264, B0107
	guardian    = "999000001222" // Caldicott Guardian; B0264, B0107
	noOfficer   = "999000001333" // Privacy Officer; B0264

	tess    = nhs.Number("9990000018") // CPP and LAC of two authorities
	plain   = nhs.Number("9990000026") // nothing on file
	hidden  = nhs.Number("9990000034") // restricted, CPP
	mother  = nhs.Number("9990000042") // UCPP
	merged  = nhs.Number("9990000050") // superseded by tess
	invalid = nhs.Number("9990000069") // marked invalid
	absent  = nhs.Number("9990000077") // nobody
)

var roleKinds = map[string][]rbac.ActivityCode{
	nurse: {rbac.Trace, rbac.ViewAlert}, gp: {rbac.Trace, rbac.ViewAlertSilently}, clerk: {rbac.Trace},
	viewer: {rbac.ViewAlert},
	silent: {rbac.ViewAlertSilently}, both: {rbac.Trace, rbac.ViewAlert, rbac.ViewAlertSilently}, nopObserver: nil,
	officer: {rbac.Trace, rbac.ViewAlert}, guardian: {rbac.Trace, rbac.ViewAlert}, noOfficer: {rbac.Trace},
}

// jobKinds are the job roles of the roles that aren't a nurse's.
var jobKinds = map[string]string{
	officer: rbac.PrivacyOfficer, guardian: rbac.CaldicottGuardian, noOfficer: rbac.PrivacyOfficer,
}

func (b *fixture) fill() { fillStore(b.t, b.sqlite) }

func fillStore(t testing.TB, s store.Store) {
	t.Helper()
	ctx := t.Context()
	ada := store.Person{UUID: nurseUUID, Title: "Ms", Given: "Ada", Family: "Sample"}
	for _, urid := range []string{nurse, gp, clerk, viewer, silent, both, nopObserver, officer, guardian, noOfficer} {
		ada.Roles = append(ada.Roles, store.Role{OrgID: "999000000999", RoleProfile: rbac.RoleProfile{
			URID: urid, JobRole: "S8000:G8000:" + cmp.Or(jobKinds[urid], "R8001"), JobName: "Nurse Access Role",
			OrgODS: "RX1", OrgName: "EXAMPLE GENERAL HOSPITAL", Activities: roleKinds[urid],
		}})
	}

	must(t, s.PutPerson(ctx, ada))

	must(t, s.PutPatients(ctx, []store.Patient{
		record(t, patient(tess, "Example", "Tess", "2016-03-04", "female", "U", "LS1 4AP")),
		record(t, patient(plain, "Example", "Tom", "2016-03-04", "male", "U", "LS1 4AP")),
		record(t, patient(hidden, "O’Brien-Núñez", "Rose", "2015-01-02", "female", "R", "LS1 4AP")),
		record(t, patient(mother, "Motherwell", "Mary", "1999-09-09", "female", "U", "")),
		superseded(record(t, patient(merged, "Example", "Tess", "2016-03-04", "female", "U", "")), tess),
		record(t, patient(invalid, "Example", "Wrong", "2016-03-04", "female", "REDACTED", "")),
	}))

	for code, name := range map[string]string{"V998": "NEIGHBOURSHIRE COUNCIL", "V999": "EXAMPLESHIRE COUNCIL"} {
		must(t, s.PutAuthority(ctx, store.Authority{
			Code: code, Name: name, OfficePhone: "01632960101", DutyPhone: "01632960102",
			Endpoint: "https://la.example/" + code,
		}))
	}

	for _, p := range []store.Plan{
		{
			ID: "5f0c0e64-6f1d-4a3a-9b0e-0a2f6f0b7f11", Number: tess, Kind: store.ChildProtection,
			Start:     day(2026, 2, 3),
			Authority: "V999", Reference: "CPP-77",
		},
		{
			ID: "5f0c0e64-6f1d-4a3a-9b0e-0a2f6f0b7f12", Number: tess, Kind: store.LookedAfter, Start: day(2025, 2, 3),
			End: day(2025, 12, 1), Authority: "V998",
		},
		{
			ID: "5f0c0e64-6f1d-4a3a-9b0e-0a2f6f0b7f13", Number: hidden, Kind: store.ChildProtection,
			Start: day(2026, 1, 1), Authority: "V999",
		},
		{
			ID: "5f0c0e64-6f1d-4a3a-9b0e-0a2f6f0b7f14", Number: mother, Kind: store.UnbornChild, Start: day(2026, 1, 1),
			Due: day(2026, 9, 1), Authority: "V999",
		},
	} {
		must(t, s.PutPlan(ctx, p))
	}
}

func day(y int, m time.Month, d int) nhs.Date { return nhs.Date{Year: y, Month: m, Day: d} }

func patient(n nhs.Number, family, given, born, gender, confidentiality, postcode string) *fhir.Patient {
	p := &fhir.Patient{
		ResourceType: "Patient", ID: n.Digits(), Gender: gender, BirthDate: born,
		Meta: &fhir.Meta{
			VersionID: "3",
			Security:  []fhir.Coding{{System: fhir.SystemConfidential, Code: confidentiality}},
		},
		Identifier: []fhir.Identifier{{System: fhir.SystemNHSNumber, Value: n.Digits()}},
		Name:       []fhir.HumanName{{Use: "usual", Family: family, Given: []string{given}, Prefix: []string{"Miss"}}},
		Telecom:    []fhir.ContactPoint{{System: "phone", Value: "01632960587", Use: "home"}},
		GeneralPractitioner: []fhir.Practice{{
			Type: "Organization", Identifier: fhir.Identifier{System: fhir.SystemODS, Value: "Y12345"},
		}},
	}
	if postcode != "" {
		p.Address = []fhir.Address{{Use: "home", Line: []string{"4 Made Up Row", "Leeds"}, PostalCode: postcode}}
	}
	return p
}

func record(t testing.TB, p *fhir.Patient) store.Patient {
	t.Helper()
	r, err := trace.Record(p)
	must(t, err)
	return r
}

func superseded(p store.Patient, by nhs.Number) store.Patient {
	p.SupersededBy = by
	return p
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
