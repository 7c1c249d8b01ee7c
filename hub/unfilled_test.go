package hub_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"wardlight/hub/store"
	"wardlight/internal/fhir"
)

// TestAlert_BooksThatNobodyFilled asks about a child without plans. The hub refuses until the first authority has
// uploaded a file, and then answers "none recorded".
func TestAlert_BooksThatNobodyFilled(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func() store.Store) {
		s := open()
		fillStore(t, s)

		for _, n := range []string{"V998", "V999"} {
			plans, err := s.PlansOf(t.Context(), n)
			must(t, err)
			for _, p := range plans {
				refused, err := s.Commit(t.Context(),
					[]*store.Entry{{Change: &store.Change{Plan: &store.PlanChange{ID: p.ID, Remove: true}}}})
				must(t, errors.Join(append(refused, err)...))
			}
		}

		b := besides(t, s, newAuthority(t, "Sub CA"), &clock{now: start}, silence{})
		x := b.signIn()
		for _, c := range alertCalls {
			r := x.get(c.role, c.path, about(plain), c.change...)
			var o fhir.OperationOutcome
			r.into(t, &o)
			if r.status != http.StatusServiceUnavailable ||
				!strings.Contains(r.body, "No local authority has sent a plan") {
				t.Errorf("GET %s before any upload: got status %d, body %s; want 503", c.path, r.status, r.body)
			}
		}

		_, err := s.Commit(t.Context(),
			[]*store.Entry{{Upload: &store.Upload{
				ID: "u", Authority: "V999", File: "1", Digest: "d", At: start,
				Answer: []byte("{}"),
			}}})
		must(t, err)

		for _, c := range alertCalls {
			r := x.get(c.role, c.path, about(plain), c.change...)
			if r.status != http.StatusOK || plansIn(r.body) != 0 {
				t.Errorf("GET %s after an upload: got status %d, body %s; want 200 without plans", c.path, r.status,
					r.body)
			}
		}
	})
}
