package rbac

import (
	"maps"
	"slices"
)

// Actions returns the actions whose codes are public, in the order in which a user needs them.
func Actions() []Action {
	return []Action{
		TracePatient, SeeLamp, OpenAlert, OpenSilently, ReadAccessList, SeeFlags, ReadAdjustments, MakePrivacyReport,
		ReadSummary, ReadSummaryInEmergency, ReadSummaryByLaw, ReadPrivacyAlerts,
	}
}

// Name returns the action's name in JSON output, such as "open_alert".
func (a Action) Name() string {
	switch a {
	case TracePatient:
		return "trace_patient"
	case SeeLamp:
		return "see_lamp"
	case OpenAlert:
		return "open_alert"
	case OpenSilently:
		return "open_silently"
	case ReadAccessList:
		return "read_access_list"
	case MakePrivacyReport:
		return "make_privacy_report"
	case SeeFlags:
		return "see_flags"
	case ReadAdjustments:
		return "read_adjustments"
	case ReadFGM:
		return "read_fgm"
	case ReadSummary:
		return "read_summary"
	case ReadSummaryInEmergency:
		return "read_summary_in_emergency"
	case ReadSummaryByLaw:
		return "read_summary_by_law"
	case ReadPrivacyAlerts:
		return "read_privacy_alerts"
	default:
		return "none"
	}
}

// MissingCodes returns the codes that the profile lacks for the actions, without duplicates. Of alternatives it returns
// that for unscheduled care.
func MissingCodes(p RoleProfile, actions ...Action) []ActivityCode {
	var codes []ActivityCode
	for _, a := range actions {
		for _, c := range Decide(p, a).Missing {
			if !slices.Contains(codes, c) {
				codes = append(codes, c)
			}
		}
	}
	return codes
}

// Codes returns the activity codes with a known name, sorted.
func Codes() []ActivityCode { return slices.Sorted(maps.Keys(names)) }

// Explanation is what an activity code allows.
type Explanation struct {
	Code       ActivityCode
	Known      bool // has a known name
	Alone      []Action
	Together   []Combination
	Includes   []ActivityCode // codes that it includes
	IncludedIn []ActivityCode // codes that include it
}

// Combination is an action that a code allows together with one code of each group in With, in one of the job roles in
// Jobs, or in any job role if there are none.
type Combination struct {
	Action Action
	With   [][]ActivityCode
	Jobs   []string
}

// Explain returns what a code allows, based on the tables of Decide. The code of a job role allows nothing alone, and
// an unknown code nothing at all.
func Explain(code ActivityCode) Explanation {
	_, known := names[code]
	e := Explanation{Code: code, Known: known, Includes: slices.Clone(included[code])}
	for _, other := range slices.Sorted(maps.Keys(included)) {
		if slices.Contains(included[other], code) {
			e.IncludedIn = append(e.IncludedIn, other)
		}
	}

	holder := RoleProfile{Activities: []ActivityCode{code}}
	for _, a := range Actions() {
		jobs := slices.Clone(requiredJobs[a])
		helps := slices.Contains(jobs, string(code))
		if helps {
			jobs = nil
		}

		var with [][]ActivityCode
		for _, group := range requiredCodes[a] {
			if hasAnyCode(holder, group) {
				helps = true
			} else {
				with = append(with, slices.Clone(group))
			}
		}

		switch {
		case helps && len(with)+len(jobs) == 0:
			e.Alone = append(e.Alone, a)
		case helps:
			e.Together = append(e.Together, Combination{Action: a, With: with, Jobs: jobs})
		}
	}

	return e
}
