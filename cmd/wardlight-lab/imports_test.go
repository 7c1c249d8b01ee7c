package main

import (
	"os/exec"
	"strings"
	"testing"
)

// The lab is for trainers and must not contain the benchmarks for maintainers.
func TestImports_NoBenchmarks(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "wardlight/cmd/wardlight-lab").Output()
	if err != nil {
		t.Fatal(err)
	}
	all := string(out)
	if !strings.Contains(all, "wardlight/internal/lab/demo\n") {
		t.Fatalf("packages of wardlight-lab: got %q, want internal/lab/demo among them", all)
	}
	if strings.Contains(all, "wardlight/internal/bench") {
		t.Errorf("wardlight-lab imports a benchmark:\n%s", all)
	}
}
