package main

import (
	"os/exec"
	"strings"
	"testing"
)

// What trainers get is without the benches of maintainers.
func TestTheLabImportsNoBench(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "wardlight/cmd/wardlight-lab").Output()
	if err != nil {
		t.Fatal(err)
	}
	all := string(out)
	if !strings.Contains(all, "wardlight/internal/lab/demo\n") {
		t.Fatalf("the list of packages is %q", all)
	}
	if strings.Contains(all, "wardlight/internal/bench") {
		t.Errorf("it imports a bench:\n%s", all)
	}
}
