//go:build unix

package tui

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"wardlight/tui/shell"

	tea "charm.land/bubbletea/v2"

	. "wardlight/internal/testterm" // the scenario functions
)

// TestOnASlowLineEachActionKeepsItsBudget counts the bytes that each action sends to a terminal of 80 x 24 cells that
// doesn't answer queries, as terminals at the end of a slow line are. At 9,600 baud 960 bytes take a second. The hub
// is slow too: each answer arrives after the waiting screen has been drawn, so the figures are the maximum of each
// action.
func TestOnASlowLineEachActionKeepsItsBudget(t *testing.T) {
	for name, part := range map[string]string{"": "", " with two flags": "two-flags"} {
		t.Run("the record comes first"+name, func(t *testing.T) { meetsItsBudget(t, part, "patient", "lamp") })
		t.Run("the lamp comes first"+name, func(t *testing.T) { meetsItsBudget(t, part, "lamp", "patient") })
	}
}

// budgeted is an action, and the maximum of the bytes that it may send.
type budgeted struct {
	action string
	does   func()
	max    int
}

// measure returns the bytes that the action sends.
func (b budgeted) measure(t *testing.T, term *Terminal) int {
	t.Helper()
	before := term.Bytes()
	b.does()
	n := term.Bytes() - before
	t.Logf("%5d bytes (budget %4d): %s", n, b.max, b.action)
	if n > b.max {
		t.Errorf("%s sent %d bytes, want at most %d", b.action, n, b.max)
	}
	return n
}

// linesShown matches which lines of a summary are shown.
var linesShown = regexp.MustCompile(`Lines \d+ to`)

// TestSummary_BytesOnASlowLine counts the bytes that a summary of the lab's people sends, as
// TestOnASlowLineEachActionKeepsItsBudget does for an alert.
func TestSummary_BytesOnASlowLine(t *testing.T) {
	env, answer := slowHub(t)
	term, _ := startOnTerminal(t, Options{Env: []string{env, parts("lab-summary")}})
	term.Expect(Contains("555000000111")).Type(code).Press("enter")
	answer("sign in")
	term.Expect(Contains("Find a patient")).Type(tess.Digits()).Press("enter")
	answer("patient")
	answer("lamp")
	term.Expect(Contains("▲ ALERT"), Line(-1).Contains("open the alert"))
	moves := func(key string) func() { // until other lines are shown
		return func() {
			before := linesShown.FindString(term.Screen())
			term.Press(key).Expect(Contains("Lines "), Not(Contains(before)))
		}
	}
	total := 0
	for _, step := range []budgeted{
		{"why the summary may be viewed", func() { term.PressUntil("s", Contains("Permission to view")) }, 1700},
		{"the summary", func() {
			term.PressUntil("1", Contains("Getting the Summary"))
			answer("summary")
			term.Expect(Contains("Allergy to penicillin"), Line(-1).Contains("next section"))
		}, 2800},
		{"the next page", moves("pgdown"), 700},
		{"a line down", moves("down"), 500},
		{"the next section", moves("tab"), 700},
		{"all sections unfolded", func() {
			term.Press("enter").Expect(Line(-1).Contains("fold"), Not(Contains("unfold all")))
		}, 700},
	} {
		total += step.measure(t, term)
	}
	if t.Logf("%5d bytes (budget 6000): all of them", total); total > 6000 {
		t.Errorf("a summary: %d bytes sent, want at most 6000", total)
	}
}

// TestSummary_LinesByEar counts the lines that linear mode says for the same summary: until the first allergy, and for
// all of it. The patient and the head are said again on each page.
func TestSummary_LinesByEar(t *testing.T) {
	said := strings.Split(hear(t).said(labSummary()), "\n")
	allergy := slices.IndexFunc(said, func(l string) bool { return strings.Contains(l, "Allergy to penicillin") }) + 1
	t.Logf("%d lines until the first allergy (budget 12), %d of the summary (budget 60)", allergy, len(said))
	if allergy < 1 || allergy > 12 || len(said) > 60 {
		t.Errorf("got %d lines until the first allergy and %d in all, want at most 12 and 60", allergy, len(said))
	}
}

// meetsItsBudget runs the test with a part of the program (see partsEnv), or "", and a hub that answers the two
// questions about a patient in the given order.
func meetsItsBudget(t *testing.T, part, first, second string) {
	t.Helper()
	env, answer := slowHub(t)
	seen := map[string]Matcher{"patient": Contains("4 Made Up Row"), "lamp": Contains("▲ ALERT")}
	term, _ := startOnTerminal(t, Options{Env: []string{env, partsEnv + "=" + part}})
	term.Expect(Contains("555000000111"), Line(-1).Contains("F1 help"))
	total := 0
	for _, step := range []budgeted{
		{"the passcode's first digit", func() { term.Type(code[:1]).Expect(Contains("•")) }, 40},
		{"a digit more", func() { term.Type(code[1:2]).Expect(Contains("••")) }, 40},
		{"the rest of the passcode, and the search form", func() {
			term.Type(code[2:]).Press("enter").Expect(Contains("Signing in"))
			answer("sign in")
			term.Expect(Contains("Find a patient"), Line(-1).Contains("F1 help"))
		}, 2500},
		{"to the family name", func() { term.Press("tab").Expect(Contains("Family name  ►")) }, 120},
		{"a letter typed", func() { term.Type("E").Expect(Contains("► E")) }, 40},
		{"another letter", func() { term.Type("x").Expect(Contains("► Ex")) }, 40},
		{"a birth date", func() { term.Press("tab").Type("4-3-2016").Expect(Contains("► 4-3-2016")) }, 8*40 + 120},
		{"a search and its list", func() {
			term.Press("enter").Expect(Contains("Searching"))
			answer("find")
			term.Expect(Contains("2 patients"), Line(-1).Contains("? help"))
		}, 2000},
		{"down in the list", func() { term.Press("down").Expect(Contains("► SAMPLE")) }, 120},
		{"up in the list", func() { term.Press("up").Expect(Contains("► EXAMPLE")) }, 120},
		{"a patient with the lamp", func() {
			term.PressUntil("enter", Contains("Asking whether"))
			answer(first)
			term.Expect(seen[first])
			answer(second)
			term.Expect(seen[second], Line(-1).Contains("open the alert"))
		}, 2000},
		{"the opened alert", func() {
			term.PressUntil("o", Contains("Opening"))
			answer("open")
			term.Expect(Contains("RING NOW"), Line(-1).Contains("Tab other pane"))
		}, 4000},
		{"the other plan", func() { term.Press("down").Expect(Contains("►  020 7946 0102")) }, 1000},
	} {
		total += step.measure(t, term)
	}

	t.Logf("%5d bytes (budget 9000): from the passcode to the opened alert, by name and over a list", total)
	if total > 9000 {
		t.Errorf("from the passcode to the opened alert: %d bytes sent, want at most 9000", total)
	}
}

// Times on the screen are shown to the minute at most, and only where they matter. A tick of the clock then changes no
// cell, and the renderer sends nothing.
func TestTheClockSendsNothing(t *testing.T) {
	for _, s := range []func(*modelTest){
		func(b *modelTest) {
			b.signIn()
		}, func(b *modelTest) { b.toPatient(tess) }, func(b *modelTest) { b.toOpened() },
	} {
		b := newFixture(t)
		s(b)
		before := b.m.View()
		b.wait(shell.MaxTick).tick()
		if after := b.m.View(); after.Content != before.Content ||
			*orNowhere(after.Cursor) != *orNowhere(before.Cursor) {
			t.Errorf("a tick of the clock changed the screen to\n%s", b.text())
		}
	}
}

// orNowhere returns c, or a cursor off the screen if c is nil.
func orNowhere(c *tea.Cursor) *tea.Cursor {
	if c == nil {
		return tea.NewCursor(-1, -1)
	}
	return c
}
