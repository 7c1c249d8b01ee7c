package hub_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/hub"
	"wardlight/hub/limit"
	"wardlight/hub/store"
)

// countsMany is an observer that counts who asks about many patients.
type countsMany struct{ n atomic.Int64 }

func (*countsMany) Begun()                                      {}
func (*countsMany) Answered(string, string, int, time.Duration) {}
func (*countsMany) Committed(int, time.Duration, error)         {}
func (c *countsMany) ManyPatients()                             { c.n.Add(1) }

func TestBudget_OfAPersonOnEveryRoute(t *testing.T) {
	for path, urid := range map[string]string{flag: nurse, careTeam: nurse, events: nurse, patients + "/" + tess.Digits(): nurse, patients + "/" + tess.Digits() + "/RelatedPerson": nurse} {
		b := newBench(t, limited)
		x := b.signIn()
		query := about(tess)
		if strings.HasPrefix(path, patients) {
			query = nil
		}
		answered, before := 0, len(b.trail())
		for range 60 {
			r := x.get(urid, path, query)
			switch {
			case r.status == http.StatusOK:
				answered++
			case r.status != http.StatusTooManyRequests || r.header.Get("Retry-After") == "":
				t.Fatalf("%s: %d %s", path, r.status, r.body)
			}
		}
		if answered != limit.RequestsOfPerson/15 {
			t.Errorf("%s: %d answered at once, want %d", path, answered, limit.RequestsOfPerson/15)
		}
		if more := len(b.trail()) - before; more != answered+1 {
			t.Errorf("%s: %d records, want one of each answer and one of the refusals", path, more)
		}
		if r := b.signIn().get(urid, path, query); r.status != http.StatusTooManyRequests {
			t.Errorf("%s: %d in another session of the same person", path, r.status)
		}
	}
}

func TestBudget_OfAWorklist(t *testing.T) {
	b := newBench(t, limited)
	x := b.signIn()
	for i := range 60 { // 240 patients a minute, two requests each
		for range 2 {
			if r := x.get(nurse, flag, about(tess)); r.status != http.StatusOK {
				t.Fatalf("patient %d: %d %s", i, r.status, r.body)
			}
		}
		b.clock.Add(time.Minute / 240)
	}
}

func TestBudget_ManyPatients(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func() store.Store) {
		many := &countsMany{}
		books := open()
		fillBooks(t, books)
		b := besides(t, books, newAuthority(t, "Sub CA"), &clock{now: start}, silence{}, func(c *hub.Config) {
			c.Observer, c.Limits = many, &limit.Config{PatientsPerson: 2}
		})
		x := b.signIn()
		for range 5 {
			x.get(nurse, flag, about(tess))
			x.get(nurse, flag, about(plain))
		}
		if n := many.n.Load(); n != 0 {
			t.Fatalf("two patients are %d alarms", n)
		}
		for range 3 {
			x.get(nurse, patients+"/"+mother.Digits(), nil)
		}
		log := b.log.String()
		if n := many.n.Load(); n != 1 || strings.Count(log, "ALARM: a person was answered about more patients") != 1 {
			t.Errorf("three patients are counted %d times, want 1: %s", n, log)
		}
		head, err := books.AuditHead(t.Context())
		must(t, err)
		if !strings.Contains(log, head.Session) || strings.Contains(log, mother.Digits()) || strings.Contains(log, nurseUUID) {
			t.Errorf("the alarm names the session and nobody: %s", log)
		}
	})
}
