package postgres

import (
	"strings"
	"testing"
)

func TestFirstAccessesUsesItsIndex(t *testing.T) {
	plan := planner(t)(selectFirstAccesses, []int64{9990000018}, 1, 25)
	if !strings.Contains(plan, "access_person") || strings.Contains(plan, "Seq Scan") {
		t.Errorf("got\n%s", plan)
	}
}
