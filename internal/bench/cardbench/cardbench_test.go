package cardbench_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/bench/cardbench"
	"wardlight/internal/lab/labtest"
	"wardlight/internal/lab/pcscd/pcscdtest"
)

// pivGo builds the program that uses piv-go, which is in a separate module.
func pivGo(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pivgo")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", path, ".")
	build.Dir = "pivgo"
	build.Env = append(os.Environ(), "CGO_ENABLED=1", "GOFLAGS=-mod=readonly")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building pivgo: %v\n%s", err, out)
	}
	return path
}

// The test doesn't check times, because it would fail on a busy computer.
func TestEveryProgramOfTheBenchReallySigns(t *testing.T) {
	pcscdtest.Need(t, "yubico-piv-tool", "pkcs11-tool")
	began := time.Now()
	r, err := cardbench.Card(t.Context(), cardbench.Options{
		Runs: 1, Delay: time.Millisecond, PivGo: pivGo(t), Clock: time.Now,
		Self: []string{labtest.Program(t, "wardlight-bench"), "sign"},
	})
	if err != nil {
		t.Fatal(err)
	}

	if len(r.Missing) != 0 || len(r.Jobs) != 2*4 || len(r.Phases) != 2*2 || r.When.Before(began) || r.Machine == "" {
		t.Errorf("got %d jobs, %d phases, missing %v, want 8, 4 and none", len(r.Jobs), len(r.Phases), r.Missing)
	}

	for _, j := range r.Jobs {
		if j.Error != "" || !j.Verified || j.Exchanges == 0 || j.Fast.Wall.Min <= 0 || j.Slow.Wall.Min <= 0 {
			t.Errorf("%s on %s = %+v, want verified signatures and times", j.Program, j.Card, j)
		}
		if notified := j.Fast.Inside.Min > 0 && j.Fast.Enter.Min > 0; notified != (j.Program == "wardlight" ||
			j.Program == "piv-go") {
			t.Errorf("%s on %s reports its own times: %v, want %v", j.Program, j.Card, notified, !notified)
		}
	}

	for _, p := range r.Phases {
		limit := cardbench.Phases{Enter: 3, Whole: 7, Reinsert: 3}
		if p.Lengths == "short" {
			limit = map[string]cardbench.Phases{
				"RSA 2048": {Enter: 5, Whole: 13, Reinsert: 3},
				"P-256":    {Enter: 3, Whole: 11, Reinsert: 3},
			}[p.Card]
		}
		if p.Enter < 2 || p.Enter > limit.Enter || p.Whole > limit.Whole || p.Reinsert < 1 ||
			p.Reinsert > limit.Reinsert {
			t.Errorf("%s, %s: exchanges %+v, want at most %+v", p.Card, p.Lengths, p, limit)
		}
	}

	for name, write := range map[string]func() (string, error){
		"table":    func() (string, error) { var b bytes.Buffer; err := r.Table(&b); return b.String(), err },
		"markdown": func() (string, error) { var b bytes.Buffer; err := r.Markdown(&b); return b.String(), err },
	} {
		out, err := write()
		if err != nil || strings.Count(out, "yubico-piv-tool") != 2 || strings.Count(out, "extended") != 2 {
			t.Errorf("%s: %v, want both tables\n%s", name, err, out)
		}
	}
}

func TestAProgramThatIsNotHereIsNamedAndNotInvented(t *testing.T) {
	r := cardbench.Report{Missing: []string{"piv-go (make bench builds it)"}}
	var b bytes.Buffer
	if err := r.Table(&b); err != nil || !strings.Contains(b.String(), "not here, so not measured: piv-go") {
		t.Errorf("Table of a report with a missing program: %v\n%s", err, &b)
	}
}
