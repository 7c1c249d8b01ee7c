package main

import (
	"os/exec"
	"strings"
	"testing"
)

// Windows has no time zone database. internal/winetest tests that the embedded one is found there.
func TestEveryProgramHasTheTimeZonesInIt(t *testing.T) {
	for _, program := range []string{"wardlight", "wardlight-hub", "wardlight-lab", "wardlight-bench"} {
		out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "wardlight/cmd/"+program).CombinedOutput()
		if err != nil || !strings.Contains("\n"+string(out), "\ntime/tzdata\n") {
			t.Errorf("%s: error %v, or time/tzdata is not linked in", program, err)
		}
	}
}
