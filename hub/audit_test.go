package hub_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// failing is a store whose ledger fails while broken is set.
type failing struct {
	store.Store
	broken atomic.Bool
}

var errDiskFull = errors.New("disk full")

func (f *failing) Commit(ctx context.Context, entries []*store.Entry) ([]error, error) {
	if f.broken.Load() {
		// The transaction has started when it fails, as when the disk is full at commit.
		return nil, errDiskFull
	}
	return f.Store.Commit(ctx, entries)
}

func TestNoAuditNoAnswer(t *testing.T) {
	var f *failing
	b := newFixture(t, over(func(s store.Store) store.Store {
		f = &failing{Store: s}
		return f
	}))

	x := b.signIn()
	f.broken.Store(true)

	for path, query := range map[string]func() response{
		"opening":  func() response { return x.get(nurse, careTeam, about(tess)) },
		"lamp":     func() response { return x.get(nurse, flag, about(tess)) },
		"history":  func() response { return x.get(nurse, events, about(tess)) },
		"retrieve": func() response { return x.get(nurse, patients+"/"+tess.Digits(), nil) },
		"refusal":  func() response { return x.get(nopObserver, flag, about(tess)) },
	} {
		r := query()
		if r.status != 503 || !strings.Contains(r.body, "OperationOutcome") || strings.Contains(r.body, "Bundle") ||
			strings.Contains(r.body, "V999") || strings.Contains(r.body, "disk") ||
			strings.Contains(r.body, tess.Digits()) {
			t.Errorf("GET %s with a failing ledger: got status %d, body %s; want 503 without clinical data",
				path, r.status, r.body)
		}
	}

	y := b.terminal()
	r := y.post(y.assertion(b.card()), y.proof("POST", "/oauth2/token"))
	if status, oauth, why := reason(t, r); status != 503 || oauth != "temporarily_unavailable" ||
		why != "store_unavailable" || strings.Contains(r.body, "access_token") {
		t.Errorf("sign-in with a failing ledger: got status %d, body %s; want 503 store_unavailable", r.status, r.body)
	}

	if r := b.post("/oauth2/revoke", map[string][]string{"token": {x.token}}, ""); r.status != 503 {
		t.Errorf("POST /oauth2/revoke with a failing ledger: got status %d, want 503", r.status)
	}

	if a, n := b.left(tess); len(a) != 0 || len(n) != 0 {
		t.Errorf("a failed opening left %d accesses and %d notifications, want none", len(a), len(n))
	}

	f.broken.Store(false)
	if r := x.get(nurse, careTeam, about(tess)); r.status != 200 {
		t.Errorf("opening after the ledger has recovered: got status %d, want 200", r.status)
	}
}

func TestAnOpeningIsStoredWholeOrNotAtAll(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	before := len(b.trail())
	// The trigger makes the database refuse the INSERT of the notification, which is the last of the opening's four.
	b.exec(
		"CREATE TRIGGER full BEFORE INSERT ON notification BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END",
	)
	r := x.get(nurse, careTeam, about(tess))
	if r.status != 503 || strings.Contains(r.body, "CareTeam") {
		t.Fatalf("opening with a full disk: got status %d, body %s; want 503 without a CareTeam", r.status, r.body)
	}
	if a, n := b.left(tess); len(a) != 0 || len(n) != 0 || len(b.trail()) != before {
		t.Errorf("a failed opening left %d accesses, %d notifications and %d audit records, want none", len(a), len(n),
			len(b.trail())-before)
	}
	b.exec("DROP TRIGGER full")
	if r := x.get(nurse, careTeam, about(tess)); r.status != 200 {
		t.Errorf("opening after the disk has space again: got status %d, body %s; want 200", r.status, r.body)
	}
}

func TestABadNumberIsRefusedAndTheLogNamesNobody(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	for _, value := range []string{
		"", "9990000018", "https://fhir.nhs.uk/Id/nhs-number|", "https://fhir.nhs.uk/Id/nhs-number|9990000019",
		"https://fhir.nhs.uk/Id/nhs-number|999 000 0018", "https://other/|9990000018",
	} {
		for _, path := range []string{flag, careTeam, events} {
			r := x.get(nurse, path, map[string][]string{"patient:identifier": {value}})
			if r.status != 400 || !strings.Contains(r.body, "INVALID_SEARCH_DATA") {
				t.Errorf("GET %s for patient %q: got status %d, body %s; want 400 INVALID_SEARCH_DATA", path, value,
					r.status, r.body)
			}
		}
	}

	x.get(nurse, careTeam, about(tess))
	x.get(nurse, patients+"/"+tess.Digits(), nil)
	x.get(nurse, patients, map[string][]string{"family": {"Example"}, "birthdate": {"2016-03-04"}})
	for _, secret := range []string{tess.Digits(), "2016-03-04", "Example\"", x.token} {
		if strings.Contains(b.log.String(), secret) {
			t.Errorf("the log contains %q, want no secret and no patient data in it", secret)
		}
	}
}

func TestTheAuditListsWhoWasSeenAndHolds(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	x.get(nurse, patients, map[string][]string{"family": {"Example"}, "birthdate": {"2016-03-04"}})
	last := b.trail()[len(b.trail())-1]
	if last.Action != "search for patients" || !slices.Equal(last.Patients, []nhs.Number{tess, plain}) ||
		last.Person != nurseUUID || last.URID != nurse {
		t.Errorf("audit record of a search: got %+v, want a granted one with both patients", last)
	}

	x.get(clerk, flag, about(tess))
	last = b.trail()[len(b.trail())-1]
	if last.Outcome != "refused" || last.Reason != "ACCESS_DENIED" || !slices.Equal(last.Patients, []nhs.Number{tess}) {
		t.Errorf("audit record of a refused lamp: got %+v, want ACCESS_DENIED with the patient", last)
	}

	head, err := audit.Verify(t.Context(), b.sqlite)
	must(t, err)
	b.restart()
	y := b.signIn()
	y.get(nurse, careTeam, about(tess))
	after, err := audit.Verify(t.Context(), b.sqlite)
	must(t, err)
	if after.Records != head.Records+2 {
		t.Errorf("the audit has %d records before the restart and %d after it, want 2 more", head.Records,
			after.Records)
	}

	// The session must survive the restart.
	if why := x.refused(); why != "" {
		t.Errorf("request after the restart was refused: %s", why)
	}

	for i, change := range []string{
		"UPDATE audit SET person = '999000000112' WHERE seq = 2", "DELETE FROM audit WHERE seq = 2",
		"UPDATE access SET name = 'nobody'", "DELETE FROM access",
	} {
		if err := b.tryExec(change); err == nil {
			t.Errorf("change %d of an append-only table succeeded, want error", i)
		}
	}

	b.exec("DROP TRIGGER audit_is_not_changed")
	b.exec("UPDATE audit SET patients = '' WHERE seq = 2")
	var broken *audit.BrokenError
	if _, err := audit.Verify(t.Context(), b.sqlite); !errors.As(err, &broken) || broken.Seq != 2 {
		t.Errorf("Verify after a record was changed = %v, want a BrokenError at record 2", err)
	}
}
