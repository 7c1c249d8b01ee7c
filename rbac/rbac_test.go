package rbac_test

import (
	"slices"
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
		{"a nurse cannot open silently", []rbac.ActivityCode{"B0107", "B0264"}, rbac.OpenSilently, false, []rbac.ActivityCode{"B0170"}},
		{"a GP sees the lamp", []rbac.ActivityCode{"B0170", "B0264"}, rbac.SeeLamp, true, nil},
		{"a GP opens silently", []rbac.ActivityCode{"B0170", "B0264"}, rbac.OpenSilently, true, nil},
		{"a GP cannot open with a notification", []rbac.ActivityCode{"B0170", "B0264"}, rbac.OpenAlert, false, []rbac.ActivityCode{"B0107"}},
		{"trace alone shows no lamp", []rbac.ActivityCode{"B0264"}, rbac.SeeLamp, false, []rbac.ActivityCode{"B0107"}},
		{"view alone shows no lamp", []rbac.ActivityCode{"B0107"}, rbac.SeeLamp, false, []rbac.ActivityCode{"B0264"}},
		{"nothing lacks both", nil, rbac.SeeLamp, false, []rbac.ActivityCode{"B0264", "B0107"}},
		{"the zero action is refused", []rbac.ActivityCode{"B0107", "B0170", "B0264"}, 0, false, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := rbac.Decide(role(c.codes...), c.action)
			if d.Allowed != c.allowed || !slices.Equal(d.Missing, c.missing) {
				t.Errorf("Decide = %v missing %v, want %v missing %v", d.Allowed, d.Missing, c.allowed, c.missing)
			}
			if (d.Reason() == "") != c.allowed {
				t.Errorf("Reason = %q", d.Reason())
			}
		})
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
				t.Errorf("Unscheduled = %v", got)
			}
			if got := rbac.Usable(p); got != c.usable {
				t.Errorf("Usable = %v", got)
			}
		})
	}
}

func TestIncludedCodesAreHeld(t *testing.T) {
	if !role("B0825").Holds("B0820") {
		t.Error("B0825 includes B0820")
	}
	if role("B0820").Holds("B0825") {
		t.Error("inclusion goes one way")
	}
}

func TestJobRoleCode(t *testing.T) {
	for in, want := range map[string]string{"S8000:G8000:R8001": "R8001", "R8008": "R8008", "": ""} {
		if got := (rbac.RoleProfile{JobRole: in}).JobRoleCode(); got != want {
			t.Errorf("JobRoleCode(%q) = %q, want %q", in, got, want)
		}
	}
}
