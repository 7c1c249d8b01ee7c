package session_test

import (
	"errors"
	"strings"
	"testing"

	"wardlight/client"
	"wardlight/internal/session"
	"wardlight/rbac"
)

func TestChooseRole(t *testing.T) {
	role := func(urid string, codes ...rbac.ActivityCode) rbac.RoleProfile {
		return rbac.RoleProfile{URID: urid, JobName: "Nurse " + urid, OrgName: "X", Activities: codes}
	}

	usable, usable2 := role("1", rbac.Trace, rbac.ViewAlert), role("2", rbac.Trace, rbac.ViewAlert)
	tracer, nothing := role("3", rbac.Trace), role("4")
	lamp := func(rbac.RoleProfile) []rbac.Action { return []rbac.Action{rbac.SeeLamp} }
	officer := role("5", rbac.Trace, rbac.ViewAlert)
	officer.JobRole = rbac.PrivacyOfficer
	report := func(rbac.RoleProfile) []rbac.Action { return []rbac.Action{rbac.MakePrivacyReport} }
	trace := func(rbac.RoleProfile) []rbac.Action { return []rbac.Action{rbac.TracePatient} }
	for name, c := range map[string]struct {
		roles []rbac.RoleProfile
		urid  string
		needs func(rbac.RoleProfile) []rbac.Action
		want  string // the URID, or part of the error
	}{
		"the only usable one":       {[]rbac.RoleProfile{usable, tracer}, "", lamp, "1"},
		"the one named":             {[]rbac.RoleProfile{usable, usable2}, "2", lamp, "2"},
		"one named that lacks":      {[]rbac.RoleProfile{usable, nothing}, "4", lamp, "B0264"},
		"one named that is not had": {[]rbac.RoleProfile{usable}, "9", lamp, "You do not have the role"},
		"several":                   {[]rbac.RoleProfile{usable, usable2}, "", lamp, "Several roles fit"},
		"the only one that will do": {[]rbac.RoleProfile{tracer, nothing}, "", trace, "3"},
		"none will do": {
			[]rbac.RoleProfile{tracer, nothing},
			"", lamp,
			"None of your 2 roles may do this. Nurse 3",
		},
		"the usable one that will do":         {[]rbac.RoleProfile{usable, officer, usable2}, "", report, "5"},
		"the only usable one will not do":     {[]rbac.RoleProfile{usable}, "", report, "the job role R0001"},
		"no usable one will do":               {[]rbac.RoleProfile{usable, tracer}, "", report, "None of your 2 roles"},
		"two usable ones for what both allow": {[]rbac.RoleProfile{usable, officer}, "", lamp, "Several roles fit"},
		"none at all":                         {nil, "", lamp, "You have no role at all."},
	} {
		in := session.SignedIn{Roles: c.roles}
		for _, r := range c.roles {
			if rbac.Usable(r) {
				in.Usable = append(in.Usable, r)
			}
		}
		got, err := session.ChooseRole(in, c.urid, c.needs)
		if err == nil && got.URID != c.want || err != nil &&
			(!strings.Contains(err.Error()+strings.Join(codes(err), " "), c.want) ||
				client.KindOf(err) != client.NotAllowed) {
			t.Errorf("%s: ChooseRole = %q, %v, want %q", name, got.URID, err, c.want)
		}
	}
}

// codes returns the missing activity codes of an error.
func codes(err error) []string {
	if e := new(client.Error); errors.As(err, &e) {
		return e.Missing
	}
	return nil
}
