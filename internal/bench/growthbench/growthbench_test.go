package growthbench_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/bench/growthbench"
)

func TestRun(t *testing.T) {
	r, err := growthbench.Run(t.Context(), growthbench.Options{
		Requests: 2500, PerDay: 1000, Folder: t.TempDir(), Clock: time.Now, Tell: func(string) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.Whole <= r.Old || r.Old <= r.Sealed || r.Sealed == 0 || r.Records < 2490 || r.Exported == 0 || r.Restore <= 0 {
		t.Errorf("%+v", r)
	}
	never, sealed, files := r.After()
	if never <= sealed || sealed <= 0 || files <= 0 {
		t.Errorf("after five years %g, sealed %g and %g", never, sealed, files)
	}
	var out strings.Builder
	if err := r.Markdown(&out); err != nil || strings.Count(out.String(), "\n|") != 10 {
		t.Errorf("%v: %s", err, out.String())
	}
}
