package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/hub/store/transfer"
	"wardlight/hub/summary"
	"wardlight/hub/trace"
	"wardlight/internal/lab/people"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// filledFolder returns a folder with data of every kind, including those of that many requests, and its patients'
// numbers.
func filledFolder(t *testing.T, requests int) (folder string, numbers []nhs.Number) {
	t.Helper()
	folder = t.TempDir()
	s, err := sqlite.Open(t.Context(), folder)
	must(t, err)
	defer func() { must(t, s.Close()) }()
	ctx := t.Context()
	var all []store.Patient
	for p := range people.Seeded(people.Options{Seed: 7, Count: 1200, Today: today}) {
		r, err := trace.Record(&p.Patient)
		must(t, err)
		for _, related := range p.Related {
			body, err := json.Marshal(related)
			must(t, err)
			r.Related = append(r.Related, body)
		}
		all, numbers = append(all, r), append(numbers, r.Number)
	}

	all[5].SupersededBy = all[6].Number
	all[7].Invalidated, all[7].Related = true, nil
	must(t, s.PutPatients(ctx, all))

	for i := range 3 {
		code := fmt.Sprint("V", i)
		must(t, s.PutAuthority(ctx, store.Authority{Code: code, Name: "COUNCIL ·" + code, DutyPhone: "01632960102"}))
		must(t, s.PutCredential(ctx, store.Credential{
			Authority: code, Hash: []byte{0, 1, byte(i)},
			Created: anInstant,
		}))
	}

	must(t, s.PutPlan(ctx, store.Plan{
		ID: "of the first", Number: numbers[0], Kind: store.ChildProtection, Start: today,
		Authority: "V0",
	}))

	must(t,
		s.PutPerson(ctx, store.Person{
			UUID: "999000000111", Family: "Sample",
			Roles: []store.Role{{RoleProfile: rbac.RoleProfile{URID: "1", Activities: []rbac.ActivityCode{"B0264"}}}},
		}))

	must(t, s.PutSummary(ctx, summary.Document{Number: numbers[0], ID: "S1", Made: anInstant, Body: []byte("{}")}))
	alert := &summary.Alert{
		ID: "alert", At: anInstant, Number: numbers[0], RequestID: "r", Words: "·", Who: summary.Person{OrgODS: "RX1"},
		Cause:   summary.Cause{Type: summary.AccessAlert, Reason: summary.Emergency},
		Sending: summary.Sending{Next: anInstant},
	}
	_, err = s.Commit(ctx, []*store.Entry{{
		Audit: store.AuditRecord{At: anInstant, Action: "view"}, Change: &store.Change{Alert: alert},
	}})
	must(t, err)

	must(t, s.PutCertificate(ctx, store.BySHA256("fingerprint"), "999000000111"))
	must(t, s.RevokeCertificates(ctx, []store.Revocation{{
		Certificate: store.Certificate{Serial: "1a", Issuer: "CN=CA"},
		At:          anInstant,
	}}))

	r := rand.New(rand.NewPCG(1, 2))
	for i := range requests {
		if _, err := s.Commit(ctx,
			[]*store.Entry{draw(r, i, anInstant.Add(time.Duration(i)*time.Second))}); err != nil &&
			!strings.Contains(err.Error(), "FOREIGN KEY") {
			t.Fatal(err)
		}
	}

	notified, err := s.Notifications(ctx, store.NotificationQuery{Limit: 10})
	must(t, err)
	for _, n := range notified {
		must(t, s.Delivered(ctx, n.ID, "", anInstant))
	}

	must(t, s.Prune(ctx, anInstant.Add(time.Second), store.Retention{Bodies: time.Nanosecond})) // deletes some

	// The copied audit must be able to begin after the first record.
	if requests > 1000 {
		_, err = audit.Segment{
			File: filepath.Join(t.TempDir(), "1.ndjson"), Before: anInstant.Add(50 * time.Second),
			Now:    anInstant.Add(48 * time.Hour),
			Reason: func(what string) string { return what },
		}.Seal(ctx, s)
		must(t, err)
	}

	return folder, numbers
}

// cutShort is a target that fails at one of its changes, like a copy that is killed there.
type cutShort struct {
	transfer.Target
	left int
}

var errKilled = errors.New("killed")

func (c *cutShort) change() error {
	if c.left--; c.left < 0 {
		return errKilled
	}
	return nil
}

func (c *cutShort) Empty(ctx context.Context, tables []transfer.Table) error {
	return errors.Join(c.Target.Empty(ctx, tables), c.change())
}

func (c *cutShort) Insert(ctx context.Context, t transfer.Table, rows [][]any) error {
	return errors.Join(c.Target.Insert(ctx, t, rows), c.change())
}

func (c *cutShort) PutPatients(ctx context.Context, all []store.Patient) error {
	return errors.Join(c.Target.PutPatients(ctx, all), c.change())
}

func (c *cutShort) Finish(ctx context.Context) error {
	if err := c.change(); err != nil {
		return err
	}
	return c.Target.Finish(ctx)
}

func copyOf(t *testing.T, folder string, to transfer.Target) (transfer.Result, error) {
	t.Helper()
	from, err := sqlite.OpenSource(t.Context(), folder)
	must(t, err)
	defer func() { must(t, from.Close()) }()
	return transfer.Run(t.Context(), from, to, func(string) {})
}

func openTarget(t *testing.T, dsn string) *Target {
	t.Helper()
	to, err := OpenTarget(t.Context(), Config{DSN: dsn, Volatile: true})
	must(t, err)
	t.Cleanup(func() { _ = to.Close() })
	return to
}

// TestCopy_CutShortAnywhere interrupts a copy after each of its changes, and repeats it with the same database.
func TestCopy_CutShortAnywhere(t *testing.T) {
	folder, numbers := filledFolder(t, 6000)
	dsn := place(t)
	to := openTarget(t, dsn)
	var result transfer.Result
	cuts := 0
	for ; ; cuts++ {
		var err error
		if result, err = copyOf(t, folder, &cutShort{to, cuts}); err == nil {
			break
		}
		if !errors.Is(err, errKilled) {
			t.Fatalf("Run after %d changes: got error %v, want errKilled", cuts, err)
		}
		if s, err := Open(t.Context(), Config{DSN: dsn, Volatile: true}); !errors.Is(err, ErrCopying) {
			_ = s.Close()
			t.Fatalf("Open after %d changes: got error %v, want ErrCopying", cuts, err)
		}
	}

	if cuts < 15 {
		t.Errorf("got %d changes in a copy, want at least 15: one for each table", cuts)
	}

	counted := make(map[string]int64)
	for _, c := range result.Counts {
		counted[c.Table] = c.Rows
	}

	if counted["patient"] != 1200 || counted["authority"] != 3 || counted["sealed"] != 1 ||
		counted["audit"] >= result.Audit.Records || counted["audit"] <= 1000 || counted["access"] == 0 ||
		counted["notification"] == 0 || counted["session"] == 0 || counted["upload"] == 0 ||
		counted["summary"] != 1 || counted["privacy_alert"] != 1 {
		t.Errorf("copied rows: got %v, audit records %d; want all tables filled", counted, result.Audit.Records)
	}

	s := open(t, dsn)
	was, err := sqlite.Open(t.Context(), folder)
	must(t, err)
	defer was.Close() //nolint:errcheck // it was only read
	ctx, ledger := t.Context(), both{was, s}
	alike(t, ledger, "plans", func(s store.Store) (int, error) {
		all, err := s.Plans(ctx, numbers)
		return len(all), err
	})

	alike(t, ledger, "a person", func(s store.Store) (store.Person, error) { return s.Person(ctx, "999000000111") })
	alike(t, ledger, "patients", func(s store.Store) (map[nhs.Number]store.Patient, error) {
		return s.Patients(ctx, numbers)
	})

	alike(t, ledger, "notifications", func(s store.Store) ([]store.Notification, error) {
		return s.Notifications(ctx, store.NotificationQuery{Limit: 5000})
	})

	alike(t, ledger, "summaries", func(s store.Store) ([]summary.Document, error) {
		return s.Summaries(ctx, numbers[:1])
	})
	alike(t, ledger, "a privacy alert", func(s store.Store) (summary.Alert, error) {
		return s.PrivacyAlert(ctx, "alert")
	})

	alike(t, ledger, "a revoked certificate", func(s store.Store) (bool, error) {
		return s.CertificateRevoked(ctx, store.Certificate{Serial: "1a", Issuer: "CN=CA"})
	})

	found := alike(t, ledger, "a search", func(s store.Store) ([]store.Patient, error) {
		return s.FindPatients(ctx,
			store.PatientQuery{
				Family: "s*", Born: store.Span{From: nhs.Date{Year: 2000, Month: 1, Day: 1}},
				Today: today, Limit: 2000,
			})
	})
	if len(found) == 0 {
		t.Error("FindPatients in the copy returned nobody")
	}

	// The audit chain and the ordinals of notifications must continue.
	o := &store.Opening{
		Person: "p", RequestID: "after the copy", Digest: "d", Answer: []byte("a"), Expires: anInstant,
		Notifications: []store.Notification{{
			ID: "after the copy", Authority: "V0", Body: []byte("b"),
			Created: anInstant,
		}},
	}

	if refused, err := s.Commit(ctx,
		[]*store.Entry{{Audit: store.AuditRecord{At: anInstant}, Opening: o}}); err != nil || refused[0] != nil {
		t.Fatal(refused, err)
	}

	if last, err := s.AuditHead(ctx); err != nil || last.Seq != result.Audit.Records+1 {
		t.Errorf("AuditHead after a commit: got record %d, error %v; want the next one", last.Seq, err)
	}
}

func TestCopy_IntoBooksThatAreThere(t *testing.T) {
	folder, _ := filledFolder(t, 100)
	dsn := place(t)
	s := open(t, dsn)
	must(t, s.PutAuthority(t.Context(), store.Authority{Code: "V9", Name: "ANOTHER"}))
	if _, err := copyOf(t, folder, openTarget(t, dsn)); !errors.Is(err, transfer.ErrNotEmpty) {
		t.Errorf("copy to a database with data: got error %v, want %v", err, transfer.ErrNotEmpty)
	}
	if all, err := s.Authorities(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("after the refused copy got authorities %v, error %v; want the one that existed", all, err)
	}
}

// TestCopy_OfAChainThatIsBroken copies a ledger with a changed audit record. Nothing may be copied.
func TestCopy_OfAChainThatIsBroken(t *testing.T) {
	folder, _ := filledFolder(t, 100)
	from, err := sqlite.OpenSource(t.Context(), folder)
	must(t, err)
	defer from.Close() //nolint:errcheck // it was only read
	to := openTarget(t, place(t))
	if _, err := transfer.Run(t.Context(), changed{from}, to, func(string) {}); err == nil ||
		!strings.Contains(err.Error(), "audit record 7") {
		t.Errorf("Run with a changed audit: got error %v, want one about record 7", err)
	}
	if empty, err := to.Store.Empty(t.Context()); err != nil || !empty {
		t.Errorf("Empty after the refused copy = %v, %v; want true", empty, err)
	}
}

// changed is a source with one changed audit record.
type changed struct{ transfer.Source }

func (c changed) AuditTrail(ctx context.Context, from int64, visit func(store.AuditRecord) error) error {
	return c.Source.AuditTrail(ctx, from, func(r store.AuditRecord) error {
		if r.Seq == 7 {
			r.Reason = "another"
		}
		return visit(r)
	})
}
