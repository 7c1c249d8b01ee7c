package sqlite

import (
	"strings"
	"testing"

	"wardlight/hub/store/row"
)

func TestFirstAccessesUsesItsIndex(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close() //nolint:errcheck // the test is over
	for _, numbers := range []string{"IN (?1)", "IN (?1, ?2)"} {
		plan := strings.Join(planOf(t, s.ledger.read, row.SelectFirstAccesses(numbers, "?3", "?4"), 1, 2, 3, 4), "\n")
		if want := "SEARCH access USING COVERING INDEX access_person (number=? AND uuid=? AND at>?)"; !strings.Contains(
			plan, want,
		) || strings.Contains(plan, "SCAN access") {
			t.Errorf("query plan with %s: got\n%s\nwant %s", numbers, plan, want)
		}
	}
}
