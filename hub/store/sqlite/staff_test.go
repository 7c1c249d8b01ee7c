package sqlite

import (
	"strings"
	"testing"
)

func TestWhatLapsedIsFoundByItsTime(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close() //nolint:errcheck // nothing was written
	for _, q := range forgetLapsed {
		plan := planOf(t, s.ledger.write, q, 0)
		if len(plan) != 1 || !strings.HasPrefix(plan[0], "SEARCH ") || !strings.HasSuffix(plan[0], "(expires<?)") {
			t.Errorf("%s:\n%s", q, strings.Join(plan, "\n"))
		}
	}
}
