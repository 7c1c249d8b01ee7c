package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/internal/nhs"
	"wardlight/internal/schematest"
	"wardlight/rbac"
)

// openings adds openings to the ledger: two that wrote an access, one of an earlier version that did, one without a
// visible plan, and one in scheduled care.
func (l ledger) openings() {
	l.t.Helper()
	s, err := sqlite.Open(l.t.Context(), l.data)
	must(l.t, err)
	defer s.Close() //nolint:errcheck // the data was committed
	at := time.Date(2026, 7, 15, 14, 0, 0, 654321000, time.UTC)
	for i, name := range []string{"one", "two", "older", "", "silent"} {
		a := store.Access{
			ID: name, Number: "9990000018", At: at.Add(time.Duration(i) * time.Minute), Session: "s1",
			RequestID: fmt.Sprint("r", i), Who: store.Viewer{UUID: "999000000111", URID: "999000000222", OrgODS: "RX1"},
		}
		e := &store.Entry{Audit: store.AuditRecord{
			At: a.At, RequestID: a.RequestID, Session: a.Session, Person: a.Who.UUID, URID: a.Who.URID,
			OrgODS: a.Who.OrgODS, Action: rbac.OpenAlert.String(), Outcome: audit.Granted,
			Patients: []nhs.Number{a.Number},
		}}

		switch name {
		case "silent":
			e.Audit.Action = rbac.OpenSilently.String()
		case "":
		default:
			e.Opening = &store.Opening{
				Person: a.Who.UUID, RequestID: a.RequestID, Answer: []byte("{}"), Expires: a.At, Access: &a,
			}
			if name != "older" {
				e.Audit.Reason = audit.AccessReason(a.ID)
			}
		}

		refused, err := s.Commit(l.t.Context(), []*store.Entry{e})
		must(l.t, err)
		must(l.t, refused[0])
	}
}

// TestAuditVerify_Accesses changes the access history behind the hub.
func TestAuditVerify_Accesses(t *testing.T) {
	const foreign = `INSERT INTO access (id, number, at, uuid, urid, name, job_role, job_name, org_ods, org_name, session,
		request_id) SELECT 'foreign', number, at, uuid, urid, name, job_role, job_name, org_ods, org_name, session, 'r9'
		FROM access WHERE id = 'one'`
	const without, added = "opening_without_access", "access_without_opening"
	for name, c := range map[string]struct {
		change, finding string
		record          int64
	}{
		"nothing changed":              {"SELECT 1", "", 0},
		"an access deleted":            {"DELETE FROM access WHERE id = 'two'", without, 14},
		"all of them deleted":          {"DELETE FROM access", without, 13},
		"the patient changed":          {"UPDATE access SET number = 1 WHERE id = 'two'", without, 14},
		"the person changed":           {"UPDATE access SET uuid = '1' WHERE id = 'one'", without, 13},
		"the time changed":             {"UPDATE access SET at = at - 1 WHERE id = 'one'", without, 13},
		"one added":                    {foreign, added, 0},
		"the person of an older one":   {"UPDATE access SET uuid = '1' WHERE id = 'older'", added, 0},
		"an older one that is deleted": {"DELETE FROM access WHERE id = 'older'", "", 0}, // its record names no access
	} {
		t.Run(name, func(t *testing.T) {
			l := newLedger(t)
			l.openings()
			l.tamper(c.change)
			want := 0
			if c.finding != "" {
				want = exitFailed
			}
			if out, code := l.verify(); code != want || want == 0 && !strings.Contains(out, "its opening on record") {
				t.Errorf("audit verify: got exit code %d, want %d: %s", code, want, out)
			}

			out, err := runForOutput(t, "audit", "verify", "--data", l.data, "--json")
			if (err != nil) != (want != 0) {
				t.Errorf("audit verify --json: got error %v, want exit code %d", err, want)
			}
			schematest.OutputOf(t, "wardlight.hub-audit-verify-1", []byte(out))
			var d verification
			must(t, json.Unmarshal([]byte(out), &d))
			var got verifyFinding
			if d.Finding != nil {
				got = *d.Finding
			}
			if d.ExitCode != want || d.Records != 17 || got.Code != c.finding || got.Record != c.record {
				t.Errorf("audit verify --json: got %+v, %+v, want exit code %d, 17 records and %q of record %d", d, got,
					want, c.finding, c.record)
			}
		})
	}
}

// TestAuditVerify_SealedAccesses seals records of openings. Without the file, their accesses are left out.
func TestAuditVerify_SealedAccesses(t *testing.T) {
	l := newLedger(t)
	l.openings()
	file := filepath.Join(t.TempDir(), "sealed.ndjson")
	if out, code := perform(t, "audit", "seal", "--before", "2026-07-15T14:01:00Z", "--out", file, "--data",
		l.data); code != 0 {
		t.Fatal(out)
	}
	for _, c := range []struct {
		args []string
		says string
		code int
	}{
		{nil, "has 2 accesses", 0},
		{[]string{"--sealed", file}, "has 3 accesses", 0},
	} {
		if out, code := l.verify(c.args...); code != c.code || !strings.Contains(out, c.says) {
			t.Errorf("audit verify %v: got exit code %d, want %d and %q: %s", c.args, code, c.code, c.says, out)
		}
	}
	l.tamper("DELETE FROM access WHERE id = 'one'")
	if out, code := l.verify("--sealed", file); code != exitFailed {
		t.Errorf("audit verify without an access of a sealed record: got exit code %d, want %d: %s", code, exitFailed,
			out)
	}
}
