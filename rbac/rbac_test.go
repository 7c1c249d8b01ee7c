package rbac_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wardlight/rbac"
)

func role(codes ...rbac.ActivityCode) rbac.RoleProfile {
	return rbac.RoleProfile{URID: "999000000222", JobRole: "S8000:G8000:R8001", Activities: codes}
}

func TestDecide(t *testing.T) {
	for _, c := range []struct {
		name    string
		codes   []rbac.ActivityCode
		action  rbac.Action
		allowed bool
		missing []rbac.ActivityCode
	}{
		{"a nurse traces", []rbac.ActivityCode{"B0107", "B0264"}, rbac.TracePatient, true, nil},
		{"a nurse sees the lamp", []rbac.ActivityCode{"B0107", "B0264"}, rbac.SeeLamp, true, nil},
		{"a nurse opens", []rbac.ActivityCode{"B0107", "B0264"}, rbac.OpenAlert, true, nil},
		{
			"a nurse cannot open silently",
			[]rbac.ActivityCode{"B0107", "B0264"},
			rbac.OpenSilently, false,
			[]rbac.ActivityCode{"B0170"},
		},
		{"a GP sees the lamp", []rbac.ActivityCode{"B0170", "B0264"}, rbac.SeeLamp, true, nil},
		{"a GP opens silently", []rbac.ActivityCode{"B0170", "B0264"}, rbac.OpenSilently, true, nil},
		{
			"a GP cannot open with a notification",
			[]rbac.ActivityCode{"B0170", "B0264"},
			rbac.OpenAlert, false,
			[]rbac.ActivityCode{"B0107"},
		},
		{"trace alone shows no lamp", []rbac.ActivityCode{"B0264"}, rbac.SeeLamp, false, []rbac.ActivityCode{"B0107"}},
		{"view alone shows no lamp", []rbac.ActivityCode{"B0107"}, rbac.SeeLamp, false, []rbac.ActivityCode{"B0264"}},
		{"nothing lacks both", nil, rbac.SeeLamp, false, []rbac.ActivityCode{"B0264", "B0107"}},
		{"trace alone sees that there are adjustments", []rbac.ActivityCode{"B0264"}, rbac.SeeFlags, true, nil},
		{
			"trace alone reads no adjustments",
			[]rbac.ActivityCode{"B0264", "B0107"},
			rbac.ReadAdjustments,
			false,
			[]rbac.ActivityCode{"B0257"},
		},
		{"B0257 reads adjustments", []rbac.ActivityCode{"B0264", "B0257"}, rbac.ReadAdjustments, true, nil},
		{"B0380 reads adjustments", []rbac.ActivityCode{"B0264", "B0380"}, rbac.ReadAdjustments, true, nil},
		{"no public code shows FGM", []rbac.ActivityCode{"B0264", "B0257", "B0107"}, rbac.ReadFGM, false, nil},
		{"the zero action is refused", []rbac.ActivityCode{"B0107", "B0170", "B0264"}, 0, false, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := rbac.Decide(role(c.codes...), c.action)
			if d.Allowed != c.allowed || !slices.Equal(d.Missing, c.missing) {
				t.Errorf("Decide = %v missing %v, want %v missing %v", d.Allowed, d.Missing, c.allowed, c.missing)
			}
			if (d.Reason() == "") != c.allowed {
				t.Errorf("Reason() = %q, want none if and only if allowed (%v)", d.Reason(), c.allowed)
			}
		})
	}
}

func TestDecideFGM(t *testing.T) {
	const code rbac.ActivityCode = "B9998"
	for _, c := range []struct {
		codes      []rbac.ActivityCode
		configured rbac.ActivityCode
		allowed    bool
		missing    string
	}{
		{[]rbac.ActivityCode{"B0264", code}, code, true, "[]"},
		{[]rbac.ActivityCode{code}, code, false, "[B0264]"},
		{[]rbac.ActivityCode{"B0264", "B0107"}, code, false, "[B9998]"},
		{[]rbac.ActivityCode{"B0264", code}, "", false, "[]"},
		{[]rbac.ActivityCode{"B0264", ""}, "", false, "[]"},
	} {
		d := rbac.DecideFGM(role(c.codes...), c.configured)
		if d.Allowed != c.allowed || fmt.Sprint(d.Missing) != c.missing {
			t.Errorf("DecideFGM(%v, %q) = %v missing %v, want %v missing %s", c.codes, c.configured, d.Allowed,
				d.Missing, c.allowed, c.missing)
		}
	}
}

func TestDecide_PrivacyReport(t *testing.T) {
	const officer, guardian, nurse = "S8000:G8000:R0001", "R5105", "S8000:G8000:R8001"
	all := []rbac.ActivityCode{"B0264", "B0107"}
	for _, c := range []struct {
		job   string
		codes []rbac.ActivityCode
		lacks string
	}{
		{officer, all, ""},
		{guardian, all, ""},
		{nurse, all, "the job role R0001 (Privacy Officer) or R5105 (Caldicott Guardian)"},
		{"R0001:G8000:R8001", all, "the job role R0001 (Privacy Officer) or R5105 (Caldicott Guardian)"},
		{"", all, "the job role R0001 (Privacy Officer) or R5105 (Caldicott Guardian)"},
		{officer, []rbac.ActivityCode{"B0264"}, "B0107 (View Child Protection Plan)"},
		{guardian, []rbac.ActivityCode{"B0107"}, "B0264 (Perform Patient Trace)"},
		{officer, []rbac.ActivityCode{"B0264", "B0170"}, "B0107 (View Child Protection Plan)"},
		{officer, nil, "B0264 (Perform Patient Trace) and B0107 (View Child Protection Plan)"},
		{
			nurse,
			[]rbac.ActivityCode{"B0264"},
			"B0107 (View Child Protection Plan) and the job role R0001 (Privacy Officer) or R5105 (Caldicott Guardian)",
		},
	} {
		d := rbac.Decide(rbac.RoleProfile{JobRole: c.job, Activities: c.codes}, rbac.MakePrivacyReport)
		if d.Lacks() != c.lacks || d.Allowed != (c.lacks == "") {
			t.Errorf("Decide for %s with %v = allowed %v, lacks %q; want lacks %q", c.job, c.codes, d.Allowed,
				d.Lacks(), c.lacks)
		}
		if !d.Allowed && !strings.HasPrefix(d.Reason(), "To make a privacy report this role lacks "+c.lacks+". ") {
			t.Errorf("Reason for %s with %v = %q, want what it lacks: %s", c.job, c.codes, d.Reason(), c.lacks)
		}
	}
}

func TestTheSettingBelongsToTheRole(t *testing.T) {
	for _, c := range []struct {
		name        string
		codes       []rbac.ActivityCode
		unscheduled bool
		usable      bool
	}{
		{"front door", []rbac.ActivityCode{"B0107", "B0264"}, true, true},
		{"scheduled care", []rbac.ActivityCode{"B0170", "B0264"}, false, true},
		{"both codes: the notifying read", []rbac.ActivityCode{"B0107", "B0170", "B0264"}, true, true},
		{"trace only", []rbac.ActivityCode{"B0264"}, true, false},
		{"view only", []rbac.ActivityCode{"B0107"}, true, false},
		{"none", nil, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := role(c.codes...)
			if got := rbac.Unscheduled(p); got != c.unscheduled {
				t.Errorf("Unscheduled = %v, want %v", got, c.unscheduled)
			}
			if got := rbac.Usable(p); got != c.usable {
				t.Errorf("Usable = %v, want %v", got, c.usable)
			}
		})
	}
}

func TestDecideIn_TheRoleIsOfTheCareSetting(t *testing.T) {
	const lamp, list = rbac.SeeLamp, rbac.ReadAccessList
	for _, c := range []struct {
		name        string
		codes       []rbac.ActivityCode
		action      rbac.Action
		unscheduled bool
		missing     string // "" if allowed
	}{
		{"front door", []rbac.ActivityCode{"B0107", "B0264"}, lamp, true, ""},
		{"front door, scheduled", []rbac.ActivityCode{"B0107", "B0264"}, lamp, false, "B0170"},
		{"scheduled care", []rbac.ActivityCode{"B0170", "B0264"}, lamp, false, ""},
		{"scheduled care, unscheduled", []rbac.ActivityCode{"B0170", "B0264"}, lamp, true, "B0107"},
		{"both codes", []rbac.ActivityCode{"B0107", "B0170", "B0264"}, lamp, true, ""},
		{"both codes, scheduled", []rbac.ActivityCode{"B0107", "B0170", "B0264"}, lamp, false, ""},
		{"trace only", []rbac.ActivityCode{"B0264"}, lamp, true, "B0107"},
		{"trace only, scheduled", []rbac.ActivityCode{"B0264"}, lamp, false, "B0170"},
		{"none, scheduled", nil, lamp, false, "B0264 B0170"},
		{"view only", []rbac.ActivityCode{"B0107"}, list, true, ""},
		{"view only, scheduled", []rbac.ActivityCode{"B0107"}, list, false, "B0170"},
		{"no such action", []rbac.ActivityCode{"B0107", "B0170", "B0264"}, 0, true, ""},
	} {
		d := rbac.DecideIn(role(c.codes...), c.action, c.unscheduled)
		var missing []string
		for _, code := range d.Missing {
			missing = append(missing, string(code))
		}
		if got := strings.Join(missing, " "); got != c.missing || d.Allowed != (c.missing == "" && c.action != 0) {
			t.Errorf("%s: DecideIn = allowed %v, missing %q, want missing %q", c.name, d.Allowed, got, c.missing)
		}
	}

	if d := rbac.Decide(role("B0170", "B0264"), lamp); !d.Allowed {
		t.Error("Decide refuses the lamp to a role for scheduled care, want allowed")
	}
}

func TestIncludedCodesAreHeld(t *testing.T) {
	if !role("B0825").HasCode("B0820") {
		t.Error("a role with B0825 does not have the included B0820")
	}
	if role("B0820").HasCode("B0825") {
		t.Error("a role with B0820 has B0825, which is not included")
	}
}

func TestJobRoleCode(t *testing.T) {
	for in, want := range map[string]string{"S8000:G8000:R8001": "R8001", "R8008": "R8008", "": ""} {
		if got := (rbac.RoleProfile{JobRole: in}).JobRoleCode(); got != want {
			t.Errorf("JobRoleCode(%q) = %q, want %q", in, got, want)
		}
	}
}
