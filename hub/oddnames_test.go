package hub_test

import (
	"testing"

	"wardlight/hub/store"
	"wardlight/internal/fhir"
)

// The records have other names than one family name and one first name in English letters, or partial birth dates.
// Prism would reject the answers, because PDS's API description requires a family name and a full birth date.
func TestTheWiderSearchFindsWhoseNameIsOdd(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	given := func(names ...string) func(*fhir.Patient) {
		return func(p *fhir.Patient) { p.Name[0].Given = names }
	}

	gender := func(g string) func(*fhir.Patient) { return func(p *fhir.Patient) { p.Gender = g } }
	ends := func(end string) func(*fhir.Patient) {
		return func(p *fhir.Patient) { p.Name[0].Period = &fhir.Period{Start: "2012", End: end} }
	}

	for i, c := range []struct {
		name          string
		family, given string
		born          string
		change        func(*fhir.Patient)
		typed         []string
	}{
		{
			"one name, recorded as given, typed twice", "", "Suharto", "2012-01-01", nil,
			[]string{"family=Suharto", "given=Suharto", "birthdate=2012-01-01"},
		},
		{
			"one name, recorded as given, typed as family", "", "Sukarni", "2012-01-02", nil,
			[]string{"family=Sukarni", "given=Unknown", "birthdate=2012-01-02"},
		},
		{
			"one name, recorded as given, with a slip", "", "Widodo", "2012-01-03", nil,
			[]string{"family=Widdodo", "given=Unknown", "birthdate=2012-01-03"},
		},
		{
			"one name, recorded as given, typed as family alone", "", "Gunawan", "2012-01-04", nil,
			[]string{"family=Gunawan", "gender=female", "birthdate=2012-01-04", "address-postalcode=LS9 9XY"},
		},
		{
			"one name, recorded as given, on a near day", "", "Hartono", "2012-01-05", nil,
			[]string{"family=Hartono", "given=Hartono", "birthdate=2012-01-06"},
		},
		{
			"one name, recorded as family", "Wahyuni", "", "2012-01-07", given(),
			[]string{"family=Wahyuni", "given=Wahyuni", "birthdate=2012-01-07"},
		},
		{
			"no first name on record, and a slip", "Abercrombie", "", "2012-01-08", given(),
			[]string{"family=Abercrumbie", "given=Olivia", "birthdate=2012-01-08"},
		},
		{"Baby", "Allerdale", "Baby", "2026-07-01", nil, []string{
			"family=Allerdale", "given=Olivia",
			"birthdate=2026-07-01",
		}},
		{
			"Baby, of unknown gender", "Brigham", "Baby", "2026-07-02", gender("unknown"),
			[]string{"family=Brigham", "given=Olivia", "birthdate=2026-07-02", "gender=female"},
		},
		{
			"Baby of no gender on record, on a near day", "Cleator", "Baby", "2026-07-03", gender(""),
			[]string{"family=Cleator", "given=Noah", "birthdate=2026-07-04", "gender=male"},
		},
		{
			"Baby, and a slip in the family name", "Drigg-Moor", "Baby", "2026-07-05", gender("unknown"),
			[]string{"family=Dirgg-Moor", "given=Noah", "birthdate=2026-07-05", "gender=male"},
		},
		{"Baby Girl in one name", "Egremere", "Baby Girl", "2026-07-06", nil, []string{
			"family=Egremere", "given=Ada",
			"birthdate=2026-07-06", "gender=female",
		}},
		{
			"Infant of", "Frizington", "Infant Of Mary", "2026-07-07", gender("unknown"),
			[]string{"family=Frizington", "given=Ivy", "birthdate=2026-07-07", "gender=female"},
		},
		{
			"Baby typed for somebody who has a name", "Gosforth", "Ivy", "2026-07-08", nil,
			[]string{"family=Gosforth", "given=Baby", "birthdate=2026-07-08", "gender=female"},
		},
		{
			"a newborn of unknown gender", "Haverigg", "Ivy", "2026-07-09", gender("unknown"),
			[]string{"family=Haverigg", "given=Beatrix", "birthdate=2026-07-09", "gender=female"},
		},
		{"Somali Cumar", "Cumar", "Xuseen", "2012-02-01", nil, []string{
			"family=Omar", "given=Hussein",
			"birthdate=2012-02-01",
		}},
		{
			"Somali Cumar the other way round", "Omar", "Hussein", "2012-12-22", nil,
			[]string{"family=Cumar", "given=Xuseen", "birthdate=2012-12-22"},
		},
		{"Somali Maxamed on a near day", "Cabdi", "Maxamed", "2012-02-03", nil, []string{
			"family=Abdi", "given=Mohamed",
			"birthdate=2012-02-04",
		}},
		{"Chinese Xu", "Xu", "Wei", "2012-03-01", nil, []string{"family=Hsu", "given=Wei", "birthdate=2012-03-01"}},
		{"Chinese Ng", "Ng", "Ming", "2012-03-02", nil, []string{"family=Wu", "given=Ming", "birthdate=2012-03-02"}},
		{"Chinese Ng in another year", "Wu", "Ka Ming", "2012-03-03", nil, []string{
			"family=Ng", "given=Ka Ming",
			"birthdate=2013-03-03",
		}},
		{"Azeri", "Əliyev", "Əhməd", "2012-04-01", nil, []string{
			"family=Eliyev", "given=Ehmed",
			"birthdate=2012-04-01",
		}},
		{"Azeri with an a", "Əliyeva", "Ləman", "2012-04-02", nil, []string{
			"family=Aliyeva", "given=Laman",
			"birthdate=2012-04-02",
		}},
		{"Akan", "Ɔfɔri", "Ɛsi", "2012-04-03", nil, []string{"family=Ofori", "given=Esi", "birthdate=2012-04-03"}},
		{"Hausa", "Ɗanƙande", "Ɓala", "2012-04-04", nil, []string{
			"family=Dankande", "given=Bala",
			"birthdate=2012-04-04",
		}},
		{"a short form of a family name", "Mohd", "Nurul", "2012-05-01", nil, []string{
			"family=Mohammed", "given=Nurul",
			"birthdate=2012-05-01",
		}},
		{"a short form of a family name, in another month", "Tomlin", "Zed", "2012-05-02", func(p *fhir.Patient) {
			p.Name[0].Family = "Mohammad"
		}, []string{"family=Mo", "given=Zed", "birthdate=2012-06-02"}},
		{
			"a name in two words", "Hallworth", "Mary Ann", "2012-06-01", given("Mary", "Ann"),
			[]string{"family=Hallworth", "given=Maryann", "birthdate=2012-06-02"},
		},
		{"a name in one word", "Hallford", "Maryann", "2012-06-03", nil, []string{
			"family=Hallford", "given=Mary Ann",
			"birthdate=2012-06-04",
		}},
		{"a name with a hyphen", "Hallwick", "Mary-Ann", "2012-06-05", nil, []string{
			"family=Hallwick", "given=Maryann",
			"birthdate=2012-06-06",
		}},
		{
			"a name the other way round", "Hallstead", "Annemarie", "2012-06-07", nil,
			[]string{"family=Hallstead", "given=Mary-Ann", "birthdate=2012-06-08"},
		},
		{
			"a wrong day, and a slip that changes the sound", "Hallgate", "Robyn", "2012-06-09", nil,
			[]string{"family=Hallgaye", "given=Robyn", "birthdate=2012-06-19"},
		},
		{
			"a wrong day, and a slip in the first name", "Hallcroft", "Robyn", "2012-06-11", nil,
			[]string{"family=Hallcroft", "given=Tobyn", "birthdate=2012-06-12"},
		},
		{
			"the year is known, and the day was typed", "Partworth", "Ina", "2011", nil,
			[]string{"family=Partworth", "given=Ina", "birthdate=2011-11-30"},
		},
		{
			"the month is known, and the day was typed, with a slip", "Partbury", "Ina", "2011-02", nil,
			[]string{"family=Partbuty", "given=Ina", "birthdate=2011-02-28"},
		},
		{
			"the year is known, and a range was typed", "Partfield", "Ina", "2010", nil,
			[]string{"family=Partfield", "given=Ina", "birthdate=ge2010-06-01", "birthdate=le2012-01-01"},
		},
		{
			"the month is known, and a short range was typed", "Partgate", "Ina", "2010-03", nil,
			[]string{"family=Partgate", "given=Ina", "birthdate=ge2010-03-30", "birthdate=le2010-04-02"},
		},
		{
			"the month is known, and a range that begins in it", "Partham", "Ina", "2010-05", nil,
			[]string{"family=Partham", "given=Ina", "birthdate=ge2010-05-20"},
		},
		{
			"a name until this year", "Endworth", "Ina", "2012-07-01", ends("2026"),
			[]string{"family=Endworth", "given=Ina", "birthdate=2012-07-01"},
		},
		{
			"a name until this month", "Endbury", "Ina", "2012-07-02", ends("2026-07"),
			[]string{"family=Endbury", "given=Ina", "birthdate=2012-07-02"},
		},
	} {
		n := child(t, firstChild(i))
		p := patient(n, c.family, c.given, c.born, "female", "U", "LS9 9XY")
		if c.change != nil {
			c.change(p)
		}

		must(t, b.sqlite.PutPatients(t.Context(), []store.Patient{record(t, p)}))
		bundle, all := entries[fhir.Patient](t, x.found(append(c.typed, "_fuzzy-match=true")...))
		if got := numbers(all); len(got) == 0 || got[0] != n {
			t.Errorf("%d %s: got %v, want %s first", i, c.name, got, n.Digits())
			continue
		}

		if c.change != nil && p.Name[0].Period != nil && (len(all[0].Name) != 1 || *bundle.Entry[0].Search.Score != 1) {
			t.Errorf("%s: got names %+v, score %v; want the current name only, and score 1", c.name, all[0].Name,
				*bundle.Entry[0].Search.Score)
		}
	}

	for i, none := range [][]string{
		{"family=Partworth", "given=Ina", "birthdate=2012-11-30"}, // the year is wrong, but the names are rare
		{"family=Partfield", "given=Otto", "birthdate=2010-11-30"},
	} {
		bundle, _ := entries[fhir.Patient](t, x.found(append(none, "_fuzzy-match=true")...))
		switch {
		case i == 0 && (len(bundle.Entry) != 1 || otherOf(bundle.Entry[0]) != fhir.OtherBirthDate):
			t.Errorf("search for %v: got %d rows, want one with another birth date", none, len(bundle.Entry))
		case i == 1 && len(bundle.Entry) != 0: // year and family name aren't enough
			t.Errorf("search for %v: got %d rows, want none", none, len(bundle.Entry))
		}
	}

	pauline, mary := child(t, firstChild(100)), child(t, firstChild(99))
	for n, names := range map[string][]string{pauline.Digits(): {"Pauline"}, mary.Digits(): {"Pauline", "Mary"}} {
		p := patient("9990000018", "Ulverston", "", "2012-08-01", "female", "U", "")
		p.ID, p.Identifier[0].Value, p.Name[0].Given = n, n, names
		must(t, b.sqlite.PutPatients(t.Context(), []store.Patient{record(t, p)}))
	}

	for typed, want := range map[string]string{"Pauline": pauline.Digits(), "Pauline Mary": mary.Digits()} {
		_, all := entries[fhir.Patient](t, x.found("family=Ulverston", "given="+typed, "birthdate=2012-08-01",
			"_fuzzy-match=true"))
		if len(all) != 2 || all[0].ID != want {
			t.Errorf("given name %s: got %v, want %s first of two", typed, numbers(all), want)
		}
	}
}
