package privacy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // London's, on computers without it

	"wardlight/hub/audit"
	"wardlight/hub/privacy"
	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// Persons and patients.
const (
	ada   = "999000000111"
	ben   = "999000000112"
	carol = "999000000113"

	tess = nhs.Number("9990000018")
	tom  = nhs.Number("9990000026")
	old  = nhs.Number("9990000050") // a former number of tess
)

func london(t *testing.T) *time.Location {
	t.Helper()
	uk, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return uk
}

// noon is a time in the period of the tests' queries.
var noon = time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC)

// record returns an audit record; after is its time after noon.
func record(seq int64, after time.Duration, person, action string, patients ...nhs.Number) store.AuditRecord {
	return store.AuditRecord{
		Seq: seq, At: noon.Add(after), Person: person, URID: person + "9", OrgODS: "RX1", Action: action,
		Outcome: audit.Granted, Patients: patients, RequestID: fmt.Sprint("request-", seq), Session: "s",
		Source: "203.0.113.5",
	}
}

func facts(t *testing.T) privacy.Facts {
	return privacy.Facts{
		UK: london(t),
		Staff: map[string]privacy.Name{
			ada: {"Ada", "Sample"}, ben: {"Ben", "O’Example"}, carol: {"Tess", "EXAMPLE"},
		},
		Patients: map[nhs.Number][]privacy.Name{
			tess: {{"Tess", "Example"}, {"Tess", "Sample"}}, tom: {{"Tom", "OEXAMPLE"}},
		},
	}
}

func query(t *testing.T, kind privacy.Kind) privacy.Query {
	q := privacy.Query{Kind: kind, Organisation: "RX1", From: day(t, "2026-11-01"), To: day(t, "2026-11-30")}
	switch kind {
	case privacy.PatientAccess:
		q.Patients = []nhs.Number{tess, old}
	case privacy.UserAccess:
		q.Person = ada
	case privacy.PatientEnquiries:
	}
	return q
}

func made(t *testing.T, q privacy.Query, f privacy.Facts, records ...store.AuditRecord) privacy.Report {
	t.Helper()
	r, err := privacy.Make(q, records, f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// listed returns the numbers of a report's records, in order.
func listed(r privacy.Report) string {
	var all []string
	for _, a := range r.Accesses {
		all = append(all, fmt.Sprint(a.Seq))
	}
	return strings.Join(all, " ")
}

func TestMake_WhichRecords(t *testing.T) {
	of := func(r store.AuditRecord, change func(*store.AuditRecord)) store.AuditRecord {
		change(&r)
		return r
	}
	at := func(s string) func(*store.AuditRecord) {
		return func(r *store.AuditRecord) {
			var err error
			if r.At, err = time.Parse(time.RFC3339, s); err != nil {
				t.Fatal(err)
			}
		}
	}

	records := []store.AuditRecord{
		record(1, 0, ada, audit.Search, tess, tom),
		record(2, time.Minute, ada, audit.Retrieve, tom),
		record(3, 2*time.Minute, ben, "open an alert", old),
		record(4, 2*time.Minute, ben, audit.Retrieve, tess),
		of(record(5, 0, ada, audit.Retrieve, tess), func(r *store.AuditRecord) { r.OrgODS = "RX2" }),
		of(record(6, 0, "", audit.ReadNotifications, tess), func(r *store.AuditRecord) {}),
		of(record(7, 0, ada, audit.Retrieve, tess), at("2026-10-31T23:59:59Z")),
		of(record(8, 0, ada, audit.Retrieve, tess), at("2026-11-01T00:00:00Z")),
		of(record(9, 0, ada, audit.Retrieve, tess), at("2026-11-30T23:59:59Z")),
		of(record(10, 0, ada, audit.Retrieve, tess), at("2026-12-01T00:00:00Z")),
		of(record(11, 0, ada, audit.SignIn), func(r *store.AuditRecord) { r.OrgODS = "" }),
		of(record(12, 3*time.Minute, ada, audit.Search), func(r *store.AuditRecord) {
			r.Outcome, r.Reason = audit.Refused, "TOO_MANY_MATCHES"
		}),
	}

	for _, c := range []struct {
		kind privacy.Kind
		want string
	}{
		{privacy.PatientAccess, "9 4 3 1 8"},
		{privacy.UserAccess, "9 12 2 1 8"},
		{privacy.PatientEnquiries, "9 12 4 3 2 1 8"},
	} {
		if got := listed(made(t, query(t, c.kind), facts(t), records...)); got != c.want {
			t.Errorf("%s: got records %s, want %s", c.kind, got, c.want)
		}
	}
}

// A report about one patient doesn't show who else was in the answer, only how many there were.
func TestMake_PatientAccessShowsNoOtherPatient(t *testing.T) {
	r := made(t, query(t, privacy.PatientAccess), facts(t), record(1, 0, ada, audit.Search, tom, tess))
	if len(r.Accesses) != 1 || !slices.Equal(r.Accesses[0].Patients, []nhs.Number{tess}) || r.Accesses[0].Listed != 2 {
		t.Errorf("got accesses %+v, want one with %s of 2 patients", r.Accesses, tess.Digits())
	}

	r = made(t, query(t, privacy.UserAccess), facts(t), record(1, 0, ada, audit.Search, tom, tess))
	if len(r.Accesses) != 1 || !slices.Equal(r.Accesses[0].Patients, []nhs.Number{tom, tess}) {
		t.Errorf("got accesses %+v, want one with both patients", r.Accesses)
	}
}

func TestMake_Fields(t *testing.T) {
	x := record(7, 0, ada, audit.Retrieve, tom)
	x.Outcome, x.Reason = audit.Refused, "ACCESS_DENIED"
	got := made(t, query(t, privacy.UserAccess), facts(t), x).Accesses[0]
	want := "{2026-11-10 12:00:00 +0000 UTC 999000000111 {Ada Sample} 9990000001119 retrieve a patient refused " +
		"ACCESS_DENIED [" + fmt.Sprint(tom) + "] 1 request-7 s 203.0.113.5 7}"
	if fmt.Sprint(got) != want {
		t.Errorf("got access %v, want %s", got, want)
	}
}

func TestMake_InvalidQuery(t *testing.T) {
	q := query(t, privacy.PatientEnquiries)
	q.To = day(t, "2026-12-02")
	if r, err := privacy.Make(q, []store.AuditRecord{record(1, 0, ada, audit.Retrieve, tess)}, facts(t)); err == nil ||
		len(r.Accesses) != 0 {
		t.Errorf("Make for more than a month: got %d accesses, error %v; want none and an error", len(r.Accesses), err)
	}
}
