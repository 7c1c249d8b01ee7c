package rbac

import (
	"maps"
	"slices"
	"strings"
)

// The job roles that decisions depend on.
const (
	PrivacyOfficer    = "R0001"
	CaldicottGuardian = "R5105"
)

// jobs is the job roles of the National RBAC Database that are frequent among users. Only those of requiredJobs are
// used for decisions.
var jobs = map[string]string{
	"R8000":           "Clinical Practitioner",
	"R8001":           "Nurse",
	"R8003":           "Health Professional",
	"R8004":           "Student (clinical)",
	"R8006":           "Medical Secretary",
	"R8008":           "Admin/Clinical Support",
	"R8009":           "Receptionist",
	"R8010":           "Clerical",
	"R8015":           "Systems Support",
	PrivacyOfficer:    "Privacy Officer",
	"R5080":           "RA Manager",
	CaldicottGuardian: "Caldicott Guardian",
	"R5110":           "Demographic Administrator",
}

// JobRoles returns the job role codes with a known name, sorted.
func JobRoles() []string { return slices.Sorted(maps.Keys(jobs)) }

// JobName returns the name of a job role code such as R8001, or "" if it is not known.
func JobName(code string) string { return jobs[code] }

// JobTitles returns job role codes with their names, as alternatives: "R0001 (Privacy Officer) or R5105 (Caldicott
// Guardian)".
func JobTitles(codes []string) string {
	titles := make([]string, len(codes))
	for i, code := range codes {
		titles[i] = code
		if name := JobName(code); name != "" {
			titles[i] += " (" + name + ")"
		}
	}
	return strings.Join(titles, " or ")
}

// LastName returns the last part of a role's full name, such as "Nurse Access Role" of '"Clinical":"Clinical
// Provision":"Nurse Access Role"'.
func LastName(roleName string) string {
	s := strings.TrimSuffix(strings.TrimSpace(roleName), `"`)
	if i := strings.LastIndex(s, `":"`); i >= 0 {
		s = s[i+3:]
	}
	return strings.Trim(s, `"`)
}
