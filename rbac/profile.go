// Package rbac decides what a role may do.
//
// It holds the national activity codes that Wardlight knows, the role profile that carries them, and one function,
// Decide. Client and hub share it, so that both decide by the same rules; the hub decides again, always.
// Codes are evaluated on the selected role alone, never over all of a person's roles, and nothing is derived from the
// job role code.
package rbac

import (
	"slices"
	"strings"
)

// ActivityCode is a code of the National RBAC Database, such as B0107.
type ActivityCode string

// The activity codes that decide anything here.
const (
	ViewAlert         ActivityCode = "B0107" // view child protection plan; notifies the local authority
	ViewAlertSilently ActivityCode = "B0170" // view CP-IS flag without notification; scheduled care
	Trace             ActivityCode = "B0264" // access SCR application (perform patient trace)
)

// names are the codes as the National RBAC Database calls them.
var names = map[ActivityCode]string{
	ViewAlert:         "View Child Protection Plan",
	ViewAlertSilently: "View CP-IS Flag without Notification",
	Trace:             "Perform Patient Trace",
	"B0820":           "View Patient Demographics",
	"B0825":           "Amend Patient Demographics",
	"B0370":           "View Summary Health Records",
	"B1611":           "Access Sensitive Flagged Records",
	"B0082":           "Legal Override",
	"B0089":           "Access DSA",
	"B0096":           "Amend Demographics (National Back Office)",
	"B0098":           "Extended Person Trace",
	"B0168":           "Emergency Access",
	"B1101":           "Manage Outbound Referrals",
}

// Name returns what the National RBAC Database calls the code; the code itself when it is not one we know.
func (c ActivityCode) Name() string {
	if n, ok := names[c]; ok {
		return n
	}
	return string(c)
}

// included lists the codes that a code carries with it. CIS2 names only the codes granted outright; the application
// expands the rest (domain rule of the National RBAC Database).
var included = map[ActivityCode][]ActivityCode{
	"B0825": {"B0820"},
}

// RoleProfile is one person in one role at one organisation, as CIS2's nhsid_nrbac_roles states it.
type RoleProfile struct {
	URID       string         // person_roleid: 12 digits; sent as NHSD-Session-URID
	JobRole    string         // role_code: staff group, sub-group and job role, "S8000:G8000:R8001"
	JobName    string         // "Nurse Access Role"
	OrgODS     string         // ODS code of the organisation, "RX1"
	OrgName    string         // "Example General Hospital"
	Activities []ActivityCode // those granted outright
}

// JobRoleCode returns the job role alone: "R8001" of "S8000:G8000:R8001".
func (p RoleProfile) JobRoleCode() string {
	return p.JobRole[strings.LastIndexByte(p.JobRole, ':')+1:]
}

// Holds reports whether the profile carries the code, outright or included in another.
func (p RoleProfile) Holds(code ActivityCode) bool {
	seen := make(map[ActivityCode]bool)
	var holds func(codes []ActivityCode) bool
	holds = func(codes []ActivityCode) bool {
		return slices.ContainsFunc(codes, func(c ActivityCode) bool {
			if seen[c] {
				return false
			}
			seen[c] = true
			return c == code || holds(included[c])
		})
	}
	return holds(p.Activities)
}
