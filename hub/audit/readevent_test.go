package audit_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// An exported record must be restored exactly, because its hash covers all fields.
func TestReadExport_EveryFieldComesBack(t *testing.T) {
	at := time.Date(2026, 7, 15, 13, 0, 0, 123456000, time.UTC)
	many := make([]nhs.Number, 20_000)
	for i := range many {
		many[i] = "9990000018"
	}

	var log memory
	prev := audit.Genesis()
	for _, r := range []store.AuditRecord{
		{
			At: at, RequestID: "60e0b220-8136-4ca5-ae46-1d97ef59d068", Session: "s1", Person: "999000000111",
			URID: "999000000222", OrgODS: "RX1", Action: audit.Search, Outcome: audit.Granted,
			Patients: []nhs.Number{"9990000018", "9990000026", "9990000018"}, Source: "203.0.113.5",
		},
		{
			At: at, RequestID: "60E0B220-8136-4ca5-ae46-1d97ef59d068", Person: "999000000111", Action: audit.SignIn,
			Outcome: audit.Refused, Reason: "proof_invalid", Source: "2001:db8::/64",
		},
		{At: at, OrgODS: "V999", Action: audit.UploadPlans, Outcome: audit.Failed, Patients: many},
		{
			At: at, Action: audit.EndPlan, Outcome: audit.Granted,
			Reason: "operator (root uid 0): plan p, \"end\" <none> & \u2028\u00e9\ttab", OrgODS: "V999",
		},
		{At: at, RequestID: "no uuid", Action: "of another hub", Outcome: "odd", Session: "s"},
		{At: at, Person: "Ada Sample", Action: audit.SignIn, Outcome: audit.Refused, Reason: "person_unknown"},
		{At: at, Source: "only a source"},
		{},
	} {
		sealed := audit.Seal(r, int64(len(log)+1), prev)
		log, prev = append(log, sealed), sealed.Hash
	}

	var file bytes.Buffer
	if n, err := (audit.Export{Source: "hub"}).Write(t.Context(), log, &file); err != nil || n != int64(len(log)) {
		t.Fatal(n, err)
	}

	var back memory
	if err := audit.ReadExport(&file, func(r store.AuditRecord) error {
		back = append(back, r)
		return nil
	}); err != nil {
		t.Fatal(err)
	}

	for i, r := range log {
		if !reflect.DeepEqual(r, back[i]) {
			t.Errorf("record %d: got %.300v\nwant %.300v", r.Seq, back[i], r)
		}
	}

	if head, err := audit.Verify(t.Context(), back); err != nil || head.Records != int64(len(log)) {
		t.Errorf("Verify of the restored records = %+v, %v; want all of them", head, err)
	}
}

func TestReadExport_WhatIsNoExport(t *testing.T) {
	for _, text := range []string{
		"{", "[]", "{}", `{"recorded":"2026-07-15T13:00:00.123456Z"}`,
		`{"recorded":"2026-07-15T13:00:00Z","entity":[{"name":"audit record","detail":[{"type":"seq","valueString":"x"}]}]}`,
	} {
		if err := audit.ReadExport(strings.NewReader(text), func(store.AuditRecord) error {
			return nil
		}); err == nil || !strings.HasPrefix(err.Error(), "line 1") {
			t.Errorf("ReadExport(%s): got error %v, want one with the line", text, err)
		}
	}
}

func FuzzReadExport(f *testing.F) {
	var file bytes.Buffer
	if _, err := (audit.Export{Source: "hub"}).Write(f.Context(), chain(3), &file); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes())
	f.Fuzz(func(_ *testing.T, text []byte) {
		_ = audit.ReadExport(bytes.NewReader(text), func(store.AuditRecord) error { return nil })
	})
}

// A person's identifier is exported with the system of SDS user IDs only if it is one.
func TestEvent_OnlyAUserIDIsOne(t *testing.T) {
	for person, system := range map[string]string{
		"999000000111": fhir.SystemSDSUser, "Ada Sample": "",
		"99900000011": "",
	} {
		e := audit.Event(store.AuditRecord{Person: person, Action: audit.SignIn}, "hub")
		if id := e.Agent[0].Who.Identifier; id.System != system || id.Value != person {
			t.Errorf("identifier of %s: got %+v, want system %q", person, id, system)
		}
	}
}
