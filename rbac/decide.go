package rbac

import (
	"fmt"
	"slices"
	"strings"
)

// Action is something a person asks to do.
type Action int

// The actions. The zero Action is none of them, and is refused.
const (
	TracePatient   Action = iota + 1 // search for a patient, or retrieve one
	SeeLamp                          // learn whether there is an alert; notifies nobody
	OpenAlert                        // see the plans in unscheduled care; notifies the local authority
	OpenSilently                     // see the plans in scheduled care; notifies nobody
	ReadAccessList                   // see the access history; itself silent
)

// String returns the action as a clause: "trace a patient".
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
	default:
		return "do this"
	}
}

// needs lists, for each action, groups of which each must be met by any one of its codes (the hub's API table).
var needs = map[Action][][]ActivityCode{
	TracePatient:   {{Trace}},
	SeeLamp:        {{Trace}, {ViewAlert, ViewAlertSilently}},
	OpenAlert:      {{Trace}, {ViewAlert}},
	OpenSilently:   {{ViewAlertSilently}},
	ReadAccessList: {{ViewAlert, ViewAlertSilently}},
}

// Decision is an answer with its reason.
type Decision struct {
	Action  Action
	Allowed bool
	Missing []ActivityCode // what would have to be granted; of alternatives, the one for the front door (B0107)
}

// Decide says whether the profile may do a. An action without an entry is refused.
func Decide(p RoleProfile, a Action) Decision { return decide(p, a, needs[a]) }

// DecideIn returns Decide for a request that says in which care setting it is made: where the codes of both settings
// would do, it has to be that of this one, B0107 in unscheduled care and B0170 in scheduled care.
func DecideIn(p RoleProfile, a Action, unscheduled bool) Decision {
	setting := ViewAlertSilently
	if unscheduled {
		setting = ViewAlert
	}
	groups := slices.Clone(needs[a])
	for i, group := range groups {
		if slices.Contains(group, setting) {
			groups[i] = []ActivityCode{setting}
		}
	}
	return decide(p, a, groups)
}

func decide(p RoleProfile, a Action, groups [][]ActivityCode) Decision {
	d := Decision{Action: a, Allowed: len(groups) > 0}
	for _, any := range groups {
		if !holdsAny(p, any) {
			d.Allowed = false
			d.Missing = append(d.Missing, any[0])
		}
	}
	return d
}

func holdsAny(p RoleProfile, codes []ActivityCode) bool {
	for _, c := range codes {
		if p.Holds(c) {
			return true
		}
	}
	return false
}

// Reason returns a sentence that names what is missing and who grants it; "" when the action is allowed.
func (d Decision) Reason() string {
	switch {
	case d.Allowed:
		return ""
	case len(d.Missing) == 0:
		return "This is not something any role may do."
	}
	parts := make([]string, len(d.Missing))
	for i, c := range d.Missing {
		parts[i] = fmt.Sprintf("%s (%s)", c, c.Name())
	}
	return fmt.Sprintf("To %s this role lacks %s. %s", d.Action, strings.Join(parts, " and "), GrantedBy)
}

// GrantedBy says who can change it.
const GrantedBy = "Your sponsor asks for it and the Registration Authority (RA) of your organisation grants it."

// FrontDoor returns what the front door needs of a role.
func FrontDoor(p RoleProfile) []Action { return []Action{TracePatient, SeeLamp, OpeningOf(p)} }

// Usable reports whether the role can do the front door's job: trace, see the lamp, and open.
func Usable(p RoleProfile) bool {
	for _, action := range FrontDoor(p) {
		if !Decide(p, action).Allowed {
			return false
		}
	}
	return true
}

// Unscheduled reports the care setting of the role: true where an opening is recorded and notified (B0107). A role with
// both codes uses the notifying read. The setting belongs to the role, not to a click.
func Unscheduled(p RoleProfile) bool {
	return p.Holds(ViewAlert) || !p.Holds(ViewAlertSilently)
}

// OpeningOf returns the opening that belongs to the role's care setting: OpenAlert or OpenSilently.
func OpeningOf(p RoleProfile) Action {
	if Unscheduled(p) {
		return OpenAlert
	}
	return OpenSilently
}
