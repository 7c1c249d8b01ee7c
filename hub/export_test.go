package hub_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// exported returns the bench's audit as FHIR, by record number.
func exported(t *testing.T, b *fixture) map[int64]fhir.AuditEvent {
	t.Helper()
	var out bytes.Buffer
	n, err := audit.Export{Source: "wardlight-hub"}.Write(t.Context(), b.sqlite, &out)
	must(t, err)
	all := make(map[int64]fhir.AuditEvent)
	trail := b.trail()
	for i, line := range strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n") {
		emitted.Check(t, []byte(line))
		var e fhir.AuditEvent
		must(t, json.Unmarshal([]byte(line), &e))
		all[trail[i].Seq] = e
	}
	if int64(len(all)) != n || len(all) != len(trail) {
		t.Fatalf("exporting %d records: got %d lines and a count of %d, want equal numbers", len(trail), len(all), n)
	}
	return all
}

func TestTheExportedAuditSaysWhoDidWhatToWhomInFHIR(t *testing.T) {
	b, f := newFaulty(t)
	x := b.signIn()
	for _, a := range askings() {
		f.how.Store(a.how)
		b.do(x.request(a.urid, a.path, a.query, a.change...))
		f.how.Store(sound)
	}

	b.post("/oauth2/revoke", map[string][]string{"token": {x.token}}, "")
	y := b.terminal()
	y.post(y.assertion(b.card(), claim("aud", "https://other.example")), y.proof("POST", "/oauth2/token"))

	events := exported(t, b)
	outcome := map[string]string{"granted": "0", "refused": "4", "failed": "8"}
	for _, r := range b.trail() {
		e := events[r.Seq]
		var agents []string
		for _, a := range e.Agent {
			agents = append(agents, a.Who.Identifier.System+"|"+a.Who.Identifier.Value)
		}

		want := []string{fhir.SystemSDSUser + "|" + nurseUUID}
		if r.URID != "" {
			want = append(want, fhir.SystemSDSRoleProfile+"|"+r.URID, fhir.SystemODS+"|RX1")
		}

		if !slices.Equal(agents, want) || !e.Agent[0].Requestor {
			t.Errorf("%s: got agents %v, want %v", r.Action, agents, want)
		}

		var whom []nhs.Number
		var request, query string
		for _, n := range e.Entity {
			switch {
			case n.Role != nil && n.Role.Display == "Patient":
				whom = append(whom, nhs.Number(n.What.Identifier.Value))
			case n.Type.Code == "XrequestId":
				request = n.What.Identifier.Value
			case n.Role.Display == "Query":
				query = n.Name
			}
		}

		if !slices.Equal(whom, r.Patients) || query != r.Action ||
			strings.TrimPrefix(request, "urn:uuid:") != strings.ToLower(r.RequestID) {
			t.Errorf("%s: got patients %v, query %q, request %q; want those of the record", r.Action, whom, query,
				request)
		}

		if e.Outcome != outcome[r.Outcome] || e.OutcomeDesc != r.Reason || len(e.Subtype) != 1 ||
			e.Subtype[0].Code == "" || e.Action == "" {
			t.Errorf("%s: got event %+v, want the record's outcome, subtype and action", r.Action, e)
		}
	}
}

func TestARecordOfNobodyAndAnUnknownActionAreValidTooAndABrokenOneIsNotExported(t *testing.T) {
	b := newFixture(t)
	_, err := b.sqlite.Commit(t.Context(), []*store.Entry{
		{Audit: store.AuditRecord{At: start, Action: "upload plans", Outcome: "granted", OrgODS: "V999"}},
		{Audit: store.AuditRecord{At: start, Action: "something new", Outcome: "refused"}},
	})
	must(t, err)
	events := exported(t, b)
	if a := events[1].Agent; len(a) != 1 || a[0].Who.Identifier.Value != "V999" || !a[0].Requestor {
		t.Errorf("authority's event: got agents %+v, want V999 as the requestor", a)
	}

	if a := events[2].Agent; len(a) != 1 || a[0].Who != nil || a[0].AltID == "" || len(events[2].Subtype) != 0 {
		t.Errorf("event without a known person: got %+v, want one agent with an alternative ID", events[2])
	}

	b.exec("DROP TRIGGER audit_is_not_changed")
	b.exec("UPDATE audit SET org_ods = 'V998' WHERE seq = 1")
	var out bytes.Buffer
	if n, err := (audit.Export{Source: "x"}).Write(t.Context(), b.sqlite, &out); err == nil || n != 0 ||
		out.Len() != 0 {
		t.Errorf("Export.Write of a changed audit wrote %d lines, error %v; want 0 and an error", n, err)
	}
}
