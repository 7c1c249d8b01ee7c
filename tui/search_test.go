package tui

import (
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/tui/find"
	"wardlight/tui/step"
)

func TestANumberIsGroupedWhileItIsTypedAndEditedAsIfItHadNoSpaces(t *testing.T) {
	for _, c := range []struct {
		name  string
		keys  []string
		want  string // with | at the cursor
		paste string
	}{
		{name: "typed", keys: strings.Split("9990000018", ""), want: "999 000 0018|"},
		{name: "typed with spaces", keys: []string{"9", "9", "9", "space", "0", "0"}, want: "999 00|"},
		{name: "pasted", paste: "9990000018\n", want: "999 000 0018|"},
		{name: "pasted with hyphens", paste: "999-000-0018", want: "999 000 0018|"},
		{
			name: "pasted with what prints nothing", paste: "\ufeff\u200e999\u200b000\u00ad0018\u200f",
			want: "999 000 0018|",
		},
		{
			name: "pasted into what stands", keys: []string{"9", "9", "9", "0", "8", "left"}, paste: "00001",
			want: "999 000 001|8",
		},
		{name: "a digit in the middle", keys: []string{"9", "9", "9", "0", "0", "left", "left", "7"}, want: "999 7|00"},
		{name: "left over a space", keys: []string{"1", "2", "3", "4", "left", "left"}, want: "12|3 4"},
		{
			name: "right over a space", keys: []string{"1", "2", "3", "4", "home", "right", "right", "right", "right"},
			want: "123 4|",
		},
		{
			name: "backspace over a space", keys: []string{"1", "2", "3", "4", "5", "left", "left", "backspace"},
			want: "12|4 5",
		},
		{name: "delete over a space", keys: []string{
			"1", "2", "3", "4", "5", "home", "right", "right", "right",
			"delete",
		}, want: "123| 5"},
		{name: "emptied", keys: []string{"1", "2", "3", "4", "ctrl+u"}, want: "|"},
	} {
		b := newFixture(t).signIn().Press(c.keys...)
		if c.paste != "" {
			b.send(tea.PasteMsg{Content: c.paste})
		}
		f := b.m.Top().(*find.Form).Fields[find.FieldNumber]
		if got := string(f.Value[:f.At]) + "|" + string(f.Value[f.At:]); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestAWrongCheckDigitIsSaidAtTheTenthDigit(t *testing.T) {
	b := newFixture(t).signIn().Typed("999000001").expectNot("×").Typed("9").expect("not a valid NHS number").
		Press("backspace").expectNot("×").
		Typed("8").expectNot("×").expectNoCall("patient").expectNoCall("lamp")
	b.Press("left").Typed("1").expect("this has 11")
	newFixture(t).signIn().Typed("T").expect("An NHS number has only digits")
}

func TestANumberTypedAsTheFamilyNameIsTheNumber(t *testing.T) {
	for name, typed := range map[string]func(b *modelTest){
		"typed":               func(b *modelTest) { b.Typed("9990000018") },
		"with spaces":         func(b *modelTest) { b.Typed("999 000 0018") },
		"with dashes":         func(b *modelTest) { b.Typed("999-000-0018") },
		"pasted":              func(b *modelTest) { b.send(tea.PasteMsg{Content: " \u200e999\u00a0000 0018\n"}) },
		"after another error": func(b *modelTest) { b.Press("enter").Typed("9990000018") },
	} {
		b := byName(newFixture(t)).deliver().Press("n").expect("Find a patient")
		if s := b.m.Top().(*find.Form); s.Focus != find.FieldFamily {
			t.Fatalf("after a search by name, field %d has the focus, want %d", s.Focus, find.FieldFamily)
		}
		typed(b)
		b.expectNoCall("patient ").Press("enter").expect("Getting the record.").deliver().expect("EXAMPLE, Tess").
			expectCalls("patient "+tess.Digits(), 1).expectCalls("find", 1)
		b.Press("n")
		if s := b.m.Top().(*find.Form); s.Focus != find.FieldNumber {
			t.Errorf("%s: after a search by number, field %d has the focus, want %d", name, s.Focus, find.FieldNumber)
		}
	}
}

func TestANumberTypedAsTheFamilyNameIsRefusedBesideTheNumber(t *testing.T) {
	for typed, says := range map[string]string{
		"9990000019":      "not a valid NHS number",
		"999 000 001":     "this has 9.",
		"999 000 0018 12": "this has 12.",
	} {
		b := byName(newFixture(t)).deliver().Press("n").Typed(typed).Press("enter").expect(says).
			expectNoCall("patient ").expectCalls("find", 1)
		s := b.m.Top().(*find.Form)
		if s.Focus != find.FieldNumber || s.Errs[find.FieldNumber] == "" || s.Errs[find.FieldFamily] != "" ||
			s.Fields[find.FieldFamily].String() != "" {
			t.Errorf("typed %q: focus %d, errors %q, family name %q, want an error at the number only",
				typed, s.Focus, s.Errs, s.Fields[find.FieldFamily].String())
		}
	}
}

func TestWhatIsNoNumberStaysTheFamilyName(t *testing.T) {
	for _, typed := range []string{
		"O'Brien 2", "999 000 001l", "999.000.0018", "NHS 9990000018", "Exa*", "٩٩٩٠٠٠٠٠١٨",
		"-",
	} {
		b := byName(newFixture(t)).deliver().Press("n").Typed(typed).Press("enter").expect("Type a birth date").
			expectNoCall("patient ").expectCalls("find", 1)
		if s := b.m.Top().(*find.Form); s.Fields[find.FieldFamily].String() != typed ||
			s.Fields[find.FieldNumber].String() != "" {
			t.Errorf("typed %q: number %q, family name %q, want it as family name",
				typed, s.Fields[find.FieldNumber].String(), s.Fields[find.FieldFamily].String())
		}
	}
	// A number in both fields is rejected, because either may be meant.
	newFixture(t).signIn().Typed("9990000018").Press("tab").Typed("9990000026").Press("enter").
		expect("Clear this to search by name").expectNoCall("patient ")
}

func TestAFieldIsEmptiedByAKeyThatTheHelpShows(t *testing.T) {
	b := newFixture(t).signIn().Press("tab").Typed("Exampel").Press("f1").expect("Ctrl-U", "empty the field").
		Press("esc")
	b.Press("ctrl+u").expectNot("Exampel").Typed("Example").expect("Example")
	b.Press("ctrl+e", "tab", "tab", "m").expect("Male").Press("ctrl+u").expectNot("Male")
	b.Press("esc", "?").expectNot("empty the field")
	newFixture(t).signIn().Typed("9990000019").expect("not a valid NHS number").Press("ctrl+u").expectNot("not a valid")
	h := hear(t).card().types(code, "/help")
	if said := h.Heard(); !strings.Contains(said, "/lock") || strings.Contains(said, "empty the field") {
		t.Errorf("help of linear mode: want /lock, and no command to empty a field, got\n%s", said)
	}
}

func TestInLinesANumberIsTakenWhereverTheNameIsAsked(t *testing.T) {
	h := hear(t).card().types(code, "/more", "999-000-0018").expectSaid("Getting the record.", "EXAMPLE, Tess")
	if n := h.sessions.count("find"); n != 0 {
		t.Errorf("%d searches by name, want 0", n)
	}
	hear(t).card().types(code, "E*", "4-3-2016").expectSaid("Family name: Type two letters before the *.",
		"Family name, with the birth date: ").
		types("999 000 0018").expectSaid("Getting the record.", "EXAMPLE, Tess")
	hear(t).card().types(code, "/more", "9990000019").expectSaid("NHS number: This is not a valid NHS number",
		"NHS number, or family name: ")
}

func TestAllThatPDSTakesCanBeAskedFor(t *testing.T) {
	b := newFixture(t).signIn().Press("tab").Typed("Ex*").Press("tab").Typed("1st March 2016").Press("ctrl+e").
		Typed("te*").
		Press("tab").Typed("310316").Press("tab", "m", "tab").Typed("ls1*").Press("tab").Typed("2020").Press("enter").
		deliver()
	want := client.Query{
		Family: "Ex*", Given: "te*", Gender: nhs.Male, Postcode: "LS1*",
		Born: nhs.Date{Year: 2016, Month: time.March, Day: 1}, BornTo: nhs.Date{Year: 2016, Month: time.March, Day: 31},
		Died: nhs.Date{Year: 2020, Month: time.January, Day: 1}, DiedTo: nhs.Date{
			Year: 2020, Month: time.December,
			Day: 31,
		},
	}
	if b.sessions.query != want {
		t.Errorf("query = %+v, want %+v", b.sessions.query, want)
	}
	b.expect("Searched as typed: family name Ex* (* is any letters), born 01-Mar-2016 to 31-Mar-2016, given name " +
		"te* (* is any letters), gender Male, postcode LS1* (* is any letters), died 01-Jan-2020 to 31-Dec-2020")
}

func TestABirthDateMayBeATimeOrAnAge(t *testing.T) {
	day := func(y int, m time.Month, d int) nhs.Date { return nhs.Date{Year: y, Month: m, Day: d} }
	for _, c := range []struct {
		typed    string
		from, to nhs.Date
		shown    string
	}{
		{"2016", day(2016, 1, 1), day(2016, 12, 31), "01-Jan-2016 to 31-Dec-2016"},
		{"mar 2016", day(2016, 3, 1), day(2016, 3, 31), "01-Mar-2016 to 31-Mar-2016"},
		{"03-2016", day(2016, 3, 1), day(2016, 3, 31), "01-Mar-2016 to 31-Mar-2016"},
		{"age 3-5", day(2020, 11, 23), day(2023, 11, 22), "23-Nov-2020 to 22-Nov-2023"},
		{"6m", day(2026, 4, 23), day(2026, 5, 22), "23-Apr-2026 to 22-May-2026"},
		{"10d", day(2026, 11, 12), nhs.Date{}, "12-Nov-2026"},
	} {
		b := newFixture(t)
		b.sessions.found = client.Found{}
		b.signIn().Press("tab").Typed("Example").Press("tab").Typed(c.typed).Press("enter").deliver()
		want := client.Query{Family: "Example", Born: c.from, BornTo: c.to}
		if b.sessions.query != want {
			t.Errorf("typed %q: query = %+v, want %+v", c.typed, b.sessions.query, want)
		}

		s := b.m.Top().(*find.Form)
		if got := s.Fields[find.FieldBorn].String(); got != c.shown {
			t.Errorf("typed %q: field = %q, want %q", c.typed, got, c.shown)
		}

		b.expect("No patient was found.", "Searched as typed: family name Example, born "+c.shown, "Birth date ► "+
			c.shown)
		b.sessions.query = client.Query{}
		if b.Press("enter").deliver(); b.sessions.query != want {
			t.Errorf("typed %q, then searched again: query = %+v, want %+v", c.typed, b.sessions.query, want)
		}

		b.sessions.found = client.Found{Rows: []client.Patient{tessRecord(), samRecord()}}
		b.Press("enter").deliver().expect("2 patients", "born "+c.shown)
	}
}

func TestABirthDateIsNeverGuessed(t *testing.T) {
	for typed, says := range map[string]string{
		"16":           "This may be an age or a date.",
		"3-5":          "This may be an age or a date.",
		"Mar 16":       "Type the year with 4 digits",
		"2016 to 2014": "This ends before it begins.",
		"2027":         "This birth date is in the future.",
		"140y":         "An age is less than 130 years.",
	} {
		for _, size := range [][2]int{{80, 24}, {60, 20}} {
			b := newFixtureSize(t, size[0], size[1]).signIn().Press("tab").Typed("Example").Press("tab").Typed(typed).
				Press("enter").expect(says).expectNoCall("find")
			if s := b.m.Top().(*find.Form); s.Focus != find.FieldBorn {
				t.Errorf("typed %q: field %d has the focus, want %d", typed, s.Focus, find.FieldBorn)
			}
		}
	}
}

func TestARangeAndItsEndAreOneTooMany(t *testing.T) {
	b := newFixture(t).signIn().Press("tab").Typed("Example").Press("tab").Typed("2016").Press("ctrl+e", "tab").
		Typed("31-3-2016").Press("enter").
		expect("The birth date is a range already. Clear this.").expectNoCall("find")
	b.Press("ctrl+u", "enter").deliver().expectCalls("find", 1)
}

func TestADateOfDeathIsAskedForAndStaysVisible(t *testing.T) {
	died := func(b *modelTest, typed string) *modelTest {
		return b.signIn().Press("tab").Typed("Example").Press("tab").Typed("4-3-2016").Press("ctrl+e").
			expect("Died on").
			Press("tab", "tab", "tab", "tab").Typed(typed)
	}

	b := newFixture(t)
	b.sessions.found = client.Found{}
	died(b, "2020").expect("Finds nobody living.").Press("ctrl+e").expect("died 2020").Press("enter").deliver().
		expect("No patient was found.", "born 04-Mar-2016, died 01-Jan-2020 to 31-Dec-2020",
			"Ctrl-E died 01-Jan-2020 to 31-Dec-2020")

	born := nhs.Date{Year: 2016, Month: time.March, Day: 4}
	want := client.Query{
		Family: "Example", Born: born,
		Died: nhs.Date{Year: 2020, Month: time.January, Day: 1}, DiedTo: nhs.Date{
			Year: 2020, Month: time.December,
			Day: 31,
		},
	}
	if b.sessions.query != want {
		t.Errorf("query = %+v, want %+v", b.sessions.query, want)
	}

	b.Press("esc", "n").expectNot("died 0", "04-Mar-2016")

	b = died(newFixture(t), "5 may 2020").Press("enter").deliver().expect("2 patients", "died 05-May-2020")
	want.Died, want.DiedTo = nhs.Date{Year: 2020, Month: time.May, Day: 5}, nhs.Date{}
	if b.sessions.query != want {
		t.Errorf("query = %+v, want %+v", b.sessions.query, want)
	}

	for typed, says := range map[string]string{
		"2015":       "This is before the birth date.",
		"3-3-2016":   "This is before the birth date.",
		"4y":         "Type the date of death day first",
		"16":         "Type the year with 4 digits",
		"23-11-2026": "This date of death is in the future.",
	} {
		for _, size := range [][2]int{{80, 24}, {60, 20}} {
			b := died(newFixtureSize(t, size[0], size[1]), typed).Press("ctrl+e", "enter").expect(says).
				expectNoCall("find")
			if s := b.m.Top().(*find.Form); s.Focus != find.FieldDied || !s.Prefs.More {
				t.Errorf("typed %q: field %d has the focus, want %d", typed, s.Focus, find.FieldDied)
			}
		}
	}
}

func TestGenderAnyIsShownAndNeverSent(t *testing.T) {
	b := newFixture(t).signIn().Press("tab").Typed("Example").Press("tab").Typed("4-3-2016").Press("ctrl+e", "tab",
		"tab").expect("Gender ► any")
	b.Press("f").expect("Gender ► Female").Press("a").expect("Gender ► any").Press("left").expect("Gender ► Not Known").
		Press("right").expect("Gender ► any").Press("enter").deliver()
	if want := (client.Query{Family: "Example", Born: nhs.Date{
		Year: 2016, Month: time.March,
		Day: 4,
	}}); b.sessions.query != want {
		t.Errorf("query = %+v, want %+v", b.sessions.query, want)
	}
}

func TestInLinesAllIsAskedAndWhatIsNoGenderIsAskedAgain(t *testing.T) {
	h := hear(t).card().types(code)
	h.types("/more", "Example", "2016", "", "", "xy").expectSaid("Birth date, as 04-03-2016, 2016, 3-5y: ",
		"Gender, any, female, male, other specific, not known, press Enter to leave it out: ",
		"That is no gender of the list.", "Gender, any, female")

	h.types("any", "").expectSaid("Postcode", "Died on, finds nobody living, press Enter to leave it out: ")
	h.types("2020").expectSaid("Searched as typed: family name Example, born 01-Jan-2016 to 31-Dec-2016, died " +
		"01-Jan-2020 to 31-Dec-2020.")

	want := client.Query{
		Family: "Example", Born: nhs.Date{Year: 2016, Month: time.January, Day: 1},
		BornTo: nhs.Date{Year: 2016, Month: time.December, Day: 31},
		Died:   nhs.Date{Year: 2020, Month: time.January, Day: 1}, DiedTo: nhs.Date{
			Year: 2020, Month: time.December,
			Day: 31,
		},
	}
	if h.sessions.query != want {
		t.Errorf("query = %+v, want %+v", h.sessions.query, want)
	}

	hear(t).card().types(code, "/more", "Example", "2016", "", "", "xy", "/back").
		expectSaid("That is no gender of the list.", "Gender, any", "Given name")
	for _, answer := range []string{"", "any", "ANY", "a"} {
		h := hear(t).card().types(code, "/more", "Example", "4-3-2016", "", "", answer, "", "")
		if h.sessions.query.Gender != "" || h.sessions.query.Family != "Example" {
			t.Errorf("gender answered with %q: query = %+v, want no gender", answer, h.sessions.query)
		}
	}

	h = hear(t).card().types(code, "/more", "Example", "4-3-2016", "", "", "unknown", "", "")
	if h.sessions.query.Gender != nhs.UnknownGender {
		t.Errorf("query = %+v, want gender unknown", h.sessions.query)
	}

	// The explanation is given without "/more" too: an age is accepted.
	hear(t).card().types(code, "Example", "3-5").expectSaid("Birth date: This may be an age or a date.",
		"Birth date, as 04")
	hear(t).card().types(code, "Example", "3-5y").expectSaid("born 23-Nov-2020 to 22-Nov-2023.", "2 patients.")
}

func TestARangeThatEndsBeforeItBeginsIsNotSent(t *testing.T) {
	newFixture(t).signIn().Press("tab").Typed("Example").Press("tab").Typed("4-3-2016").Press("ctrl+e", "tab").
		Typed("3-3-2016").Press("enter").
		expect("This is before the birth date.").expectNoCall("find")
}

func TestFieldsThatAreFoldedAwayAreToldAndCount(t *testing.T) {
	b := newFixture(t).signIn().expectNot("Postcode  ").Press("ctrl+e").expect("Given name", "Born up to", "Gender",
		"Postcode").Typed("Tess")
	b.Press("ctrl+e").expectNot("Born up to").expect("given name Tess").Typed("4-3-2016").Press("shift+tab").
		Typed("Example").Press("enter").deliver()
	if b.sessions.query.Given != "Tess" {
		t.Errorf("query = %+v, want given name Tess", b.sessions.query)
	}
	b = newFixture(t).signIn().Press("ctrl+e").Typed("*").Press("ctrl+e").Typed("4-3-2016").Press("shift+tab").
		Typed("Example").Press("enter")
	b.expect("Type two letters before the *.", "Given name").expectNoCall("find")
	if s := b.m.Top().(*find.Form); s.Focus != find.FieldGiven {
		t.Errorf("field %d has the focus, want %d", s.Focus, find.FieldGiven)
	}
}

func TestTabGoesThroughTheFieldsThatAreShown(t *testing.T) {
	for more, want := range map[bool][]int{
		false: {find.FieldFamily, find.FieldBorn, find.FocusSearch, find.FieldNumber},
		true: {
			find.FieldFamily, find.FieldBorn, find.FieldGiven, find.FieldBornTo, find.FieldGender,
			find.FieldPostcode, find.FieldDied, find.FocusSearch, find.FieldNumber,
		},
	} {
		b := newFixture(t).signIn()
		if more {
			b.Press("ctrl+e", "up", "up", "up")
		}

		s := b.m.Top().(*find.Form)
		var there, back []int
		for range want {
			b.Press("tab")
			there = append(there, s.Focus)
		}

		for range want {
			back = append(back, s.Focus)
			b.Press("shift+tab")
		}

		slices.Reverse(back)
		if !slices.Equal(there, want) || !slices.Equal(back, want) {
			t.Errorf("all fields %v: forwards %v, backwards %v, want %v", more, there, back, want)
		}
	}
}

func TestTheWiderSearchIsOfferedAndNeverAssumed(t *testing.T) {
	b := newFixture(t)
	b.sessions.found = client.Found{}
	b.signIn().Press("tab").Typed("Exampel").Press("tab").Typed("4-3-2016").Press("ctrl+f").expectNoCall("find").
		expectNot("searches wider")
	b.Press("enter").deliver().expect("No patient was found.", "Ctrl-F searches wider: names that sound alike",
		"Searched as typed: family name Exampel").expectCalls("find", 1)
	b.Press("ctrl+f").expect("The wider search needs both names").expectCalls("find", 1)
	b.Typed("Tess").Press("enter").deliver().expectCalls("find", 2)
	if b.sessions.query.Wider {
		t.Error("Enter sent a wider search")
	}

	b.sessions.found = client.Found{Rows: []client.Patient{tessRecord()}}
	b.Press("ctrl+f").deliver().expectCalls("find", 3).expect("Searched wider: family name Exampel, born "+
		"04-Mar-2016, given name Tess", "EXAMPLE, Tess")
	if want := (client.Query{
		Family: "Exampel", Given: "Tess", Born: tessRecord().Born,
		Wider: true,
	}); b.sessions.query != want {
		t.Errorf("query = %+v, want %+v", b.sessions.query, want)
	}

	b.Press("n").expect("Find a patient").expectNot("searches wider", "Exampel", "04-Mar-2016", "Tess")
	b.Typed("Sample").Press("tab").Typed("4-3-2016").Press("ctrl+f").expectCalls("find", 3)
}

func TestTheWiderSearchIsOfferedWhenThereAreTooManyAndBackFromAList(t *testing.T) {
	b := newFixture(t)
	b.sessions.found = client.Found{TooMany: true}
	byName(b).deliver().expect("Too many patients match.", "Ctrl-F searches wider")
	byName(newFixture(t)).deliver().Press("esc").expect("not in the list?", "Ctrl-F searches wider")
	b = newFixture(t)
	b.sessions.findErr = &client.Error{Kind: client.TimedOut}
	byName(b).deliver().expectNot("searches wider").Press("ctrl+f").deliver().expectCalls("find", 1)
}

func TestAfterTheWiderSearchThereIsNothingWiderToOffer(t *testing.T) {
	b := newFixture(t)
	b.sessions.found = client.Found{}
	byName(b).deliver().Press("ctrl+e").Typed("Tess").Press("ctrl+f").deliver().
		expect("The wider search found nobody either.").expectNot("searches wider:")
}

func TestNoWildcardGoesWithTheWiderSearch(t *testing.T) {
	for _, c := range []struct{ family, given, postcode string }{
		{"Ex*", "Tess", ""},
		{"Example", "Te*", ""},
		{"Example", "Tess", "LS1*"},
	} {
		b := newFixture(t)
		b.sessions.found = client.Found{}
		b.signIn().Press("tab").Typed(c.family).Press("tab").Typed("4-3-2016").Press("ctrl+e").Typed(c.given).
			Press("tab", "tab", "tab").Typed(c.postcode)
		b.Press("enter").deliver().expectCalls("find", 1).Press("ctrl+f").deliver().expectCalls("find", 1).
			expect("takes no *")
		if s := b.m.Top().(*find.Form); !strings.Contains(s.Fields[s.Focus].String(), "*") {
			t.Errorf("%+v: the field with the * does not have the focus", c)
		}
	}
}

func TestThePersonWhoComesBackFindsTheFormTheyUsedAndNothingOfThePatient(t *testing.T) {
	for _, leave := range []string{"lock", "idle", "card out"} {
		b := newFixture(t)
		b.sessions.found = client.Found{}
		byName(b).deliver().Press("ctrl+e").Typed("Tess").Press("ctrl+f").deliver()
		s := b.m.Top().(*find.Form)
		switch leave {
		case "lock":
			b.Press("ctrl+l").deliver()
		case "idle":
			b.wait(15 * time.Minute).tick().deliver()
		default:
			b.cardOut().cardIn().deliver()
		}

		for i := range s.Fields {
			if stored := string(s.Fields[i].Value[:cap(s.Fields[i].Value)]); strings.Trim(stored, "\x00") != "" {
				t.Errorf("%s: %q is still in memory", leave, stored)
			}
		}

		b.Typed(code).Press("enter").deliver().expect("Find a patient", "Given name").expectNot("family name Example",
			"04-Mar-2016", "Tess", "Searched", "searches wider")
		again := b.m.Top().(*find.Form)
		if again.Focus != find.FieldFamily || !again.Prefs.More || again.WiderOffered || again.Wider ||
			again.Summary != "" || again.Genders != "" {
			t.Errorf("%s: new form = %+v, want it empty, with the focus at the family name", leave, again)
		}
	}
}

func TestSomebodyElseFindsTheUsualForm(t *testing.T) {
	b := byName(newFixture(t)).deliver().Press("esc", "ctrl+e").cardOut()
	b.sessions.card.UUID, b.sessions.in.Person.UUID = "555000000999", "555000000999"
	b.cardIn().deliver().Typed(code).Press("enter").deliver().expectNot("Given name  ")
	if s := b.m.Top().(*find.Form); s.Focus != find.FieldNumber || s.Prefs != (find.Prefs{}) {
		t.Errorf("after a new sign-in: focus %d, preferences %+v, want the defaults", s.Focus, s.Prefs)
	}
}

func TestTheFormAfterALockIsTheNumbersForWhoSearchedByNumber(t *testing.T) {
	b := newFixture(t).toPatient(tess).Press("ctrl+l").deliver().Typed(code).Press("enter").deliver()
	if s := b.m.Top().(*find.Form); s.Focus != find.FieldNumber || s.Fields[find.FieldNumber].String() != "" {
		t.Errorf("after a new sign-in: focus %d, want %d, and no number", s.Focus, find.FieldNumber)
	}
	b.event(cardreader.Event{Kind: cardreader.CardRemoved, Reader: reader}).expectNot("999 000 0018")
}

// Any typed or pasted text is drawn within the form's lines, and nothing is sent. The bench checks the invariants.
func FuzzTheFormTakesAnything(f *testing.F) {
	f.Add("9990000018", "Example", "4th of March '16", "LS1*")
	f.Add("\x1b[2J\u202e", "日本*", "é*", "\x00")
	f.Fuzz(func(t *testing.T, number, family, born, more string) {
		b := newFixtureSize(t, 60, 20)
		s := find.NewForm(&b.m.Common, false, find.Prefs{More: true})
		b.m.Screens = []step.Screen{s}
		for _, typed := range []string{number, family, born, more, more, more, more, more} {
			s.Paste(typed)
			for _, k := range []string{"left", "left", "delete", "home", "right", "backspace"} {
				_, cmd := b.m.Update(keyNamed(k)) // not Press, which draws, and drawing is slow
				b.run(cmd)
			}
			b.checkInvariants()
			b.Press("tab")
		}
		b.Press("ctrl+f").expectNoCall("find")
	})
}
