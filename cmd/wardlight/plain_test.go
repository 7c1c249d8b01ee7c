package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/people"
	. "wardlight/internal/testterm" // Start, Contains, Regexp and others
)

// startLinear starts the program in linear mode, on a terminal tall enough for all output.
func (w *testSite) startLinear() *Terminal {
	w.t.Helper()
	return Start(w.t, Options{Rows: 300, Env: []string{w.socket()}}, w.program, "--plain", "--config",
		w.hub.ConfigFile())
}

func TestInLinesFromCardToAlertOverTheRealService(t *testing.T) {
	t.Parallel() // each test starts its own services
	w := newTestSite(t)
	term := w.startLinear()
	term.Expect(Contains("No smartcard in the reader."))

	w.insert("nurse")
	term.Expect(Contains("Tries left: 3."), Regexp(`Passcode, .*Enter:\s*$`))
	term.Type("246814").Press("enter").Expect(Contains("Passcode not correct. 2 tries left."),
		Regexp(`Passcode, .*Enter:\s*$`))
	term.Type(cards.Passcode).Press("enter").Expect(Contains("NHS number, or family name:"))

	before := w.accesses(people.OnPlan)
	family, born := identity(t, people.OnPlan)
	term.Type(family).Press("enter").Expect(Contains("Birth date, ")).Type(born).Press("enter")
	term.Expect(Contains(people.OnPlan.String()), Regexp(`Number of the patient:\s*$`))
	number := regexp.MustCompile(`(\d+)\. [^\n]*\n?[^\n]*` + regexp.QuoteMeta(people.OnPlan.String())).
		FindStringSubmatch(string(term.Output()))
	if number == nil {
		t.Fatalf("no row with the child's NHS number:\n%s", term.Screen())
	}

	term.TypeUntil(number[1], Contains("ALERT: Child protection alert, as of")).Expect(Contains("ALERT: Child protection alert, as of"), Regexp(`Command:\s*$`))
	if n := w.accesses(people.OnPlan); n != before {
		t.Errorf("accesses after a lamp: got %d more, want 0", n-before)
	}

	w.notified(0)

	// The word alone does not open the alert. The digits open it, once the key delay has passed.
	term.Type("open").Press("enter").Expect(Contains("Opening needs the word and the digits after it"))
	term.TypeUntil(regexp.MustCompile(`open \d{4}`).FindString(term.Screen()), Contains("RING NOW: 01632 960"))
	term.Expect(Contains("EXAMPLESHIRE COUNCIL"), Regexp(`Command:\s*$`))
	w.notified(1)

	w.card.Pull()
	term.Expect(Contains("Earlier lines may still name a patient"), Contains("Card removed. Session ended."),
		Regexp(`Command:\s*$`))
	if n := w.accesses(people.OnPlan); n != before+1 {
		t.Errorf("accesses after one opening: got %d more, want 1", n-before)
	}

	term.Type("quit").Press("enter")
	if code := term.Wait(); code != 0 {
		t.Errorf("exit code: got %d, want 0", code)
	}

	term.ExpectModesRestored()
	out := term.Output()
	if i := bytes.IndexFunc(out, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' }); i >= 0 {
		t.Errorf("control character in the output: %q", out[max(0, i-20):min(len(out), i+20)])
	}

	if strings.Contains(string(out), cards.Passcode) || strings.Contains(string(out), "246814") {
		t.Error("a passcode was echoed")
	}
}
