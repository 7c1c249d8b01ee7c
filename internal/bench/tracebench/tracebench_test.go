package tracebench_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/bench/corrupt"
	"wardlight/internal/bench/tracebench"
)

// A small run of the benchmark, to detect regressions. At a million people the goals are 98 % in the first five and 95
// % first.
func TestTheWiderSearchFindsWhoWasMistyped(t *testing.T) {
	o := tracebench.Options{
		People: 1500, Queries: 340, Seed: 7, Folder: t.TempDir(), Progress: func(string) {},
		Clock: func() time.Time { return time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC) },
		Miss:  func(m tracebench.Miss) { t.Logf("missed %+v", m) },
	}

	report, err := tracebench.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}

	all := report.All
	if all.Queries < 300 || all.FirstFive*100 < all.Queries*98 || all.First*100 < all.Queries*95 || all.TooMany > 0 {
		t.Errorf("result = %+v, want 98%% in the first five and 95%% first", all)
	}

	if len(report.Lines) != len(corrupt.Kinds()) {
		t.Errorf("got %d lines, want %d", len(report.Lines), len(corrupt.Kinds()))
	}

	again, err := tracebench.Run(t.Context(), o)
	if err != nil || again.All.First != all.First || again.All.Queries != all.Queries {
		t.Errorf("second run with the same folder = %+v, %v, want %+v", again.All, err, all)
	}

	var table strings.Builder
	if err := report.Markdown(&table); err != nil || !strings.Contains(table.String(), "| diminutive |") {
		t.Errorf("Markdown = %s, %v, want the kinds of mistakes", table.String(), err)
	}
}
