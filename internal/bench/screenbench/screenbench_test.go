package screenbench

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/testterm"
)

func TestAProgramThatShowsSomethingElseIsAnError(t *testing.T) {
	err := onTerminal(func(s *testT) error {
		program{path: "/bin/echo", args: []string{"something else"}}.start(s, false).
			Expect(testterm.Contains("what is wanted"))
		return nil
	}, "echo")
	if err == nil || !strings.Contains(err.Error(), "echo: ") || !strings.Contains(err.Error(), "what is wanted") {
		t.Errorf("onTerminal error = %v, want the program's name and the failure", err)
	}
}

func TestTheStepsOfAProgramAddUpByWhatTheyAreFor(t *testing.T) {
	b := &runner{}
	b.add("a", step{what: wholeWay, budget: 9000}, 100)
	b.add("a", step{what: wholeWay, budget: 9000}, 20)
	b.add("b", step{what: typeLetter}, 1)
	b.report.Starts = []Start{
		{Program: emptyProgram, Answered: 10, Mute: 20},
		{Program: Wardlight, Answered: 12, Mute: 30},
	}

	b.report.When = time.Date(2026, time.November, 22, 0, 0, 0, 0, time.UTC)
	var out strings.Builder
	if err := b.report.Markdown(&out); err != nil {
		t.Fatal(err)
	}

	for _, row := range []string{
		"| " + wholeWay + " | 9000 | - | 120 | - |", "| " + typeLetter + " | - | - | - | 1 |",
		"| ratio | 1.20 | 1.50 |",
	} {
		if !strings.Contains(out.String(), row+"\n") {
			t.Errorf("Markdown has no row %q:\n%s", row, out.String())
		}
	}
}
