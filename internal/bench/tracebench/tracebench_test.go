package tracebench_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/bench/corrupt"
	"wardlight/internal/bench/tracebench"
)

// A small run of the bench, which keeps its promise from regressing: at a million people the goals are 98 and 95 in a
// hundred.
func TestTheWiderSearchFindsWhoWasMistyped(t *testing.T) {
	o := tracebench.Options{
		People: 1500, Queries: 340, Seed: 7, Folder: t.TempDir(), Tell: func(string) {},
		Clock: func() time.Time { return time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC) },
		Miss:  func(m tracebench.Miss) { t.Logf("missed %+v", m) },
	}
	report, err := tracebench.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	all := report.All
	if all.Queries < 300 || all.FirstFive*100 < all.Queries*98 || all.First*100 < all.Queries*95 || all.TooMany > 0 {
		t.Errorf("%+v", all)
	}
	if len(report.Lines) != len(corrupt.Kinds()) {
		t.Errorf("%d lines", len(report.Lines))
	}
	again, err := tracebench.Run(t.Context(), o)
	if err != nil || again.All.First != all.First || again.All.Queries != all.Queries {
		t.Errorf("again, over the same folder: %+v, %v", again.All, err)
	}
	var table strings.Builder
	if err := report.Markdown(&table); err != nil || !strings.Contains(table.String(), "| diminutive |") {
		t.Errorf("%s %v", table.String(), err)
	}
}
