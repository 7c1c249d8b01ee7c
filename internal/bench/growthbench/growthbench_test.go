package growthbench_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/bench/growthbench"
)

func TestRun(t *testing.T) {
	r, err := growthbench.Run(t.Context(), growthbench.Options{
		Requests: 2500, PerDay: 1000, Folder: t.TempDir(), Clock: time.Now, Progress: func(string) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.Whole <= r.Old || r.Old <= r.Sealed || r.Sealed == 0 || r.Records < 2490 || r.Exported == 0 || r.Restore <= 0 {
		t.Errorf("report = %+v, want Whole > Old > Sealed > 0", r)
	}
	never, sealed, files := r.After()
	if never <= sealed || sealed <= 0 || files <= 0 {
		t.Errorf("After = %g, %g, %g, want sealed to be smaller", never, sealed, files)
	}
	var out strings.Builder
	if err := r.Markdown(&out); err != nil || strings.Count(out.String(), "\n|") != 10 {
		t.Errorf("Markdown: %v, want 10 rows: %s", err, out.String())
	}
}
