package rbac_test

import (
	"fmt"
	"slices"
	"testing"

	"wardlight/rbac"
)

func TestExplain(t *testing.T) {
	for _, c := range []struct {
		code     rbac.ActivityCode
		known    bool
		alone    string
		together string
		includes string
		in       string
	}{
		{
			rbac.Trace, true, "[trace a patient see whether there are reasonable adjustments]",
			"[{see whether there is an alert [[B0107 B0170]] []} {open an alert [[B0107]] []} " +
				"{read reasonable adjustments [[B0257]] []} " +
				"{make a privacy report [[B0107]] [R0001 R5105]} {view a summary [[B0370]] []} " +
				"{view a summary in an emergency [[B0370] [B0168]] []} " +
				"{view a summary by legal override [[B0370] [B0082]] []} " +
				"{see privacy alerts [[B0107] [B0015 B0016]] [R0001 R5105]}]", "[]", "[]",
		},
		{
			rbac.ViewAlert, true, "[see who has looked]",
			"[{see whether there is an alert [[B0264]] []} {open an alert [[B0264]] []} " +
				"{make a privacy report [[B0264]] [R0001 R5105]} " +
				"{see privacy alerts [[B0264] [B0015 B0016]] [R0001 R5105]}]", "[]", "[]",
		},
		{
			rbac.ViewAlertSilently, true, "[open an alert in scheduled care see who has looked]",
			"[{see whether there is an alert [[B0264]] []}]", "[]", "[]",
		},
		{rbac.ViewAdjustments, true, "[]", "[{read reasonable adjustments [[B0264]] []}]", "[]", "[B0380]"},
		{rbac.ChangeAdjustments, true, "[]", "[{read reasonable adjustments [[B0264]] []}]", "[B0257]", "[]"},
		{"B0825", true, "[]", "[]", "[B0820]", "[]"},
		{"B0820", true, "[]", "[]", "[]", "[B0825]"},
		{
			rbac.ViewSummary, true, "[]", "[{view a summary [[B0264]] []} " +
				"{view a summary in an emergency [[B0264] [B0168]] []} " +
				"{view a summary by legal override [[B0264] [B0082]] []}]", "[]", "[]",
		},
		{
			rbac.EmergencyAccess, true, "[]", "[{view a summary in an emergency [[B0264] [B0370]] []}]", "[]",
			"[]",
		},
		{
			rbac.ReceiveClaimAlerts, true, "[]", "[{see privacy alerts [[B0264] [B0107]] [R0001 R5105]}]", "[]",
			"[]",
		},
		{
			"R5105", false, "[]", "[{make a privacy report [[B0264] [B0107]] []} " +
				"{see privacy alerts [[B0264] [B0107] [B0015 B0016]] []}]", "[]", "[]",
		},
		{"R8001", false, "[]", "[]", "[]", "[]"},
		{"B9999", false, "[]", "[]", "[]", "[]"},
	} {
		e := rbac.Explain(c.code)
		if e.Known != c.known || fmt.Sprint(e.Alone) != c.alone || fmt.Sprint(e.Together) != c.together ||
			fmt.Sprint(e.Includes) != c.includes || fmt.Sprint(e.IncludedIn) != c.in {
			t.Errorf("Explain(%s) = %+v", c.code, e)
		}
	}
}

// Explain agrees with Decide: a role with the code and one code of each group allows the action.
func TestAnExplanationAgreesWithTheDecision(t *testing.T) {
	for _, code := range rbac.Codes() {
		e := rbac.Explain(code)
		for _, a := range rbac.Actions() {
			if got, want := slices.Contains(e.Alone, a), rbac.Decide(role(code), a).Allowed; got != want {
				t.Errorf("Explain(%s) says that it allows to %s alone: %v, Decide says %v", code, a, got, want)
			}
		}
		for _, c := range e.Together {
			codes := []rbac.ActivityCode{code}
			for _, group := range c.With {
				codes = append(codes, group[0])
			}
			p := role(codes...)
			if got, want := rbac.Decide(p, c.Action).Allowed, len(c.Jobs) == 0; got != want {
				t.Errorf("Decide with the codes %v as a nurse allows to %s: %v, Explain says %v", codes, c.Action, got,
					want)
			}
			if len(c.Jobs) > 0 {
				p.JobRole = c.Jobs[0]
			}
			if !rbac.Decide(p, c.Action).Allowed {
				t.Errorf("Decide with the codes %v refuses to %s, Explain says allowed", codes, c.Action)
			}
		}
	}
}

func TestEveryActionHasANameOfItsOwn(t *testing.T) {
	seen := map[string]bool{"none": true}
	for _, a := range append(rbac.Actions(), rbac.ReadFGM) {
		if seen[a.Name()] {
			t.Errorf("two actions have the name %q", a.Name())
		}
		seen[a.Name()] = true
	}
}

func TestLackingNamesEachCodeOnce(t *testing.T) {
	got := rbac.MissingCodes(role(), rbac.TracePatient, rbac.SeeLamp, rbac.OpenAlert)
	if fmt.Sprint(got) != "[B0264 B0107]" {
		t.Errorf("Lacking of a role without codes = %v, want [B0264 B0107]", got)
	}
	if rbac.JobName("R8001") != "Nurse" || rbac.JobName("R1") != "" {
		t.Errorf("JobName: R8001 = %q, R1 = %q, want Nurse and none", rbac.JobName("R8001"), rbac.JobName("R1"))
	}
}
