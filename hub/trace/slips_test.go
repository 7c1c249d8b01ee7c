package trace

import (
	"maps"
	"net/url"
	"slices"
	"testing"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

func on(s string) nhs.Date {
	d, err := nhs.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestBirthDatesThatAreEasilyMistaken(t *testing.T) {
	today := on("2026-07-15")
	got := confusableDates(on("2011-03-08"), today)
	for _, want := range []string{
		"2011-08-03", "2012-03-08", "2010-03-08", "2001-03-08", "2021-03-08", "2018-03-08",
		"1911-03-08", "2013-03-08",
	} {
		if !slices.Contains(got, on(want)) {
			t.Errorf("slips lacks %s", want)
		}
	}

	for _, d := range got {
		if d == on("2011-03-08") || today.Before(d) || d.Year < 1896 || !valid(d) {
			t.Errorf("slips contains %s, want only valid dates before today other than the date itself", d.FHIR())
		}
	}

	if len(got) > 40 ||
		len(got) != len(slices.CompactFunc(slices.SortedFunc(slices.Values(got), func(a, b nhs.Date) int {
			return b.DaysUntil(a)
		}), func(a, b nhs.Date) bool { return a == b })) {
		t.Errorf("got %d dates, want at most 40 without duplicates", len(got))
	}

	if slices.Contains(confusableDates(on("1978-01-01"), today), on("1978-01-01")) ||
		!slices.Contains(confusableDates(on("1978-01-01"), today), on("1987-01-01")) {
		t.Error("slips of 1978-01-01 lacks 1987-01-01, or contains the date itself")
	}

	for _, d := range confusableDates(on("2024-02-29"), today) {
		if !valid(d) {
			t.Errorf("slips contains the invalid date %v", d)
		}
	}
}

func TestHowMuchOfABirthDateHolds(t *testing.T) {
	day := func(s string) store.Span { return store.Span{From: on(s), To: on(s)} }
	for _, c := range []struct {
		asked store.Span
		held  string
		want  float64
	}{
		{day("2011-03-08"), "2011-03-08", 1},
		{day("2011-03-08"), "2011-08-03", changedOver},
		{day("2011-03-08"), "2001-03-08", nearYear},
		{day("2011-03-08"), "1969-03-08", otherYear},
		{day("2011-03-08"), "2011-03-18", nearDay},
		{day("2011-03-12"), "2011-03-21", nearDay},
		{day("2011-03-08"), "2011-03-19", otherDay},
		{day("2011-03-08"), "2011-01-01", firstOfYear},
		{day("2011-03-08"), "2011-04-08", nearMonth},
		{day("2011-03-08"), "2011-12-08", otherMonth},
		{day("2011-03-08"), "2011-12-25", sameYear},
		{day("2011-03-08"), "1970-12-25", 0},
		{store.Span{From: on("2011-01-01")}, "2020-12-25", 1},
		{store.Span{From: on("2011-01-01")}, "2010-12-25", 0},
		{store.Span{To: on("2011-01-01")}, "2010-12-25", 1},
		{store.Span{From: on("2011-01-01"), To: on("2011-12-31")}, "2012-01-01", 0},
	} {
		if got := birthLikeness(c.asked, on(c.held)); got != c.want {
			t.Errorf("birthLikeness(%v, %s) = %v, want %v", c.asked, c.held, got, c.want)
		}
	}

	if birthLikeness(day("2011-03-08"), nhs.Date{}) != 0 ||
		birthLikeness(store.Span{To: on("2011-01-01")}, nhs.Date{}) != 0 {
		t.Error("birthLikeness of an unknown birth date is not 0")
	}
}

func TestDiminutivesAreOneTable(t *testing.T) {
	v := readVariants(diminutives)
	for _, pair := range [][2]string{
		{"bob", "robert"},
		{"robert", "bob"},
		{"libby", "elizabeth"},
		{"kasia", "katarzyna"},
		{"mo", "mohammed"},
		{"shaun", "sean"},
	} {
		if !v.related(pair[0], pair[1]) {
			t.Errorf("related(%s, %s) = false, want true", pair[0], pair[1])
		}
	}

	for _, pair := range [][2]string{{"bob", "elizabeth"}, {"", ""}, {"nobody", "nobody"}} {
		if v.related(pair[0], pair[1]) {
			t.Errorf("related(%s, %s) = true, want false", pair[0], pair[1])
		}
	}

	for name := range v.circles {
		if Fold(name) != name {
			t.Errorf("%s in the table of variants is not folded", name)
		}
	}

	for _, circle := range v.names {
		if len(circle) < 2 {
			t.Errorf("got group %v with a single name", circle)
		}
	}
}

func TestASpellingIsReadAsItWasWritten(t *testing.T) {
	for line, s := range map[string]spelling{
		"smith-jones anne-marie louise": spell("Smith-Jones", []string{"Anne-Marie Louise"}),
		"obrien":                        spell("O’Brien", nil),
		"- tess":                        spell("", []string{"Tess"}),
		"van-der-loom jan":              spell("van der Loom", []string{"Jan"}),
	} {
		if s.String() != line {
			t.Errorf("String() = %q, want %q", s.String(), line)
		}
		if again := readSpelling(line, nil); again.String() != line && line[0] != '-' {
			if again.family.whole != s.family.whole || len(again.given) != len(s.given) {
				t.Errorf("readSpelling(%q) = %+v, want %q", line, again, line)
			}
		}
	}
	if got := wordOf("van der Loom").distinctive(); !slices.Equal(got, []string{"loom"}) {
		t.Errorf("telling() = %v, want [loom]", got)
	}
}

// Stores don't support a block without a condition.
func TestEveryBlockAsksForSomething(t *testing.T) {
	v := readVariants(diminutives)
	for _, born := range []string{"eq0001-01-01", "eq2016-02-29", "eq9999-12-31", "eq2026-07-15"} {
		for _, names := range []url.Values{
			{"family": {"Smith-Jones"}, "given": {"Bob"}},
			{"family": {"Smith"}, "gender": {"male"}, "address-postalcode": {"LS1 4AP"}},
			{"given": {"Bob"}, "gender": {"male"}, "address-postalcode": {"LS1 4AP"}},
		} {
			names = maps.Clone(names)
			names["birthdate"], names["_fuzzy-match"] = []string{born}, []string{"true"}
			q, err := ParseQuery(names, nhs.Date{Year: 2026, Month: 7, Day: 15})
			if err != nil {
				t.Fatal(err)
			}

			blocks := v.blocksOf(q)
			if len(blocks) == 0 {
				t.Errorf("blocksOf(%v) is empty, want blocks", names)
			}

			for _, b := range blocks {
				asked := 0
				for _, is := range []bool{
					b.Postcode != "", len(b.Days) > 0 && len(b.Keys) > 0, !b.Born.IsZero() && len(b.Family) > 0 &&
						len(b.Given) > 0,
					b.FullName.Family != "" && b.FullName.First != "" && b.Max > 0,
				} {
					if is {
						asked++
					}
				}
				if asked != 1 {
					t.Errorf("blocksOf(%v): got block %+v, want exactly one kind of condition", names, b)
				}
			}
		}
	}
}
