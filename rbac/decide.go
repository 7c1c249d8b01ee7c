package rbac

import (
	"fmt"
	"slices"
	"strings"
)

// Action is an action that needs permission.
type Action int

// The actions. The zero Action is invalid and always refused.
const (
	TracePatient      Action = iota + 1 // search for a patient, or retrieve one
	SeeLamp                             // ask whether there is an alert; notifies nobody
	OpenAlert                           // see the plans in unscheduled care; notifies the local authority
	OpenSilently                        // see the plans in scheduled care; notifies nobody
	ReadAccessList                      // see the access history; notifies nobody
	MakePrivacyReport                   // report on the accesses of the role's organisation; notifies nobody
	SeeFlags                            // ask whether there is a reasonable adjustments flag; notifies nobody
	ReadAdjustments                     // see the details of a reasonable adjustments flag; notifies nobody
	// see an FGM flag (female genital mutilation); see DecideFGM; notifies nobody
	ReadFGM
	ReadSummary            // view a Summary Care Record with the patient's permission
	ReadSummaryInEmergency // view one without it, in an emergency; alerts the privacy officer
	// view one without it, because the law allows it; alerts the privacy officer
	ReadSummaryByLaw
	ReadPrivacyAlerts // see and close the privacy alerts of the role's organisation
)

// String returns the action as a verb phrase, such as "trace a patient".
func (a Action) String() string {
	switch a {
	case TracePatient:
		return "trace a patient"
	case SeeLamp:
		return "see whether there is an alert"
	case OpenAlert:
		return "open an alert"
	case OpenSilently:
		return "open an alert in scheduled care"
	case ReadAccessList:
		return "see who has looked"
	case MakePrivacyReport:
		return "make a privacy report"
	case SeeFlags:
		return "see whether there are reasonable adjustments"
	case ReadAdjustments:
		return "read reasonable adjustments"
	case ReadFGM:
		return "see an FGM flag"
	case ReadSummary:
		return "view a summary"
	case ReadSummaryInEmergency:
		return "view a summary in an emergency"
	case ReadSummaryByLaw:
		return "view a summary by legal override"
	case ReadPrivacyAlerts:
		return "see privacy alerts"
	default:
		return "do this"
	}
}

// requiredCodes maps each action to groups of codes. A role needs at least one code of each group (the hub's API
// table). The code for ReadFGM is not public, so it has no entry.
var requiredCodes = map[Action][][]ActivityCode{
	TracePatient:      {{Trace}},
	SeeLamp:           {{Trace}, {ViewAlert, ViewAlertSilently}},
	OpenAlert:         {{Trace}, {ViewAlert}},
	OpenSilently:      {{ViewAlertSilently}},
	ReadAccessList:    {{ViewAlert, ViewAlertSilently}},
	MakePrivacyReport: {{Trace}, {ViewAlert}},
	SeeFlags:          {{Trace}},
	ReadAdjustments:   {{Trace}, {ViewAdjustments}},

	ReadSummary:            {{Trace}, {ViewSummary}},
	ReadSummaryInEmergency: {{Trace}, {ViewSummary}, {EmergencyAccess}},
	ReadSummaryByLaw:       {{Trace}, {ViewSummary}, {LegalOverride}},
	ReadPrivacyAlerts:      {{Trace}, {ViewAlert}, {ReceiveViewAlerts, ReceiveClaimAlerts}},
}

// requiredJobs maps actions to job roles, one of which the role must have in addition to the codes. Other actions
// don't depend on the job role. Source: NCRS guidance, appendix D (June 2025).
var requiredJobs = map[Action][]string{
	MakePrivacyReport: {PrivacyOfficer, CaldicottGuardian},
	ReadPrivacyAlerts: {PrivacyOfficer, CaldicottGuardian},
}

// Decision is the result of [Decide].
type Decision struct {
	Action  Action
	Allowed bool
	Missing []ActivityCode // codes that would have to be granted; of alternatives, that for unscheduled care (B0107)
	// MissingJobs lists the job roles of which the role would have to be one. It is empty if the role is one of them,
	// or if the action doesn't depend on the job role.
	MissingJobs []string
}

// Decide returns whether a role profile allows the action. Unknown actions are refused.
func Decide(p RoleProfile, a Action) Decision { return decide(p, a, requiredCodes[a]) }

// DecideIn is like Decide, for a request with a care setting. If an action accepts the codes of both settings, the role
// needs that of this one: B0107 in unscheduled care, and B0170 in scheduled care.
func DecideIn(p RoleProfile, a Action, unscheduled bool) Decision {
	setting := ViewAlertSilently
	if unscheduled {
		setting = ViewAlert
	}
	groups := slices.Clone(requiredCodes[a])
	for i, group := range groups {
		if slices.Contains(group, setting) {
			groups[i] = []ActivityCode{setting}
		}
	}
	return decide(p, a, groups)
}

// DecideFGM returns whether a role profile allows ReadFGM by the code that the site has configured. Without a code it
// is refused.
func DecideFGM(p RoleProfile, code ActivityCode) Decision {
	if code == "" {
		return Decision{Action: ReadFGM}
	}
	return decide(p, ReadFGM, [][]ActivityCode{{Trace}, {code}})
}

func decide(p RoleProfile, a Action, groups [][]ActivityCode) Decision {
	d := Decision{Action: a, Allowed: len(groups) > 0}
	for _, any := range groups {
		if !hasAnyCode(p, any) {
			d.Allowed = false
			d.Missing = append(d.Missing, any[0])
		}
	}

	if jobs := requiredJobs[a]; len(jobs) > 0 && !slices.Contains(jobs, p.JobRoleCode()) {
		d.Allowed, d.MissingJobs = false, slices.Clone(jobs)
	}

	return d
}

func hasAnyCode(p RoleProfile, codes []ActivityCode) bool {
	for _, c := range codes {
		if p.HasCode(c) {
			return true
		}
	}
	return false
}

// Reason returns a sentence with the missing codes and who grants them. It returns "" if the action is allowed.
func (d Decision) Reason() string {
	switch {
	case d.Allowed:
		return ""
	case len(d.Missing)+len(d.MissingJobs) == 0:
		return "This is not something any role may do."
	}
	return fmt.Sprintf("To %s this role lacks %s. %s", d.Action, d.Lacks(), GrantedBy)
}

// Lacks returns the missing codes and job roles with their names, or "" if there are none: "B0107 (View Child
// Protection Plan) and the job role R0001 (Privacy Officer) or R5105 (Caldicott Guardian)".
func (d Decision) Lacks() string {
	var parts []string
	for _, c := range d.Missing {
		parts = append(parts, fmt.Sprintf("%s (%s)", c, c.Name()))
	}
	if len(d.MissingJobs) > 0 {
		parts = append(parts, "the job role "+JobTitles(d.MissingJobs))
	}
	return strings.Join(parts, " and ")
}

// GrantedBy is a sentence about who grants activity codes.
const GrantedBy = "Your sponsor asks for it and the Registration Authority (RA) of your organisation grants it."

// MainActions returns the actions that Wardlight is made for: trace, lamp, and the opening of the role's care setting.
func MainActions(p RoleProfile) []Action { return []Action{TracePatient, SeeLamp, OpeningOf(p)} }

// Usable reports whether the role allows all actions of [MainActions].
func Usable(p RoleProfile) bool {
	for _, action := range MainActions(p) {
		if !Decide(p, action).Allowed {
			return false
		}
	}
	return true
}

// Unscheduled reports whether the role is for unscheduled care, in which openings are recorded and notified (B0107). A
// role with the codes of both settings counts as unscheduled. The setting depends on the role and can't be chosen per
// opening.
func Unscheduled(p RoleProfile) bool {
	return p.HasCode(ViewAlert) || !p.HasCode(ViewAlertSilently)
}

// OpeningOf returns the opening of the role's care setting: OpenAlert or OpenSilently.
func OpeningOf(p RoleProfile) Action {
	if Unscheduled(p) {
		return OpenAlert
	}
	return OpenSilently
}
