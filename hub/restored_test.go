package hub_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/internal/fhir"
)

// restoredCouldNotCheck makes all requests about an alert and checks that none is answered, because of the restore.
func restoredCouldNotCheck(t *testing.T, x *terminal, when string) {
	t.Helper()
	for _, c := range alertCalls {
		r := x.get(c.role, c.path, about(plain), c.change...)
		var o fhir.OperationOutcome
		r.into(t, &o)
		if r.status != http.StatusServiceUnavailable || !o.HasIssue("incomplete") ||
			!strings.Contains(r.body, "restored") {
			t.Errorf("%s: GET %s as %s: got status %d, body %s; want 503 after a restore", when, c.path, c.role,
				r.status, r.body)
		}
	}
}

// resend marks authorities that have to send their plans again, as the operator's command does.
func resend(t *testing.T, s store.Store, since time.Time, codes ...string) {
	t.Helper()
	refused, err := s.Commit(t.Context(), []*store.Entry{{
		Audit: store.AuditRecord{At: start}, Change: &store.Change{Resend: &store.ResendChange{
			Authorities: codes,
			Since:       since,
		}},
	}})
	must(t, err)
	must(t, refused[0])
}

// An authority's plan was accepted after the backup that is restored later. The child's alert must not be "none
// recorded" until the operator confirms that every authority has sent its plans again.
func TestAlert_PlanThatWasTakenAfterTheBackupThatIsRestored(t *testing.T) {
	b := newFixture(t)
	ledger, err := sqlite.OpenReadOnly(t.Context(), b.folder)
	must(t, err)
	backup, made := filepath.Join(t.TempDir(), "backup"), start.Add(-time.Hour)
	_, err = ledger.Backup(t.Context(), backup, "test", func() time.Time { return made })
	must(t, err)
	must(t, ledger.Close())
	must(t, b.sqlite.PutAuthority(t.Context(), store.Authority{Code: "V997", Name: "NEW", DutyPhone: "01632 960000"}))
	o := b.office("V999")
	o.took(o.csv("1", sheet(tomsRow)), "CPF02", "2 CPR06")
	if !b.signIn().lit(plain) {
		t.Fatal("got no alert after the upload")
	}

	folder := filepath.Join(t.TempDir(), "data")
	_, err = sqlite.Restore(t.Context(), backup, folder)
	must(t, err)
	s, err := sqlite.Open(t.Context(), folder)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	again := besides(t, s, b.ca, b.clock, silence{})
	x := again.signIn()
	restoredCouldNotCheck(t, x, "after the restore")
	if !x.lit(tess) {
		t.Error("got no alert for a stored plan")
	}

	all, err := s.Resends(t.Context())
	must(t, err)
	var codes []string
	for _, r := range all {
		if !r.Since.Equal(made) {
			t.Errorf("authority %q has to resend since %s, want %s", r.Authority, r.Since, made)
		}
		codes = append(codes, r.Authority)
	}

	if got := strings.Join(codes, ","); got != ",V998,V999" {
		t.Fatalf("authorities that have to resend: got %q, want \",V998,V999\"", got)
	}

	for _, code := range []string{"V999", "V998"} {
		resend(t, s, time.Time{}, code)
		restoredCouldNotCheck(t, x, "after "+code+" has sent again")
	}

	resend(t, s, time.Time{}, "")
	if r := x.get(nurse, flag, about(plain)); r.status != http.StatusOK || plansIn(r.body) != 0 {
		t.Errorf("lamp after all have resent: got status %d, body %s; want 200 without an alert", r.status, r.body)
	}
}

// A running hub reads the mark with the next request, even if another process has set it.
func TestAlert_AuthorityThatHasToSendAgain(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func() store.Store) {
		s := open()
		fillStore(t, s)
		x := besides(t, s, newAuthority(t, "Sub CA"), &clock{now: start}, silence{}).signIn()
		if r := x.get(nurse, flag, about(plain)); r.status != http.StatusOK || plansIn(r.body) != 0 {
			t.Fatalf("lamp before the mark: got status %d, body %s; want 200 without an alert", r.status, r.body)
		}
		operators := open()
		resend(t, operators, start, "V999")
		restoredCouldNotCheck(t, x, "marked")
		if !x.lit(tess) {
			t.Error("got no alert for a stored plan")
		}
		resend(t, operators, time.Time{}, "V999")
		if r := x.get(nurse, flag, about(plain)); r.status != http.StatusOK {
			t.Errorf("lamp after the mark is removed: got status %d, body %s; want 200", r.status, r.body)
		}
	})
}
