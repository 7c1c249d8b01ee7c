package privacy_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/privacy"
	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// findings returns the findings of a report, each as kind, person, patient's digits, count, and minutes after noon of
// the first and the last access.
func findings(r privacy.Report) string {
	var all []string
	for _, f := range r.Unusual {
		all = append(all, fmt.Sprint(f.Kind, " ", f.Name.Given, " ", f.Patient.Digits(), " ", f.Count, " ",
			f.First.Sub(noon).Minutes(), "-", f.Last.Sub(noon).Minutes()))
	}
	return strings.Join(all, "; ")
}

func TestMake_UnusualNames(t *testing.T) {
	for _, c := range []struct {
		name    string
		records []store.AuditRecord
		want    string
	}{
		{
			"the person's own name, twice",
			[]store.AuditRecord{
				record(1, 0, carol, audit.Retrieve, tess), record(2, 5*time.Minute, carol, "open an alert", tess),
			},
			"own_name Tess 9990000018 2 0-5",
		},
		{
			"a former family name",
			[]store.AuditRecord{record(1, 0, ada, audit.Retrieve, tess)},
			"same_family_name Ada 9990000018 1 0-0",
		},
		{
			"apostrophes and capitals",
			[]store.AuditRecord{record(1, 0, ben, audit.Retrieve, tom)},
			"same_family_name Ben 9990000026 1 0-0",
		},
		{"another name", []store.AuditRecord{record(1, 0, ada, audit.Retrieve, tom)}, ""},
		{"only listed by a search", []store.AuditRecord{record(1, 0, carol, audit.Search, tess)}, ""},
		{"a person who isn't stored", []store.AuditRecord{record(1, 0, "999000000999", audit.Retrieve, tess)}, ""},
		{"a patient who isn't stored", []store.AuditRecord{record(1, 0, ada, audit.Retrieve, old)}, ""},
		{
			"the own name before the family name, which came first",
			[]store.AuditRecord{
				record(1, 0, ada, audit.Retrieve, tess), record(2, time.Minute, carol, audit.Retrieve, tess),
			},
			"own_name Tess 9990000018 1 1-1; same_family_name Ada 9990000018 1 0-0",
		},
		{
			"a report about the own record",
			[]store.AuditRecord{record(1, 0, carol, audit.ReportPatientAccess, tess)},
			"own_name Tess 9990000018 1 0-0",
		},
	} {
		if got := findings(made(t, query(t, privacy.PatientEnquiries), facts(t), c.records...)); got != c.want {
			t.Errorf("%s: got findings %q, want %q", c.name, got, c.want)
		}
	}
}

func TestMake_UnusuallyManyPatients(t *testing.T) {
	// number returns a number of its own for each i. Only equality counts here.
	number := func(i int) nhs.Number { return nhs.Number(fmt.Sprintf("999000%04d", i)) }
	// look returns a look-up of patient i by Ada in that minute.
	look := func(minute, i int) store.AuditRecord {
		return record(int64(minute*100+i), time.Duration(minute)*time.Minute, ada, audit.Retrieve, number(i))
	}
	refused := look(2, 5)
	refused.Outcome = audit.Refused
	bens := look(2, 5)
	bens.Person = ben

	for _, c := range []struct {
		name    string
		limit   int
		records []store.AuditRecord
		want    string
	}{
		{"as many as the limit", 3, []store.AuditRecord{look(0, 1), look(1, 2), look(2, 3)}, ""},
		{
			"one more", 2, []store.AuditRecord{look(0, 1), look(1, 2), look(2, 3)}, "many_patients Ada  3 0-2",
		},
		{"the same patients again", 2, []store.AuditRecord{look(0, 1), look(1, 2), look(2, 1), look(3, 2)}, ""},
		{"in more than an hour", 2, []store.AuditRecord{look(0, 1), look(59, 2), look(60, 3)}, ""},
		{
			"the hour with the most", 1,
			[]store.AuditRecord{look(0, 1), look(1, 2), look(100, 1), look(101, 2), look(102, 3), look(200, 4)},
			"many_patients Ada  3 100-102",
		},
		{
			"listed by one search", 2,
			[]store.AuditRecord{record(1, 0, ada, audit.Search, number(1), number(2), number(3))},
			"many_patients Ada  3 0-0",
		},
		{
			"alerts closed", 2, []store.AuditRecord{
				record(1, 0, ada, audit.CloseAlert, number(1)),
				record(2, time.Minute, ada, audit.CloseAlert, number(2)),
				record(3, 2*time.Minute, ada, audit.CloseAlert, number(3)),
			}, "",
		},
		{"one refused", 2, []store.AuditRecord{look(0, 1), look(1, 2), refused}, ""},
		{"one by another person", 2, []store.AuditRecord{look(0, 1), look(1, 2), bens}, ""},
		{"no limit", 0, []store.AuditRecord{look(0, 1), look(1, 2), look(2, 3)}, ""},
	} {
		f := facts(t)
		f.MaxPatients = c.limit
		if got := findings(made(t, query(t, privacy.PatientEnquiries), f, c.records...)); got != c.want {
			t.Errorf("%s: got findings %q, want %q", c.name, got, c.want)
		}
	}
}
