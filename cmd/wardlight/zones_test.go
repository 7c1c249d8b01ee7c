package main

import (
	"os/exec"
	"strings"
	"testing"
)

// That the zones are found there is tested on Windows, which has none (internal/winetest).
func TestEveryProgramHasTheTimeZonesInIt(t *testing.T) {
	for _, program := range []string{"wardlight", "wardlight-hub", "wardlight-lab", "wardlight-bench"} {
		out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "wardlight/cmd/"+program).CombinedOutput()
		if err != nil || !strings.Contains("\n"+string(out), "\ntime/tzdata\n") {
			t.Errorf("%s: %v; time/tzdata is not in it", program, err)
		}
	}
}
