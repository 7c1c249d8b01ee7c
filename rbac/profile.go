// Package rbac decides what a role may do.
//
// It has the national activity codes that Wardlight uses, role profiles with their codes, and the function Decide.
// Client and hub share it, so that both use the same rules; the hub always decides again. Only the codes of the
// selected role count, never those of the person's other roles. The job role code allows nothing by itself; the privacy
// reports require one in addition to the codes.
package rbac

import (
	"slices"
	"strings"
)

// ActivityCode is a code of the National RBAC Database, such as B0107.
type ActivityCode string

// The activity codes that decisions depend on.
const (
	ViewAlert         ActivityCode = "B0107" // view child protection plan; notifies the local authority
	ViewAlertSilently ActivityCode = "B0170" // view CP-IS flag without notification; scheduled care
	Trace             ActivityCode = "B0264" // access SCR application (perform patient trace)
	ViewAdjustments   ActivityCode = "B0257" // view the details of a reasonable adjustments flag (NCRS guidance)
	ChangeAdjustments ActivityCode = "B0380" // view, create, edit or delete such a flag (NCRS guidance)

	ViewSummary        ActivityCode = "B0370" // view the Summary Care Record
	EmergencyAccess    ActivityCode = "B0168" // view it without the patient's permission in an emergency
	LegalOverride      ActivityCode = "B0082" // view it without the patient's permission because the law allows it
	ReceiveViewAlerts  ActivityCode = "B0015" // see the privacy alerts about such views
	ReceiveClaimAlerts ActivityCode = "B0016" // see the privacy alerts about self-claimed legitimate relationships
)

// names is the names of codes in the National RBAC Database. Those of the codes for reasonable adjustments are from the
// NCRS guidance, which has no other names for them.
var names = map[ActivityCode]string{
	ViewAlert:          "View Child Protection Plan",
	ViewAlertSilently:  "View CP-IS Flag without Notification",
	Trace:              "Perform Patient Trace",
	ViewAdjustments:    "View Reasonable Adjustments",
	ChangeAdjustments:  "View and Change Reasonable Adjustments",
	"B0820":            "View Patient Demographics",
	"B0825":            "Amend Patient Demographics",
	ViewSummary:        "View Summary Health Records",
	"B1611":            "Access Sensitive Flagged Records",
	LegalOverride:      "Legal Override",
	"B0089":            "Access DSA",
	"B0096":            "Amend Demographics (National Back Office)",
	"B0098":            "Extended Person Trace",
	EmergencyAccess:    "Emergency Access",
	ReceiveViewAlerts:  "Receive Legal Override and Emergency View Alerts",
	ReceiveClaimAlerts: "Receive Self Claimed LR Alerts",
	"B1101":            "Manage Outbound Referrals",
}

// Name returns the code's name in the National RBAC Database, or the code itself if the name is not known.
func (c ActivityCode) Name() string {
	if n, ok := names[c]; ok {
		return n
	}
	return string(c)
}

// included maps codes to the codes that they include. CIS2 reports only the codes granted directly, and applications
// add the included ones (domain rule of the National RBAC Database; for reasonable adjustments, NCRS guidance).
var included = map[ActivityCode][]ActivityCode{
	"B0825":           {"B0820"},
	ChangeAdjustments: {ViewAdjustments},
}

// RoleProfile is a role of one person at one organisation, as in CIS2's nhsid_nrbac_roles.
type RoleProfile struct {
	URID       string         // person_roleid: 12 digits; sent as NHSD-Session-URID
	JobRole    string         // role_code: staff group, sub-group and job role, "S8000:G8000:R8001"
	JobName    string         // "Nurse Access Role"
	OrgODS     string         // ODS code of the organisation, "RX1"
	OrgName    string         // "Example General Hospital"
	Activities []ActivityCode // granted directly
}

// JobRoleCode returns the last part of JobRole: "R8001" of "S8000:G8000:R8001".
func (p RoleProfile) JobRoleCode() string {
	return p.JobRole[strings.LastIndexByte(p.JobRole, ':')+1:]
}

// HasCode reports whether the profile has the code, granted directly or included in another.
func (p RoleProfile) HasCode(code ActivityCode) bool {
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
