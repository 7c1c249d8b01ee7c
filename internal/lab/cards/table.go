package cards

import (
	"wardlight/internal/lab/pki"
	"wardlight/rbac"
)

// The organisations. Their ODS codes have a form that is never assigned.
const (
	hospitalODS, hospital   = "X99", "EXAMPLE GENERAL HOSPITAL"
	infirmaryODS, infirmary = "X98", "MADE UP INFIRMARY"
	surgeryODS, surgery     = "X97", "SAMPLE ROAD SURGERY"
)

// job is a job role of the National RBAC Database.
type job struct{ code, name string }

var (
	clinician = job{"S8000:G8000:R8000", "Clinical Practitioner Access Role"}
	nurse     = job{"S8000:G8000:R8001", "Nurse Access Role"}
	support   = job{"S8000:G8001:R8008", "Admin/Clinical Support Access Role"}
	clerical  = job{"S8000:G8002:R8010", "Clerical Access Role"}
	officer   = job{"S8000:G8003:" + rbac.PrivacyOfficer, "Privacy Officer"}
	secretary = job{"S8000:G8002:R8006", "Medical Secretary Access Role"}
)

const (
	view   = rbac.ViewAlert
	silent = rbac.ViewAlertSilently
	trace  = rbac.Trace

	// The codes of Summary Care Records: viewing one, also in an emergency, and also if the law allows it.
	record    = rbac.ViewSummary
	emergency = rbac.EmergencyAccess
	byLaw     = rbac.LegalOverride
)

// FGMCode is the activity code for FGM flags at the hub of the demo. The national code is not public.
const FGMCode rbac.ActivityCode = "B9998"

func at(ods, org string) func(urid string, j job, codes ...rbac.ActivityCode) rbac.RoleProfile {
	return func(urid string, j job, codes ...rbac.ActivityCode) rbac.RoleProfile {
		return rbac.RoleProfile{
			URID: urid, JobRole: j.code, JobName: j.name, OrgODS: ods, OrgName: org,
			Activities: codes,
		}
	}
}

var (
	atHospital  = at(hospitalODS, hospital)
	atInfirmary = at(infirmaryODS, infirmary)
	atSurgery   = at(surgeryODS, surgery)
)

func one(p rbac.RoleProfile) []rbac.RoleProfile { return []rbac.RoleProfile{p} }

// All returns all cards.
func All() []Card {
	return []Card{
		{
			Name: "nurse", UUID: "999000000101", Title: "Ms", Given: "Ada", Family: "Sample", Key: pki.RSA2048,
			Roles: one(atHospital("999000000201", nurse, view, trace, record, emergency)),
			Shows: "the ordinary case: one role, which finds, sees the lamp, opens and views Summary Care Records",
		},
		{
			Name: "clerk", UUID: "999000000102", Title: "Mr", Given: "Ben", Family: "Placeholder", Key: pki.P256,
			Roles: one(atHospital("999000000202", support, view, trace)),
			Shows: "a clerk of the emergency department, who finds, sees the lamp and opens",
		},
		{
			Name: "doctor", UUID: "999000000115", Title: "Dr", Given: "Mia", Family: "Exemplar", Key: pki.P256,
			Roles: one(atHospital("999000000215", clinician, view, trace, record, emergency, byLaw)),
			Shows: "a doctor, who can also view a Summary Care Record because the law allows it",
		},
		{
			Name: "traceonly", UUID: "999000000103", Title: "Miss", Given: "Cora", Family: "Halfway", Key: pki.RSA2048,
			Roles: one(atHospital("999000000203", clerical, trace)),
			Shows: "no usable role: B0107 is missing",
		},
		{
			Name: "viewonly", UUID: "999000000104", Title: "Dr", Given: "Dev", Family: "Otherhalf", Key: pki.P256,
			Roles: one(atHospital("999000000204", clinician, view)),
			Shows: "no usable role: B0264 is missing",
		},
		{
			Name: "gp", UUID: "999000000105", Title: "Dr", Given: "Esme", Family: "Practice", Key: pki.P384,
			Roles: one(atSurgery("999000000205", clinician, silent, trace, record, rbac.ViewAdjustments, FGMCode)),
			Shows: "scheduled care: opening notifies nobody and leaves no access; sees details of other flags, and FGM",
		},
		{
			Name: "norole", UUID: "999000000106", Title: "Mrs", Given: "Flo", Family: "Newcomer", Key: pki.RSA2048,
			Shows: "signs in and has no role at all",
		},
		{
			Name: "multi", UUID: "999000000107", Title: "Mr", Given: "Gus", Family: "Twohats", Key: pki.RSA2048,
			Roles: []rbac.RoleProfile{
				atHospital("999000000207", secretary, trace),
				atInfirmary("999000000208", nurse, view, trace),
				atInfirmary("999000000209", clerical),
			},
			Shows: "three roles at two organisations, of which one can be used",
		},
		{
			Name: "privacy", UUID: "999000000114", Title: "Ms", Given: "Lea", Family: "Watchful", Key: pki.P256,
			Roles: one(atHospital("999000000214", officer, view, trace, rbac.ReceiveViewAlerts,
				rbac.ReceiveClaimAlerts)),
			Shows: "a privacy officer, who can see who looked at whom, and the privacy alerts",
		},
		{
			Name: "expired", UUID: "999000000108", Title: "Ms", Given: "Hope", Family: "Lapsed", Key: pki.P256,
			Condition: Expired,
			Roles:     one(atHospital("999000000210", nurse, view, trace)),
			Shows:     "refused before the passcode: its certificate has ended",
		},
		{
			Name: "revoked", UUID: "999000000109", Title: "Mr", Given: "Ivo", Family: "Withdrawn", Key: pki.P256,
			Condition: Revoked,
			Roles:     one(atHospital("999000000211", nurse, view, trace)),
			Shows:     "refused by the hub: its certificate was revoked",
		},
		{
			Name: "locked", UUID: "999000000110", Title: "Ms", Given: "Joy", Family: "Shut", Key: pki.P256,
			Condition: Locked,
			Roles:     one(atHospital("999000000212", nurse, view, trace)),
			Shows:     "refused before the passcode: no tries left",
		},
		{
			Name: "stranger", UUID: "999000000111", Title: "Mr", Given: "Kit", Family: "Elsewhere", Key: pki.P256,
			Condition: UntrustedCA,
			Roles:     one(atHospital("999000000213", nurse, view, trace)),
			Shows:     "refused by the hub: a certificate that it does not trust",
		},
	}
}
