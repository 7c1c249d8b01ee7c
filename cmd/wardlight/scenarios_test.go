//go:build linux

package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wardlight/internal/lab/labtest"
	"wardlight/internal/lab/pcscd/pcscdtest"
	"wardlight/internal/lab/play"
	"wardlight/internal/lab/printer"
	"wardlight/internal/lab/scenario"
	"wardlight/internal/need"
	"wardlight/internal/testterm"
)

const (
	scenariosDir = "testdata/scenarios"
	picturesDir  = "../../docs/img" // screenshots of the documentation
)

// scenarios returns the scenarios of the folder by name.
func scenarios(t *testing.T) map[string]scenario.Scenario {
	t.Helper()
	files, err := filepath.Glob(scenariosDir + "/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios found in %s: %v", scenariosDir, err)
	}
	all := make(map[string]scenario.Scenario)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s, err := scenario.Parse(file, string(text))
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".txt")] = s
	}
	return all
}

// TestScenarios plays each scenario with real parts and compares the screens with the screenshots of the
// documentation. UPDATE_PICTURES=1 writes them again.
func TestScenarios(t *testing.T) {
	pcscdtest.Need(t)
	program := labtest.Program(t, "wardlight")
	all := scenarios(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // each scenario starts its own services
			s := all[name]
			if s.Has(scenario.Printed) {
				if err := printer.Missing(); err != nil {
					need.Absent(t, err.Error())
				}
			}

			stage, err := play.Open(t.Context(), play.Options{
				Program: program, Folder: scenariosDir, Start: s.StartTime(), Prints: s.Has(scenario.Printed),
			})
			if err != nil {
				t.Fatal(err)
			}

			t.Cleanup(func() {
				if err := stage.Close(); err != nil {
					t.Error(err)
				}
			})

			o := scenario.Options{ScreenshotFolder: picturesDir, Draw: os.Getenv(testterm.UpdateScreenshots) != ""}
			if err := scenario.Play(t.Context(), s, stage, o); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestEveryPictureOfTheDocumentationIsDrawnByOneScenario(t *testing.T) {
	drawn := make(map[string]string)
	for name, s := range scenarios(t) {
		for _, p := range s.Screenshots() {
			if other, twice := drawn[p]; twice {
				t.Errorf("%s and %s both write %s", name, other, p)
			}
			drawn[p] = name
			if _, err := os.Stat(filepath.Join(picturesDir, p+".svg")); err != nil {
				t.Errorf("%s writes a screenshot that does not exist: %v", name, err)
			}
		}
	}

	there, err := filepath.Glob(picturesDir + "/*.svg")
	if err != nil {
		t.Fatal(err)
	}

	for _, p := range there {
		if drawn[strings.TrimSuffix(filepath.Base(p), ".svg")] == "" {
			t.Errorf("no scenario writes %s", p)
		}
	}
}
