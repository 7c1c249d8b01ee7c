package rbac

import (
	"maps"
	"slices"
)

// jobs is the job roles of the National RBAC Database that are frequent among users. They are not used for decisions,
// which depend on activity codes.
var jobs = map[string]string{
	"R8000": "Clinical Practitioner",
	"R8001": "Nurse",
	"R8003": "Health Professional",
	"R8004": "Student (clinical)",
	"R8006": "Medical Secretary",
	"R8008": "Admin/Clinical Support",
	"R8009": "Receptionist",
	"R8010": "Clerical",
	"R8015": "Systems Support",
	"R0001": "Privacy Officer",
	"R5080": "RA Manager",
	"R5105": "Caldicott Guardian",
	"R5110": "Demographic Administrator",
}

// JobRoles returns the job role codes with a known name, sorted.
func JobRoles() []string { return slices.Sorted(maps.Keys(jobs)) }

// JobName returns the name of a job role code such as R8001, or "" if it is not known.
func JobName(code string) string { return jobs[code] }
