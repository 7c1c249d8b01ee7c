package main

import (
	"os"
	"strings"
	"testing"

	"wardlight/internal/lab/scenario"
)

// TestScenarioReference_EveryStepHasAnExampleThatReads parses each code block of docs/scenarios.md separately. Every
// verb must be in a block and in a table there, and in the trainer's table in docs/training.md.
func TestScenarioReference_EveryStepHasAnExampleThatReads(t *testing.T) {
	reference, err := os.ReadFile("../../docs/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}

	training, err := os.ReadFile(trainingFile)
	if err != nil {
		t.Fatal(err)
	}

	boxes := strings.Split(string(reference), "\n```scenario\n")
	used := make(map[scenario.Verb]bool)
	for _, box := range boxes[1:] {
		steps, _, _ := strings.Cut(box, "\n```\n")
		s, err := scenario.Parse("docs/scenarios.md, a box of it", steps)
		if err != nil {
			t.Error(err)
		}
		for _, step := range s.Steps {
			used[step.Verb] = true
		}
	}

	for _, verb := range scenario.Verbs() {
		if !used[scenario.Verb(verb)] {
			t.Errorf("docs/scenarios.md has no example of %q", verb)
		}
		if !strings.Contains(string(reference), "`"+verb) {
			t.Errorf("docs/scenarios.md does not describe %q", verb)
		}
		if !strings.Contains(string(training), "`"+verb+"`") {
			t.Errorf("docs/training.md does not name %q", verb)
		}
	}
}
