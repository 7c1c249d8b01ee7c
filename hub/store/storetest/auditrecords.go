package storetest

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

func auditRecordsAreSelected(t *testing.T, b *fixture) {
	const ada, ben = "999000000111", "999000000112"
	for _, r := range []struct {
		request     string
		after       time.Duration
		person, org string
		patients    []nhs.Number
	}{
		{"a", 0, ada, "RX1", []nhs.Number{tess}},
		{"b", time.Second, ada, "RX1", []nhs.Number{tom, old}},
		{"c", time.Hour, ben, "RX1", []nhs.Number{tess, tom}},
		{"d", time.Minute, ben, "RX1", nil}, // stored after c, as by a hub whose clock is behind
		{"e", time.Minute, ada, "RX2", []nhs.Number{tess}},
		{"f", time.Minute, "", "RX1", []nhs.Number{tess}}, // a local authority's
		{"g", time.Minute, ada, "", []nhs.Number{tess}},   // without a role
		{"h", time.Hour, ada, "RX1", []nhs.Number{tess}},  // at the same time as c
		{"i", -time.Microsecond, ada, "RX1", []nhs.Number{tess}},
		{"j", 2 * time.Hour, ada, "RX1", []nhs.Number{tess}},
	} {
		must(t, b.commit(&store.Entry{Audit: store.AuditRecord{
			At: now.Add(r.after), RequestID: r.request, Person: r.person, OrgODS: r.org, Action: "retrieve a patient",
			Outcome: "granted", Patients: r.patients, Source: "203.0.113.5",
		}}))
	}

	hours := store.AuditQuery{OrgODS: "RX1", From: now, Until: now.Add(2 * time.Hour), Limit: 25}
	for _, c := range []struct {
		name   string
		change func(*store.AuditQuery)
		want   string
	}{
		{"all of the organisation", func(*store.AuditQuery) {}, "h c d b a"},
		{"the latest two", func(q *store.AuditQuery) { q.Limit = 2 }, "h c"},
		{"one person", func(q *store.AuditQuery) { q.Person = ben }, "c d"},
		{"one patient", func(q *store.AuditQuery) { q.Patients = []nhs.Number{tess} }, "h c a"},
		{"all numbers of a patient", func(q *store.AuditQuery) { q.Patients = []nhs.Number{tess, old} }, "h c b a"},
		{"a patient nobody looked at", func(q *store.AuditQuery) { q.Patients = []nhs.Number{older} }, ""},
		{
			"one person and one patient",
			func(q *store.AuditQuery) { q.Person, q.Patients = ben, []nhs.Number{tess} }, "c",
		},
		{"another organisation", func(q *store.AuditQuery) { q.OrgODS = "RX2" }, "e"},
		{"no organisation", func(q *store.AuditQuery) { q.OrgODS = "" }, ""},
		{"an organisation with a similar code", func(q *store.AuditQuery) { q.OrgODS = "RX" }, ""},
		{"an empty period", func(q *store.AuditQuery) { q.Until = q.From }, ""},
		{"one microsecond", func(q *store.AuditQuery) { q.Until = q.From.Add(time.Microsecond) }, "a"},
		{"the microsecond before", func(q *store.AuditQuery) { q.From = q.From.Add(-time.Microsecond) }, "h c d b a i"},
	} {
		q := hours
		c.change(&q)
		got, err := b.AuditRecords(b.ctx, q)
		must(t, err)
		var requests []string
		for _, r := range got {
			requests = append(requests, r.RequestID)
		}
		if all := strings.Join(requests, " "); all != c.want {
			t.Errorf("%s: got %q, want %q", c.name, all, c.want)
		}
	}

	got, err := b.AuditRecords(b.ctx, hours)
	must(t, err)
	trail := b.trail()
	if !reflect.DeepEqual(got[len(got)-1], trail[0]) {
		t.Errorf("got record %+v, want it as in the trail: %+v", got[len(got)-1], trail[0])
	}

	for _, bad := range []nhs.Number{"", "999000001", "99900000%%", "9990000018 "} {
		q := hours
		q.Patients = []nhs.Number{bad}
		if got, err := b.AuditRecords(b.ctx, q); err == nil {
			t.Errorf("AuditRecords of the number %q: got %d records, want an error", string(bad), len(got))
		}
	}
}
