package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"wardlight/client/hubtest"
	"wardlight/rbac"
)

// officer returns a bench whose person is a privacy officer.
func officer(t *testing.T) *fixture {
	t.Helper()
	b := setUp(t)
	b.hub.Person.Roles[0].Code = "S8000:G8000:" + rbac.PrivacyOfficer
	return b
}

func TestReport_Text(t *testing.T) {
	b := officer(t)
	out := b.run(t, exitDone, "report", "patient-access", "999 000 0018", "--from", "1/11/2026")
	checkContains(t, out, "patient-access   01-Nov-2026 to 22-Nov-2026   X99\n", "Unusual: 1\n",
		"  the patient has or had the person's family name: SAMPLE, Ada (999000000111)  999 000 0018  1  ",
		"Accesses: 1\n", "SAMPLE, Ada (999000000111)  open an alert: granted  999 000 0018\n")
	if top, rest := strings.Index(out, "Unusual"), strings.Index(out, "Accesses"); top > rest {
		t.Errorf("got accesses above the unusual ones:\n%s", out)
	}
}

func TestReport_JSON(t *testing.T) {
	b := officer(t)
	for _, c := range []struct {
		args string
		want map[string]any
	}{
		{
			"patient-access 9990000018 --from 2026-11-01 --to 2026-11-20",
			map[string]any{"report": "patient-access", "nhs_number": "9990000018", "person": "", "to": "2026-11-20"},
		},
		{
			"user-access 999000000111 --from 2026-11-01",
			map[string]any{"report": "user-access", "nhs_number": "", "person": "999000000111", "to": "2026-11-22"},
		},
		{
			"patient-enquiries --from 2026-10-23",
			map[string]any{"report": "patient-enquiries", "nhs_number": "", "person": "", "from": "2026-10-23"},
		},
	} {
		d := b.json(t, exitDone, append([]string{"report"}, strings.Fields(c.args)...)...)
		checkMembers(t, d, c.want)
		checkMembers(t, d, map[string]any{
			"schema": "wardlight.report/1", "organisation": "X99", "unusual.0.kind": "same_family_name",
			"unusual.0.nhs_number": "9990000018", "accesses.0.action": "open an alert",
			"accesses.0.nhs_numbers.0": "9990000018", "accesses.0.person.name": "SAMPLE, Ada",
		})
		if d["sealed_at"] != nil {
			t.Errorf("%s: got sealed_at %v, want null", c.args, d["sealed_at"])
		}
	}
}

func TestReport_CSV(t *testing.T) {
	b := officer(t)
	out := b.run(t, exitDone, "report", "patient-enquiries", "--from", "1/11/2026", "--csv")
	rows := strings.Split(strings.TrimSuffix(out, "\r\n"), "\r\n")
	if len(rows) != 3 || !strings.HasPrefix(rows[0], "\ufeffTime,Unusual,Person,UUID,Role,Action,") ||
		!strings.Contains(rows[1], ",the patient has or had the person's family name (1),\"SAMPLE, Ada\",") ||
		!strings.Contains(rows[2], ",,\"SAMPLE, Ada\",999000000111,999000000222,open an alert,granted,,999 000 0018,") {
		t.Errorf("got the table %q, want headings, the finding and the access", rows)
	}
}

// A role without the job role is refused before anything is asked.
func TestReport_WhoMay(t *testing.T) {
	b := setUp(t)
	b.run(t, exitSignIn, "report", "patient-enquiries", "--from", "1/11/2026")
	checkContains(t, b.err.String(), "To make a privacy report this role lacks the job role R0001 (Privacy Officer) "+
		"or R5105 (Caldicott Guardian).")
	if n := len(b.hub.Requests(hubtest.Report)); n != 0 {
		t.Errorf("got %d requests for a report, want none", n)
	}
}

func TestReport_Usage(t *testing.T) {
	b := officer(t)
	for _, c := range []struct{ args, want string }{
		{"patient-access --from 1/11/2026", "give an NHS number"},
		{"patient-access 9990000019 --from 1/11/2026", "NHS number"},
		{"user-access --from 1/11/2026", "give a person's UUID"},
		{"user-access ada --from 1/11/2026", "give a person's UUID"},
		{"patient-enquiries 9990000018 --from 1/11/2026", "is about all patients"},
		{"patient-enquiries", "--from: Type the first day"},
		{"patient-enquiries --from yesterday", "--from: "},
		{"patient-enquiries --from 1/11/2026 --to never", "--to: "},
		{"patient-enquiries --from 5/11/2026 --to 4/11/2026", "--to: The last day is before the first."},
		{"patient-enquiries --from 1/10/2026 --to 1/11/2026", "a month at most"},
		{"patient-enquiries --from 1/10/2026 --to 1/11/2026", "--to 2026-10-31"},
		{"patient-enquiries --from 1/11/2026 --csv --json", "--json or --csv, not both"},
		{"everything", "there is no command"},
	} {
		b.run(t, exitUsage, append([]string{"report"}, strings.Fields(c.args)...)...)
		checkContains(t, b.err.String()+b.out.String(), c.want)
	}
	if n := len(b.hub.Requests("")); n != 0 {
		t.Errorf("got %d requests to the hub, want none", n)
	}
}

// The texts of the hub are shown without control characters, and other patients of a search by number only.
func TestReport_OfASearch(t *testing.T) {
	b := officer(t)
	b.hub.Answer(hubtest.Report, func(w http.ResponseWriter, r *http.Request) {
		hubtest.ReplyJSON(w, r, 200, map[string]any{
			"report": "patient-access", "organisation": "X99", "from": "2026-11-01", "to": "2026-11-22", "made": noon,
			"patient": "9990000018", "sealed_at": noon, "unusual": []any{},
			"accesses": []any{map[string]any{
				"at": noon, "person": map[string]any{"uuid": "999000000111", "name": "EVE\x1b[2J"},
				"action": "search for patients", "outcome": "granted", "patients": []string{"9990000018"}, "listed": 3,
			}},
		})
	})
	out := b.run(t, exitDone, "report", "patient-access", "9990000018", "--from", "1/11/2026")
	checkContains(t, out, "Unusual: none\n", "search for patients: granted  999 000 0018, and 2 other patients\n",
		"may be missing: audit records were exported.")
	if strings.Contains(out, "\x1b") {
		t.Errorf("got an escape character in %s", fmt.Sprintf("%q", out))
	}
}
