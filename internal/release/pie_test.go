package main

import (
	"os"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestProgramsWithCOfLinuxAreIndependentOfTheirPosition reads how goreleaser builds each program. One that links C is
// loaded at another address each time, which Go does by itself on Windows alone.
func TestProgramsWithCOfLinuxAreIndependentOfTheirPosition(t *testing.T) {
	inRepository(t)
	text, err := os.ReadFile("goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}

	var release struct {
		Builds []struct {
			ID               string
			Env, Goos, Flags []string
		}
	}

	if err := yaml.Unmarshal(text, &release); err != nil {
		t.Fatal(err)
	}

	withC := 0
	for _, b := range release.Builds {
		want := slices.Contains(b.Goos, "linux") && slices.Contains(b.Env, "CGO_ENABLED=1")
		if got := slices.Contains(b.Flags, "-buildmode=pie"); got != want {
			t.Errorf("%s: got -buildmode=pie %v, want %v", b.ID, got, want)
		}
		if want {
			withC++
		}
	}

	if withC != 3 {
		t.Errorf("got %d builds with C for Linux, want 3", withC)
	}
}
