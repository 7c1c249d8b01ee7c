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

// restoredCouldNotCheck asks about an alert in every way, and wants no answer about the child.
func restoredCouldNotCheck(t *testing.T, x *terminal, when string) {
	t.Helper()
	for _, c := range alertCalls {
		r := x.get(c.role, c.path, about(plain), c.change...)
		var o fhir.OperationOutcome
		r.into(t, &o)
		if r.status != http.StatusServiceUnavailable || !o.HasIssue("incomplete") || !strings.Contains(r.body, "restored") {
			t.Errorf("%s: %s as %s: %d %s", when, c.path, c.role, r.status, r.body)
		}
	}
}

// resend commits who has to send again, as an operator's command does.
func resend(t *testing.T, s store.Store, since time.Time, codes ...string) {
	t.Helper()
	refused, err := s.Commit(t.Context(), []*store.Entry{{
		Audit: store.AuditRecord{At: start}, Change: &store.Change{Resend: &store.ResendChange{Authorities: codes, Since: since}},
	}})
	must(t, err)
	must(t, refused[0])
}

// An authority was told that its plan is taken. The backup that is restored then is older: a child who was an ALERT
// must not read "none recorded" until the operator says that every authority has sent again.
func TestAlert_PlanThatWasTakenAfterTheBackupThatIsRestored(t *testing.T) {
	b := newBench(t)
	books, err := sqlite.OpenReadOnly(t.Context(), b.folder)
	must(t, err)
	backup, made := filepath.Join(t.TempDir(), "backup"), start.Add(-time.Hour)
	_, err = books.Backup(t.Context(), backup, "test", func() time.Time { return made })
	must(t, err)
	must(t, books.Close())
	must(t, b.sqlite.PutAuthority(t.Context(), store.Authority{Code: "V997", Name: "NEW", DutyPhone: "01632 960000"}))
	o := b.office("V999")
	o.took(o.csv("1", sheet(tomsRow)), "CPF02", "2 CPR06")
	if !b.signIn().lit(plain) {
		t.Fatal("no alert after the upload")
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
		t.Error("an alert that is on file is not shown")
	}
	all, err := s.Resends(t.Context())
	must(t, err)
	var codes []string
	for _, r := range all {
		if !r.Since.Equal(made) {
			t.Errorf("%q has to send again since %s, want %s", r.Authority, r.Since, made)
		}
		codes = append(codes, r.Authority)
	}
	if got := strings.Join(codes, ","); got != ",V998,V999" {
		t.Fatalf("%q have to send again", got)
	}
	for _, code := range []string{"V999", "V998"} {
		resend(t, s, time.Time{}, code)
		restoredCouldNotCheck(t, x, "after "+code+" has sent again")
	}
	resend(t, s, time.Time{}, "")
	if r := x.get(nurse, flag, about(plain)); r.status != http.StatusOK || plansIn(r.body) != 0 {
		t.Errorf("after all have sent again: %d %s", r.status, r.body)
	}
}

// A hub that runs sees the mark at the next request, whoever set it.
func TestAlert_AuthorityThatHasToSendAgain(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func() store.Store) {
		s := open()
		fillBooks(t, s)
		x := besides(t, s, newAuthority(t, "Sub CA"), &clock{now: start}, silence{}).signIn()
		if r := x.get(nurse, flag, about(plain)); r.status != http.StatusOK || plansIn(r.body) != 0 {
			t.Fatalf("before: %d %s", r.status, r.body)
		}
		operators := open()
		resend(t, operators, start, "V999")
		restoredCouldNotCheck(t, x, "marked")
		if !x.lit(tess) {
			t.Error("an alert that is on file is not shown")
		}
		resend(t, operators, time.Time{}, "V999")
		if r := x.get(nurse, flag, about(plain)); r.status != http.StatusOK {
			t.Errorf("after: %d %s", r.status, r.body)
		}
	})
}
