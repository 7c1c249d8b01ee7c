package postgres

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
	planOf := planner(t)
	for name, change := range map[string]func(*store.AuditQuery){
		"organisation": func(*store.AuditQuery) {},
		"person":       func(q *store.AuditQuery) { q.Person = "999000000111" },
		"patient":      func(q *store.AuditQuery) { q.Patients = []nhs.Number{"9990000018", "9990000026"} },
	} {
		q := month
		change(&q)
		x, err := sqlledger.AuditRecords(row.SelectAudit("source"), q)
		must(t, err)
		plan := planOf(strings.ReplaceAll(x.Query, "?", "$"), x.Args...)
		if !strings.Contains(plan, "Index Scan Backward using audit_organisation") || strings.Contains(plan, "Sort") ||
			!strings.Contains(plan, "Index Cond: ((org_ods = ") {
			t.Errorf("query plan by %s: got\n%s\nwant the index audit_organisation backward, and no sort", name, plan)
		}
	}
}

// Records from before the index was there are found, too.
func TestAuditRecordsOfAnEarlierBuild(t *testing.T) {
	s := updated(t, before(t, "0022_audit_organisation.sql"), func(exec func(string, ...any)) {
		exec(`INSERT INTO audit (seq, at, request_id, session, person, urid, org_ods, action, outcome, reason, patients, prev, hash)
			VALUES (1, $1, 'r', 's', '999000000111', '999000000222', 'RX1', 'retrieve a patient', 'granted', '', '9990000018', '', '\x01')`,
			row.Instant(anInstant))
	})
	got, err := s.AuditRecords(t.Context(), month)
	if err != nil || len(got) != 1 || got[0].RequestID != "r" {
		t.Errorf("AuditRecords = %+v, error %v; want the record r", got, err)
	}
}

func TestAuditRequestUsesItsIndex(t *testing.T) {
	planOf := planner(t)
	x := sqlledger.AuditRequest(row.SelectAudit("source"), "999000000111", "r")
	plan := planOf(strings.ReplaceAll(x.Query, "?", "$"), x.Args...)
	if !strings.Contains(plan, "Index Scan using audit_request") || strings.Contains(plan, "Sort") {
		t.Errorf("query plan: got\n%s\nwant the index audit_request, and no sort", plan)
	}
}

// A check from before the index was there is found, too.
func TestAuditRequestOfAnEarlierBuild(t *testing.T) {
	s := updated(t, before(t, "0023_audit_request.sql"), func(exec func(string, ...any)) {
		exec(`INSERT INTO audit (seq, at, request_id, session, person, urid, org_ods, action, outcome, reason, patients, prev, hash)
			VALUES (1, $1, 'r', 's', '999000000111', '999000000222', 'RX1', 'open an alert', 'granted', '', '9990000018', '', '\x01')`,
			row.Instant(anInstant))
	})
	got, err := s.AuditRequest(t.Context(), "999000000111", "r")
	if err != nil || len(got) != 1 || got[0].Seq != 1 {
		t.Errorf("AuditRequest: got %+v, error %v; want record 1", got, err)
	}
}

// Reports use the connections of searches, one at a time, and end in time.
func TestAuditRecordsIsAScan(t *testing.T) {
	s := open(t, database(t))
	s.reports = scan.NewLimit(1, -1)
	if _, err := s.AuditRecords(t.Context(), month); !errors.Is(err, store.ErrTooLong) {
		t.Errorf("AuditRecords without time: got error %v, want ErrTooLong", err)
	}
	if _, err := s.AuditRequest(t.Context(), "999000000111", "r"); err != nil {
		t.Errorf("AuditRequest while no scan has time: got error %v, want none", err)
	}
}
