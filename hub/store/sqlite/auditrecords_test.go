package sqlite

import (
	"errors"
	"strings"
	"testing"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
	"wardlight/hub/store/scan"
	"wardlight/hub/store/sqlledger"
	"wardlight/internal/nhs"
)

// month is a query for a month of an organisation's records.
var month = store.AuditQuery{OrgODS: "RX1", From: anInstant, Until: anInstant.Add(31 * 24 * time.Hour), Limit: 10}

func TestAuditRecordsUsesItsIndex(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close() //nolint:errcheck // the test is over
	for name, change := range map[string]func(*store.AuditQuery){
		"organisation": func(*store.AuditQuery) {},
		"person":       func(q *store.AuditQuery) { q.Person = "999000000111" },
		"patient":      func(q *store.AuditQuery) { q.Patients = []nhs.Number{"9990000018", "9990000026"} },
	} {
		q := month
		change(&q)
		x, err := sqlledger.AuditRecords(row.SelectAudit("source"), q)
		if err != nil {
			t.Fatal(err)
		}
		plan := strings.Join(planOf(t, s.ledger.read, x.Query, x.Args...), "\n")
		const want = "SEARCH audit USING INDEX audit_organisation (org_ods=? AND at>? AND at<?)"
		if plan != want { // also no sort
			t.Errorf("query plan by %s: got\n%s\nwant\n%s", name, plan, want)
		}
	}
}

// Records from before the index was there are found, too.
func TestAuditRecordsOfAnEarlierBuild(t *testing.T) {
	s := updated(t, before(t, "0017_audit_organisation.sql"), func(exec func(string, ...any)) {
		exec(`INSERT INTO audit (seq, at, request_id, session, person, urid, org_ods, action, outcome, reason, patients, prev, hash)
			VALUES (1, ?1, 'r', 's', '999000000111', '999000000222', 'RX1', 'retrieve a patient', 'granted', '', '9990000018', x'', x'01')`,
			row.Instant(anInstant))
	})
	got, err := s.AuditRecords(t.Context(), month)
	if err != nil || len(got) != 1 || got[0].RequestID != "r" {
		t.Errorf("AuditRecords = %+v, error %v; want the record r", got, err)
	}
}

func TestAuditRequestUsesItsIndex(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close() //nolint:errcheck // the test is over
	x := sqlledger.AuditRequest(row.SelectAudit("source"), "999000000111", "r")
	plan := strings.Join(planOf(t, s.ledger.read, x.Query, x.Args...), "\n")
	if want := "SEARCH audit USING INDEX audit_request (request_id=?)"; plan != want { // also no sort
		t.Errorf("query plan: got\n%s\nwant\n%s", plan, want)
	}
}

// A check from before the index was there is found, too.
func TestAuditRequestOfAnEarlierBuild(t *testing.T) {
	s := updated(t, before(t, "0018_audit_request.sql"), func(exec func(string, ...any)) {
		exec(`INSERT INTO audit (seq, at, request_id, session, person, urid, org_ods, action, outcome, reason, patients, prev, hash)
			VALUES (1, ?1, 'r', 's', '999000000111', '999000000222', 'RX1', 'open an alert', 'granted', '', '9990000018', x'', x'01')`,
			row.Instant(anInstant))
	})
	got, err := s.AuditRequest(t.Context(), "999000000111", "r")
	if err != nil || len(got) != 1 || got[0].Seq != 1 {
		t.Errorf("AuditRequest: got %+v, error %v; want record 1", got, err)
	}
}

// Reports leave connections to look-ups, and end in time.
func TestAuditRecordsIsAScan(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close() //nolint:errcheck // the test is over
	s.ledger.scans = scan.NewLimit(1, -1)
	if _, err := s.AuditRecords(t.Context(), month); !errors.Is(err, store.ErrTooLong) {
		t.Errorf("AuditRecords without time: got error %v, want ErrTooLong", err)
	}
	if _, err := s.AuditRequest(t.Context(), "999000000111", "r"); err != nil {
		t.Errorf("AuditRequest while no scan has time: got error %v, want none", err)
	}
}
