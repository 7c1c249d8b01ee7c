package postgres

import (
	"strings"
	"testing"

	"wardlight/hub/store/row"
)

func TestFirstAccessesUsesItsIndex(t *testing.T) {
	plan := planner(t)(row.SelectFirstAccesses("IN ($1)", "$2", "0 + $3"), int64(9990000018), 1, 25)
	if !strings.Contains(plan, "access_person") || strings.Contains(plan, "Seq Scan") {
		t.Errorf("got the plan\n%s\nwant the index access_person and no sequential scan", plan)
	}
}
