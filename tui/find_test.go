package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/tui/draw"
)

func TestNothingIsSentWhileTyping(t *testing.T) {
	newFixture(t).signIn().Typed("9990000018").Press("tab").Typed("Example").Press("tab").Typed("04032016").Press("tab",
		"up", "down", "esc").
		expectNoCall("find").expectNoCall("patient").expectNoCall("lamp")
}

func TestNothingIsSentThatIsKnownToBeWrong(t *testing.T) {
	for _, c := range []struct{ number, family, born, postcode, says string }{
		{"", "", "", "", "Type an NHS number"},
		{"9990000019", "", "", "", "×"},
		{"99900000", "", "", "", "×"},
		{"", "Example", "", "", "Type a birth date"},
		{"", "", "04-03-2016", "", "Type a family name."},
		{"", "Example", "23-11-2026", "", "This birth date is in the future."},
		{"", "Example", "31-02-2016", "", "There is no such date"},
		{"", "E*", "04-03-2016", "", "Type two letters before the *."},
		{"", "Example", "04-03-2016", "LS1", "This is not a whole postcode"},
		{"9990000018", "Example", "", "", "Clear this to search by name"},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			b := newFixture(t).signIn().Typed(c.number).Press("tab").Typed(c.family).Press("tab").Typed(c.born).
				Press("ctrl+e", "tab", "tab", "tab").Typed(c.postcode)
			if c.number == "" && c.family == "" && c.born == "" {
				b.Press("tab", "tab", "tab")
			}
			b.Press("enter").deliver().expect(c.says).expectNoCall("find").expectNoCall("patient").expectNoCall("lamp")
			if !b.m.Top().Typing() {
				t.Error("no field has the focus, want the one with the error")
			}
		})
	}
}

func TestASearchByNameSendsWhatWasTyped(t *testing.T) {
	b := newFixture(t).signIn().Press("tab").Typed(" O'Example ").Press("tab").Typed("4 mar 2016").Press("ctrl+e").
		Typed("Tess").
		Press("tab", "tab", "right", "tab").Typed("ls14ap").Press("enter").deliver()
	want := client.Query{
		Family: "O'Example", Given: "Tess", Born: nhs.Date{Year: 2016, Month: time.March, Day: 4},
		Gender: nhs.Female, Postcode: "LS1 4AP",
	}
	if b.sessions.query != want {
		t.Errorf("query = %+v, want %+v", b.sessions.query, want)
	}
	b.expect("2 patients", "Searched as typed: family name O'Example, born 04-Mar-2016, given name Tess, gender "+
		"Female, postcode LS1 4AP")
}

func TestAPastedNameHasItsSpacesAndNothingThatPrintsNothing(t *testing.T) {
	b := newFixture(t).signIn().Press("tab").send(tea.PasteMsg{Content: "\u200eVan\u00a0Ex\u00adample\ufeff"}).
		Press("tab").
		send(tea.PasteMsg{Content: "\u200e04/\u200e03/\u200e2016"}).Press("enter").deliver()
	if want := (client.Query{Family: "Van Example", Born: nhs.Date{
		Year: 2016, Month: time.March,
		Day: 4,
	}}); b.sessions.query != want {
		t.Errorf("query = %+v, want %+v", b.sessions.query, want)
	}
}

func TestRowsStandInTheHubsOrderAndEnterTakesTheMarkedOne(t *testing.T) {
	b := newFixture(t)
	b.sessions.found.Rows = []client.Patient{samRecord(), tessRecord()}
	byName(b).deliver()
	if s := b.text(); strings.Index(s, "SAMPLE, Sam") > strings.Index(s, "EXAMPLE, Tess") {
		t.Error("the rows are not in the order of the hub")
	}
	b.wait(time.Second).Press("down", "down", "enter").deliver().expect("EXAMPLE, Tess").
		expectCalls("patient 9990000018", 1)
}

func TestTheKeyThatSearchedPressedTwiceChoosesNobody(t *testing.T) {
	b := newFixture(t)
	byName(b).Press("enter").deliver().Press("enter").deliver().expect("2 patients").expectNoCall("patient ")
	b.wait(time.Second).Press("enter").deliver().expectCalls("patient 9990000018", 1)

	b = newFixture(t) // a user who moves in the list within the key delay can't have read it
	byName(b).deliver().Press("down", "enter").deliver().expect("2 patients").expectNoCall("patient ")
	b.wait(time.Second).Press("enter").deliver().expectCalls("patient 9990000026", 1)

	b = newFixture(t) // with a single row there is nothing to choose
	b.sessions.found.Rows = b.sessions.found.Rows[:1]
	byName(b).deliver().Press("enter").deliver().expectCalls("patient 9990000018", 1)
}

func TestNobodyAndTooManySayWhatToTry(t *testing.T) {
	b := newFixture(t)
	b.sessions.found = client.Found{}
	byName(b).deliver().expect("No patient was found.", "Check the spelling", "Searched as typed: family name Example")
	b = newFixture(t)
	b.sessions.found = client.Found{TooMany: true}
	byName(b).deliver().expect("Too many patients match.", "Add a given name").expectNot("No patient")
	b = newFixture(t)
	b.sessions.findErr = &client.Error{Kind: client.TimedOut}
	byName(b).deliver().expect("The hub did not answer in time.", "H12").expectNot("No patient was found")
}

func TestASearchUnderWayCanBeStopped(t *testing.T) {
	b := newFixture(t)
	byName(b).expect("Searching.").Press("esc").expectNot("Searching.").deliver().expect("Find a patient").
		expectNot("2 patients")
}

func TestLettersAreTextInAFieldAndCommandsOutsideOfIt(t *testing.T) {
	b := newFixture(t).signIn().Press("tab").Typed("nqd/?or").expect("nqd/?or", "Find a patient").Press("esc").
		Press("?").expect("Keys")
	b.Press("esc").Press("q").expect("Quit?")
}

func TestPasteIsTextAndNeverCommands(t *testing.T) {
	b := newFixture(t).signIn().send(tea.PasteMsg{Content: " 999 000 0018\n"}).expect("999 000 0018").
		expectNoCall("patient")
	b.Press("esc").send(tea.PasteMsg{Content: "q"}).expectNot("Quit?")
	newFixture(t).cardIn().deliver().send(tea.PasteMsg{Content: code}).expect("can't be pasted")
}

func TestAFieldEditsAndScrolls(t *testing.T) {
	f := draw.NewField(10)
	f.Insert("abcdef\x1b[2J\u202e")
	if f.String() != "abcdef[2J" {
		t.Errorf("field = %q, want %q", f.String(), "abcdef[2J")
	}

	for _, k := range []string{"home", "delete", "right", "backspace", "end", "left"} {
		f.Press(keyNamed(k))
	}

	f.Insert("x")
	if f.String() != "cdef[2xJ" {
		t.Errorf("field = %q, want %q", f.String(), "cdef[2xJ")
	}

	shown, at := f.View(5)
	if len([]rune(shown)) != 5 || at > 4 {
		t.Errorf("View(5) = %q, cursor at %d, want 5 characters and the cursor at 4 at most", shown, at)
	}

	f.Insert("日本")
	if shown, at = f.View(5); at > 4 {
		t.Errorf("View(5) = %q, cursor at %d, want the cursor at 4 at most", shown, at)
	}

	f.Clear()
	if f.String() != "" {
		t.Errorf("field = %q after Clear, want it empty", f.String())
	}
}

func TestRowsWithAPartialBirthDateSaySo(t *testing.T) {
	month, year := tessRecord(), samRecord()
	month.Born, year.Born = nhs.Date{Year: 2016, Month: 3}, nhs.Date{Year: 2016}
	b := newFixtureSize(t, 80, 24)
	b.sessions.found = client.Found{Rows: []client.Patient{month, year, tessRecord()}}
	byName(b).deliver().expect("The record has only the month and year of birth.",
		"The record has only the year of birth.")
	if n := strings.Count(flatten(b.text()), flatten("The record has only")); n != 2 {
		t.Errorf("%d rows of 3 say that the birth date is partial, want 2:\n%s", n, b.text())
	}
	h := hear(t)
	h.sessions.found = client.Found{Rows: []client.Patient{month, tessRecord()}}
	h.card().types(code, "Example", "4-3-2016").
		expectSaid("Postcode LS1 4AP. The record has only the month and year of birth.", "2. EXAMPLE, Tess")
}

func TestRowsThatAreOnlyLikelySaySo(t *testing.T) {
	family, unknown := tessRecord(), samRecord()
	family.Other, unknown.Other = client.OtherFamily, client.OtherUnknown
	for _, size := range [][2]int{{80, 24}, {60, 20}, {140, 40}} {
		b := newFixtureSize(t, size[0], size[1])
		b.sessions.found = client.Found{Rows: []client.Patient{family, unknown, tessRecord()}}
		byName(b).deliver().expect("EXAMPLE, Tess", "Only likely: same first name and birth date, other family name.",
			"Only likely: not all details are as asked for.")
		if n := strings.Count(flatten(b.text()), flatten("Only likely")); n != 2 {
			t.Errorf("%v: %d rows of 3 say that they are only likely, want 2:\n%s", size, n, b.text())
		}
	}
	h := hear(t)
	h.sessions.found = client.Found{Rows: []client.Patient{family, tessRecord()}}
	h.card().types(code, "Example", "4-3-2016").expectSaid("Postcode LS1 4AP. Only likely: same first name and "+
		"birth date, other family name.", "2. EXAMPLE, Tess")
}
