package hub_test

import (
	"slices"
	"testing"

	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// A person whose names have all ended is displayed with the last of them, and found by it.
func aPersonIsFoundByTheNameThatIsShown(t *testing.T, open opener) {
	b := open(t)
	x := b.signIn()
	ended := func(end string) *fhir.Period { return &fhir.Period{Start: "2001-01-01", End: end} }
	person := func(n nhs.Number, names ...fhir.HumanName) store.Patient {
		p := patient(n, "", "", "2001-02-03", "female", "U", "")
		p.Name = names
		return record(t, p)
	}

	must(t, b.sqlite.PutPatients(t.Context(), []store.Patient{
		person("9990000093", fhir.HumanName{
			Use: "usual", Family: "Onlyone", Given: []string{"Ann"},
			Period: ended("2020-01-01"),
		}),
		person("9990000107",
			fhir.HumanName{Use: "usual", Family: "Earlier", Given: []string{"Bea"}, Period: ended("2010-01-01")},
			fhir.HumanName{Use: "maiden", Family: "Asmaiden", Given: []string{"Bea"}, Period: ended("2025-01-01")},
			fhir.HumanName{Use: "usual", Family: "Lastone", Given: []string{"Bea"}, Period: ended("2020-01-01")}),
		person("9990000115", fhir.HumanName{Use: "maiden", Family: "Maidenonly", Given: []string{"Cat"}}),
		person("9990000123",
			fhir.HumanName{Use: "usual", Family: "Former", Given: []string{"Dee"}, Period: ended("2020-01-01")},
			fhir.HumanName{Use: "usual", Family: "Current", Given: []string{"Dee"}}),
	}))

	for family, want := range map[string]nhs.Number{
		"Onlyone": "9990000093", "Lastone": "9990000107", "Maidenonly": "9990000115", "Current": "9990000123",
		"Earlier": "", "Asmaiden": "", "Former": "",
	} {
		_, all := entries[fhir.Patient](t, x.found("family="+family, "birthdate=2001-02-03"))
		var wanted []nhs.Number
		if want != "" {
			wanted = []nhs.Number{want}
		}
		if got := numbers(all); !slices.Equal(got, wanted) {
			t.Errorf("family name %s: got %v, want %v", family, got, wanted)
		}
		if len(all) == 1 && !slices.ContainsFunc(all[0].Name, func(n fhir.HumanName) bool {
			return n.Family == family
		}) {
			t.Errorf("family name %s: got a row with the names %+v, want that name among them", family, all[0].Name)
		}
	}
}

// A partial birth date on record matches every day in it, and ranks below a full one. Prism would reject the answers:
// PDS's API description has the format "date", although PDS returns years and months.
func TestAPartialBirthDateFitsEveryDayInIt(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	const year, month, whole = nhs.Number("9990000093"), nhs.Number("9990000107"), nhs.Number("9990000115")
	must(t, b.sqlite.PutPatients(t.Context(), []store.Patient{
		record(t, patient(year, "Partial", "Ann", "2016", "female", "U", "")),
		record(t, patient(month, "Partial", "Bea", "2016-03", "female", "U", "")),
		record(t, patient(whole, "Partial", "Cat", "2016-03-04", "female", "U", "")),
	}))

	for _, c := range []struct {
		query []string
		want  []nhs.Number
	}{
		{[]string{"birthdate=2016-03-04"}, []nhs.Number{whole, year, month}},
		{[]string{"birthdate=2016-03-05"}, []nhs.Number{year, month}},
		{[]string{"birthdate=2016-01-01"}, []nhs.Number{year}},
		{[]string{"birthdate=2015-12-31"}, nil},
		{[]string{"birthdate=ge2016-03-31", "birthdate=le2016-06-01"}, []nhs.Number{year, month}},
		{[]string{"birthdate=2016-03-04", "_exact-match=true"}, []nhs.Number{whole}},
	} {
		bundle, all := entries[fhir.Patient](t, x.found(append(c.query, "family=Partial")...))
		if got := numbers(all); !slices.Equal(got, c.want) {
			t.Errorf("search for %v: got %v, want %v", c.query, got, c.want)
		}
		for i, e := range bundle.Entry {
			if partial := len(all[i].BirthDate) < len("2016-03-04"); partial == (*e.Search.Score == 1) {
				t.Errorf("search for %v: birth date %s has score %v, want 1 for full dates only", c.query,
					all[i].BirthDate, *e.Search.Score)
			}
		}
	}
}
