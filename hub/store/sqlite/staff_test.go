package sqlite

import (
	"database/sql"
	"strings"
	"testing"
)

func TestWhatLapsedIsFoundByItsTime(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close() //nolint:errcheck // nothing was written
	for _, q := range forgetLapsed {
		plan, err := list(t.Context(), s.ledger.write, func(r *sql.Rows) (line string, err error) {
			var a, b, c int
			return line, r.Scan(&a, &b, &c, &line)
		}, "EXPLAIN QUERY PLAN "+q, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(plan) != 1 || !strings.HasPrefix(plan[0], "SEARCH ") || !strings.HasSuffix(plan[0], "(expires<?)") {
			t.Errorf("%s:\n%s", q, strings.Join(plan, "\n"))
		}
	}
}
