package rbac

import (
	"maps"
	"slices"
)

// Actions lists what can be decided, in the order in which a user meets it.
func Actions() []Action {
	return []Action{TracePatient, SeeLamp, OpenAlert, OpenSilently, ReadAccessList}
}

// Name returns the action's name in documents for programs: "open_alert".
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
	default:
		return "none"
	}
}

// Lacking returns every code that the profile lacks for the actions, each once; of alternatives, the one for the
// front door.
func Lacking(p RoleProfile, actions ...Action) []ActivityCode {
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

// Codes lists the activity codes that are known by name, in their order.
func Codes() []ActivityCode { return slices.Sorted(maps.Keys(names)) }

// Explanation is what an activity code is good for here.
type Explanation struct {
	Code       ActivityCode
	Known      bool // by name
	Alone      []Action
	Together   []Combination
	Includes   []ActivityCode // codes that it carries with it
	IncludedIn []ActivityCode // codes that carry it
}

// Combination is an action that the code allows together with one code out of each group.
type Combination struct {
	Action Action
	With   [][]ActivityCode
}

// Explain says what the code allows, from the same tables by which Decide decides. A code that is not known allows
// nothing.
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
		var with [][]ActivityCode
		helps := false
		for _, group := range needs[a] {
			if holdsAny(holder, group) {
				helps = true
			} else {
				with = append(with, slices.Clone(group))
			}
		}
		switch {
		case helps && len(with) == 0:
			e.Alone = append(e.Alone, a)
		case helps:
			e.Together = append(e.Together, Combination{Action: a, With: with})
		}
	}
	return e
}
