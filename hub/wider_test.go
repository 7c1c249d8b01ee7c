package hub_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// child returns an NHS number for the i-th child of these tests.
func child(t testing.TB, i int) nhs.Number {
	t.Helper()
	nine := fmt.Sprintf("%09d", 400_000_000+i)
	digit, ok := nhs.CheckDigit(nine)
	if !ok {
		t.Fatalf("no check digit for %s", nine)
	}
	return nhs.Number(nine + string(digit))
}

func theWiderSearchAllowsForMistakes(t *testing.T, open opener) {
	b := open(t)
	x := b.signIn()
	for i, c := range []struct {
		name                string
		family, given, born string
		typed               []string
	}{
		{"nothing wrong", "Barrowby", "Ellen", "2012-05-09", []string{
			"family=Barrowby", "given=Ellen",
			"birthdate=eq2012-05-09",
		}},
		{"misspelt", "Castleford", "Imogen", "2011-06-01", []string{
			"family=Castelford", "given=Imogen",
			"birthdate=2011-06-01",
		}},
		{"both misspelt", "Dunwich", "Harriet", "2011-06-02", []string{
			"family=Dunwhich", "given=Hariet",
			"birthdate=2011-06-02",
		}},
		{"sounds like Sean", "Egremont", "Shaun", "2011-06-03", []string{
			"family=Egremont", "given=Sean",
			"birthdate=2011-06-03",
		}},
		{"sounds like Smythe", "Smith", "Olga", "2011-06-04", []string{
			"family=Smythe", "given=Olga",
			"birthdate=2011-06-04",
		}},
		{"a spelling of Muhammad", "Fenwick", "Muhammad", "2011-06-05", []string{
			"family=Fenwick", "given=Mohamed",
			"birthdate=2011-06-05",
		}},
		{"Katherine with a C", "Garstang", "Katherine", "2011-06-06", []string{
			"family=Garstang", "given=Catherine",
			"birthdate=2011-06-06",
		}},
		{"names changed over", "Thomas", "Adam", "2011-06-07", []string{
			"family=Adam", "given=Thomas",
			"birthdate=2011-06-07",
		}},
		{"day and month changed over", "Hexham", "Ada", "2011-03-08", []string{
			"family=Hexham", "given=Ada",
			"birthdate=2011-08-03",
		}},
		{"a digit of the year", "Ilkley", "Ben", "2011-06-09", []string{
			"family=Ilkley", "given=Ben",
			"birthdate=2001-06-09",
		}},
		{"a digit of the year and misspelt", "Jarrow", "Cleo", "2011-06-10", []string{
			"family=Jarow", "given=Cleo",
			"birthdate=2012-06-10",
		}},
		{"another day", "Keswick", "Dora", "2011-06-11", []string{
			"family=Keswick", "given=Dora",
			"birthdate=2011-06-17",
		}},
		{"half of a double barrel", "Larkin-Moss", "Eve", "2011-06-12", []string{
			"family=Moss", "given=Eve",
			"birthdate=2011-06-12",
		}},
		{
			"a double barrel the other way", "Norham-Oban", "Fay", "2011-06-13",
			[]string{"family=Oban Norham", "given=Fay", "birthdate=2011-06-13"},
		},
		{
			"half of a double barrel and the year", "Penrith-Quorn", "Gus", "2011-06-14",
			[]string{"family=Quorn", "given=Gus", "birthdate=2010-06-14"},
		},
		{"a diminutive", "Redcar", "Robert", "2011-06-15", []string{
			"family=Redcar", "given=Bob",
			"birthdate=2011-06-15",
		}},
		{"a diminutive and the year", "Selby", "Elizabeth", "2011-06-16", []string{
			"family=Selby", "given=Libby",
			"birthdate=2012-06-16",
		}},
		{"no apostrophe", "O’Brien", "Hal", "2011-06-17", []string{
			"family=Obrien", "given=Hal",
			"birthdate=2011-06-17",
		}},
		{"a space for the apostrophe", "O'Hanlon", "Ida", "2011-06-18", []string{
			"family=O Hanlon", "given=Ida",
			"birthdate=2011-06-18",
		}},
		{"ue for an umlaut", "Müller", "Jan", "2011-06-19", []string{
			"family=Mueller", "given=Jan",
			"birthdate=2011-06-19",
		}},
		{"a woman's ending", "Kowalska", "Ola", "2011-06-20", []string{
			"family=Kowalski", "given=Ola",
			"birthdate=2011-06-20",
		}},
		{"without a family name", "Tiverton", "Pia", "2011-06-21", []string{
			"given=Pia", "birthdate=2011-06-21",
			"gender=female", "address-postalcode=LS9 9XY",
		}},
		{"without a given name", "Uppingham", "Quin", "2011-06-22", []string{
			"family=Upingham", "birthdate=2011-06-22",
			"gender=female", "address-postalcode=LS9 9XY",
		}},
		{"in a range", "Ventnor", "Rae", "2011-06-23", []string{
			"family=Ventner", "given=Rae", "birthdate=ge2011-01-01",
			"birthdate=le2011-12-31",
		}},
		{"in a short range", "Whitby", "Sal", "2011-06-24", []string{
			"family=Witbey", "given=Sal",
			"birthdate=ge2011-06-22", "birthdate=le2011-06-25",
		}},
		{"moved, another practice", "Yarmouth", "Tia", "2011-06-25", []string{
			"family=Yarmouth", "given=Tia",
			"birthdate=2011-06-25", "address-postalcode=SW1A 1AA", "general-practitioner=A1",
		}},
	} {
		n := child(t, firstChild(i))
		p := patient(n, c.family, c.given, c.born, "female", "U", "LS9 9XY")
		must(t, b.sqlite.PutPatients(t.Context(), []store.Patient{record(t, p)}))
		bundle, all := entries[fhir.Patient](t, x.found(append(c.typed, "_fuzzy-match=true")...))
		if got := numbers(all); len(got) == 0 || got[0] != n {
			t.Errorf("%s: got %v, want %s first", c.name, got, n.Digits())
			continue
		}

		if s := *bundle.Entry[0].Search.Score; s <= 0.7 || s > 1 ||
			slices.Contains([]string{
				"nothing wrong", "no apostrophe", "a space for the apostrophe",
				"without a family name",
			}, c.name) != (s == 1) {
			t.Errorf("%s: got score %v, which is out of range", c.name, s)
		}
	}

	old := patient("9990000093", "Newname", "Zoë", "2009-10-22", "female", "U", "LS1 6AE")
	old.Name = append(old.Name, fhir.HumanName{
		Use: "maiden", Family: "Oldname", Given: []string{"Zoë"},
		Period: &fhir.Period{Start: "2009-10-22", End: "2019-01-01"},
	})

	must(t, b.sqlite.PutPatients(t.Context(), []store.Patient{record(t, old)}))
	_, all := entries[fhir.Patient](t, x.found("family=Oldnane", "given=Zoe", "birthdate=2009-10-22",
		"_fuzzy-match=true"))
	if len(all) != 1 || all[0].ID != "9990000093" || len(all[0].Name) != 1 || all[0].Name[0].Family != "Newname" {
		t.Errorf("search by a misspelt former name: got %+v, want one row with the current name", all)
	}

	// Many persons differ only in their postcode. The one with the postcode searched for is among the last whose
	// details are read, and must be first. A person with a misspelt name must be second.
	const namesakes = 40
	for i := range namesakes {
		n := child(t, firstChild(2000+i))
		postcode := "LS2 3AA"
		if i == namesakes-1 {
			postcode = "ZE1 0AA"
		}
		must(t,
			b.sqlite.PutPatients(t.Context(),
				[]store.Patient{record(t, patient(n, "Zennor", "Una", "2010-02-03", "female", "U", postcode))}))
	}

	must(t,
		b.sqlite.PutPatients(t.Context(),
			[]store.Patient{record(t, patient(child(t, firstChild(1999)), "Zenor", "Una", "2010-02-03", "female", "U",
				"ZE1 0AA"))}))

	_, all = entries[fhir.Patient](t, x.found("family=Zennor", "given=Una", "birthdate=2010-02-03",
		"address-postalcode=ZE1 0AA", "_fuzzy-match=true"))
	if got := numbers(all); len(got) != namesakes+1 || got[0] != child(t, firstChild(2000+namesakes-1)) ||
		got[1] != child(t, firstChild(1999)) {
		t.Errorf("search among %d namesakes by postcode: got %v, want the match first and the misspelt name second",
			namesakes, got)
	}

	for _, none := range [][]string{
		{"family=Nobody", "given=Atall", "birthdate=2011-06-05"},
		{"family=Oldname", "given=Zoe", "birthdate=2009-10-22", "_exact-match=true"},
		{"family=Newname", "given=Zoe", "birthdate=2009-10-22", "phone=01632960999"},
		{"family=Newname", "given=Another", "birthdate=1969-12-31"},
	} {
		if _, all := entries[fhir.Patient](t, x.found(append(none, "_fuzzy-match=true")...)); len(all) != 0 {
			t.Errorf("search for %v: got %v, want none", none, numbers(all))
		}
	}

	if _, all := entries[fhir.Patient](t, x.found("family=Newname", "given=Zoe", "birthdate=2009-10-22",
		"phone=01632960587", "_exact-match=true", "_fuzzy-match=true")); len(all) != 1 {
		t.Errorf("exact search by phone: got %v, want one", numbers(all))
	}
}

// A date of death doesn't find anybody in a wider search, but it affects the order.
func aDateOfDeathOrdersTheWiderSearch(t *testing.T, open opener) {
	b := open(t)
	x := b.signIn()
	living, early, late := child(t, firstChild(3000)), child(t, firstChild(3001)), child(t, firstChild(3002))
	var all []store.Patient
	for n, died := range map[nhs.Number]string{
		living: "", early: "2018-02-03T00:00:00+00:00",
		late: "2024-05-06T00:00:00+00:00",
	} {
		p := patient(n, "Wetherby", "Ivo", "2010-10-22", "male", "U", "LS9 9XY")
		p.DeceasedDateTime = died
		all = append(all, record(t, p))
	}

	must(t, b.sqlite.PutPatients(t.Context(), all))
	query := []string{"family=Wetherbey", "given=Ivo", "birthdate=2010-10-22", "_fuzzy-match=true"}
	bundle, plain := entries[fhir.Patient](t, x.found(query...))
	if len(plain) != 3 || *bundle.Entry[0].Search.Score != *bundle.Entry[2].Search.Score {
		t.Errorf("search without a date of death: got %v, want three with equal scores", numbers(plain))
	}

	for died, first := range map[string]nhs.Number{"2018-02-03": early, "eq2024-05-06": late} {
		bundle, got := entries[fhir.Patient](t, x.found(append(query, "death-date="+died)...))
		if len(got) != 3 || numbers(got)[0] != first || *bundle.Entry[0].Search.Score <= *bundle.Entry[1].Search.Score {
			t.Errorf("death-date %s: got %v, want all three with %s first", died, numbers(got), first.Digits())
		}
	}
}

// otherOf returns the parameter that differs in a row, from its extension, or "".
func otherOf(e fhir.Entry) string {
	for _, x := range e.Search.Extension {
		if x.URL == fhir.ExtensionSearchOther {
			return x.ValueCode
		}
	}
	return ""
}

func theWiderSearchSaysWhatIsAnother(t *testing.T, open opener) {
	b := open(t)
	x := b.signIn()
	put := func(i int, family, given, born, postcode string) nhs.Number {
		t.Helper()
		n := child(t, firstChild(i))
		must(t,
			b.sqlite.PutPatients(t.Context(),
				[]store.Patient{record(t, patient(n, family, given, born, "female", "U", postcode))}))
		return n
	}

	adopted := put(0, "Warkworth", "Petronella", "2012-03-09", "LS9 9XY")
	for i, c := range []struct {
		name  string
		typed []string
		other string
		found bool
	}{
		{"as it is on record", []string{"family=Warkworth", "given=Petronella", "birthdate=2012-03-09"}, "", true},
		{
			"a slip in everything but the year",
			[]string{"family=Warkwort", "given=Petronela", "birthdate=2012-03-08"},
			"", true,
		},
		{
			"another family name",
			[]string{"family=Belsay", "given=Petronella", "birthdate=2012-03-09"},
			fhir.OtherFamily,
			true,
		},
		{"another family name, with a slip in the first name", []string{
			"family=Belsay", "given=Petronela",
			"birthdate=2012-03-09",
		}, fhir.OtherFamily, true},
		{"another family name, and the postcode", []string{
			"family=Belsay", "given=Petronella", "birthdate=2012-03-09",
			"address-postalcode=LS9 9XY",
		}, fhir.OtherFamily, true},
		{"another family name, and another postcode", []string{
			"family=Belsay", "given=Petronella",
			"birthdate=2012-03-09", "address-postalcode=SW1A 1AA",
		}, fhir.OtherFamily, true},
		{
			"another first name",
			[]string{"family=Warkworth", "given=Quentina", "birthdate=2012-03-09"},
			fhir.OtherGiven,
			true,
		},
		{"another first name, with a slip in the family name", []string{
			"family=Warksworth", "given=Quentina",
			"birthdate=2012-03-09",
		}, fhir.OtherGiven, true},
		{
			"another birth date",
			[]string{"family=Warkworth", "given=Petronella", "birthdate=1977-11-21"},
			fhir.OtherBirthDate, true,
		},
		{"another birth date, the names changed over", []string{
			"family=Petronella", "given=Warkworth",
			"birthdate=1977-11-21",
		}, fhir.OtherBirthDate, true},
		{"another birth date, slips in both names, and the postcode", []string{
			"family=Warkwort", "given=Petronela",
			"birthdate=1977-11-21", "address-postalcode=LS9 9XY",
		}, fhir.OtherBirthDate, true},
		{
			"another birth date and a slip",
			[]string{"family=Warkwort", "given=Petronella", "birthdate=1977-11-21"},
			"",
			false,
		},
		{"another family name and another gender", []string{
			"family=Belsay", "given=Petronella", "birthdate=2012-03-09",
			"gender=male",
		}, "", false},
		{"another family name and another birth date", []string{
			"family=Belsay", "given=Petronella",
			"birthdate=2012-03-10",
		}, "", false},
	} {
		bundle, all := entries[fhir.Patient](t, x.found(append(c.typed, "_fuzzy-match=true")...))
		switch got := numbers(all); {
		case !c.found && len(got) > 0, c.found && !slices.Equal(got, []nhs.Number{adopted}):
			t.Errorf("%d %s: got %v; want the patient found: %v", i, c.name, got, c.found)
		case c.found && otherOf(bundle.Entry[0]) != c.other:
			t.Errorf("%d %s: got other %q, want %q", i, c.name, otherOf(bundle.Entry[0]), c.other)
		}
	}

	// Other details of a person count only if both names and the day of birth were typed. They don't exclude a likely
	// row.
	for i, c := range []struct {
		typed []string
		found int
	}{
		{[]string{"given=Petronella", "birthdate=2012-03-09", "gender=female", "address-postalcode=SW1A 1AA"}, 1},
		{[]string{"family=Wallsend", "birthdate=2012-03-09", "gender=female", "address-postalcode=SW1A 1AA"}, 0},
		{[]string{"given=Paula", "birthdate=2012-03-09", "gender=female", "address-postalcode=SW1A 1AA"}, 0},
		{[]string{"family=Belsay", "given=Petronella", "birthdate=ge2012-03-08", "birthdate=le2012-03-10"}, 0},
		{[]string{"family=Wakeworth", "given=Patricia", "birthdate=2012-03-09", "address-postalcode=LS9 9XY"}, 1},
	} {
		if bundle, _ := entries[fhir.Patient](t, x.found(append(c.typed, "_fuzzy-match=true")...)); len(
			bundle.Entry,
		) != c.found {
			t.Errorf("%d %v: got %d rows, want %d", i, c.typed, len(bundle.Entry), c.found)
		}
	}

	twin := put(8, "Belsay", "Other", "2012-03-09", "LS1 1AA")
	for limit, want := range map[string][]nhs.Number{"1": {twin}, "2": {twin, adopted}} {
		_, all := entries[fhir.Patient](t, x.found("family=Belsay", "given=Petronella", "birthdate=2012-03-09",
			"_fuzzy-match=true", "_max-results="+limit))
		if got := numbers(all); !slices.Equal(got, want) {
			t.Errorf("with _max-results=%s: got %v, want %v", limit, got, want)
		}
	}

	put(8, "Elsewhere", "Other", "1950-01-01", "LS1 1AA")

	// Up to three persons with the same first name and birth date are listed. With four it may be chance, so none is.
	for i, want := range []int{2, 3, 0} {
		put(1+i, []string{"Alnwick", "Bamburgh", "Craster"}[i], "Petronella", "2012-03-09", "LS1 1AA")
		bundle, _ := entries[fhir.Patient](t, x.found("family=Belsay", "given=Petronella", "birthdate=2012-03-09",
			"_fuzzy-match=true"))
		if len(bundle.Entry) != want {
			t.Errorf("%d with one first name and birth date: got %d rows, want %d", i+2, len(bundle.Entry), want)
		}
	}

	_, all := entries[fhir.Patient](t, x.found("family=Belsay", "given=Petronella", "birthdate=2012-03-09",
		"address-postalcode=LS9 9XY", "_fuzzy-match=true"))
	if got := numbers(all); !slices.Equal(got, []nhs.Number{adopted}) {
		t.Errorf("search among four by postcode: got %v, want the match", got)
	}

	former := record(t, patient(child(t, firstChild(7)), "Warkworth", "Petronella", "2012-03-09", "female", "U",
		"LS1 1AA"))
	former.SupersededBy = adopted
	must(t, b.sqlite.PutPatients(t.Context(), []store.Patient{former}))
	if _, all := entries[fhir.Patient](t, x.found("family=Warkworth", "given=Petronella", "birthdate=1977-11-21",
		"_fuzzy-match=true")); !slices.Equal(numbers(all), []nhs.Number{adopted}) {
		t.Errorf("search for one person with a superseded record: got %v, want the current record", numbers(all))
	}

	put(5, "Warkworth", "Petronella", "1950-05-05", "LS1 1AA")
	if _, all := entries[fhir.Patient](t, x.found("family=Warkworth", "given=Petronella", "birthdate=1977-11-21",
		"_fuzzy-match=true")); len(all) != 0 {
		t.Errorf("search for two namesakes with other birth dates: got %v, want none", numbers(all))
	}

	// A person who matches all parameters comes first.
	fits := put(6, "Belsay", "Petronel", "2012-03-09", "LS1 1AA")
	bundle, all := entries[fhir.Patient](t, x.found("family=Belsay", "given=Petronella", "birthdate=2012-03-09",
		"_fuzzy-match=true"))
	if got := numbers(all); len(got) != 1 || got[0] != fits || otherOf(bundle.Entry[0]) != "" {
		t.Errorf("search with a full match: got %v, want it alone", got)
	}
}

// firstChild returns the i-th number that has a check digit.
func firstChild(i int) int {
	for n := 0; ; n++ {
		if _, ok := nhs.CheckDigit(fmt.Sprintf("%09d", 400_000_000+n)); !ok {
			continue
		}
		if i == 0 {
			return n
		}
		i--
	}
}

func theWiderSearchHidesWhomTheNarrowHides(t *testing.T, open opener) {
	b := open(t)
	x := b.signIn()
	rose := []string{"_fuzzy-match=true", "family=OBrian Nunes", "given=Rosie", "birthdate=2015-01-02"}
	for more, want := range map[string][]nhs.Number{
		"": {hidden}, "gender=female": {hidden}, "phone=01632960587": {hidden}, "address-postalcode=LS1 4AP": nil,
		"address-postcode=LS1 4AP":    nil,
		"general-practitioner=Y12345": nil,
	} {
		_, all := entries[fhir.Patient](t,
			x.found(append(rose, strings.Fields(strings.ReplaceAll(more, " ", "_"))...)...))
		if got := numbers(all); !slices.Equal(got, want) {
			t.Errorf("with %q: got %v, want %v", more, got, want)
		}
		for _, p := range all {
			if p.Address != nil || p.Telecom != nil || p.GeneralPractitioner != nil {
				t.Errorf("with %q: got %+v, want no address, telecom and GP", more, p)
			}
		}
	}

	_, all := entries[fhir.Patient](t, x.found("_fuzzy-match=true", "family=Exampel", "given=Wrong",
		"birthdate=2016-03-04"))
	for _, p := range all {
		if p.ID == invalid.Digits() || p.ID == merged.Digits() {
			t.Errorf("wider search found invalidated or superseded record %s", p.ID)
		}
	}
}

func everyPatientMatchedIsInTheAudit(t *testing.T, open opener) {
	b := open(t)
	x := b.signIn()
	for _, query := range [][]string{
		{"family=Example", "birthdate=2016-03-04"},
		{"family=Exampel", "given=Tim", "birthdate=2016-03-04", "_fuzzy-match=true"},
	} {
		_, all := entries[fhir.Patient](t, x.found(query...))
		trail := b.trail()
		if got := trail[len(trail)-1]; len(all) == 0 || !slices.Equal(got.Patients, numbers(all)) ||
			got.Outcome != "granted" {
			t.Errorf("search for %v: got patients %v in the audit, want %v", query, got.Patients, numbers(all))
		}
	}
}

func relatedPersons(t *testing.T, open opener) {
	b := open(t)
	relative := func(n nhs.Number, id, family string) fhir.RelatedPerson {
		return fhir.RelatedPerson{
			ResourceType: "RelatedPerson", ID: id, Patient: *fhir.NHSNumberReference(n.Digits()),
			Relationship: []fhir.CodeableConcept{{Coding: []fhir.Coding{{
				System: fhir.SystemRelatedRole,
				Code:   "Guardian", Display: "Guardian of patient",
			}}}},
			Name:    []fhir.HumanName{{Use: "usual", Family: family}},
			Telecom: []fhir.ContactPoint{{System: "phone", Value: "01632960587", Use: "home"}},
		}
	}

	put := func(p *fhir.Patient, all ...fhir.RelatedPerson) {
		r := record(t, p)
		var err error
		r.Related, err = trace.Relatives(nhs.Number(p.ID), all)
		must(t, err)
		must(t, b.sqlite.PutPatients(t.Context(), []store.Patient{r}))
	}

	put(patient(tess, "Example", "Tess", "2016-03-04", "female", "U", "LS1 4AP"), relative(tess, "507B7621", "Guard"),
		relative(tess, "507B7622", "Other"))
	put(patient(hidden, "O’Brien-Núñez", "Rose", "2015-01-02", "female", "R", "LS1 4AP"),
		relative(hidden, "507B7623", "Secret"))
	x := b.signIn()
	for _, c := range []struct {
		id     nhs.Number
		status int
		code   string
		want   []string
	}{
		{tess, 200, "", []string{"507B7621", "507B7622"}},
		{merged, 200, "", []string{"507B7621", "507B7622"}},
		{plain, 200, "", nil},
		{hidden, 200, "", nil},
		{absent, 404, "RESOURCE_NOT_FOUND", nil},
		{invalid, 404, "INVALIDATED_RESOURCE", nil},
		{"9990000019", 400, "INVALID_RESOURCE_ID", nil},
	} {
		r := x.get(nurse, patients+"/"+c.id.Digits()+"/RelatedPerson", nil)
		var o fhir.OperationOutcome
		r.into(t, &o)
		if r.status != c.status || o.SpineCode() != c.code {
			t.Errorf("relatives of %s: got status %d, body %s; want %d %s", c.id.Digits(), r.status, r.body, c.status,
				c.code)
		}

		if c.status != 200 {
			continue
		}

		bundle, all := entries[fhir.RelatedPerson](t, r)
		var got []string
		for i, one := range all {
			got = append(got, one.ID)
			if want := issuer + patients + "/" + tess.Digits() + "/RelatedPerson/" +
				one.ID; bundle.Entry[i].FullURL != want {
				t.Errorf("fullUrl = %s, want %s", bundle.Entry[i].FullURL, want)
			}
		}

		if !slices.Equal(got, c.want) || *bundle.Total != len(got) || r.header.Get("ETag") != `W/"3"` {
			t.Errorf("relatives of %s: got %v, total %d, ETag %s; want %v", c.id.Digits(), got, *bundle.Total,
				r.header.Get("ETag"), c.want)
		}

		if strings.Contains(r.body, "Secret") {
			t.Errorf("relatives of a restricted patient: got %s, want no name", r.body)
		}

		if trail := b.trail(); len(trail[len(trail)-1].Patients) != 1 {
			t.Errorf("last audit record: got %+v, want one patient", trail[len(trail)-1])
		}
	}

	if r := x.get(nurse, patients+"/"+tess.Digits()+"/RelatedPerson", url.Values{"_count": {"1"}}); r.status != 400 ||
		!strings.Contains(r.body, "ADDITIONAL_PROPERTIES") {
		t.Errorf("relatives with an unknown parameter: got status %d, body %s; want 400", r.status, r.body)
	}

	for _, spoilt := range []fhir.RelatedPerson{
		relative(plain, "1", "Else"),
		{ResourceType: "RelatedPerson", Patient: *fhir.NHSNumberReference(tess.Digits())},
	} {
		if _, err := trace.Relatives(tess, []fhir.RelatedPerson{spoilt}); err == nil {
			t.Errorf("Relatives accepted %+v for another patient, want error", spoilt)
		}
	}
}

func theHeadersOfPDS(t *testing.T, open opener) {
	b := open(t)
	x := b.signIn()
	const id = "5F0C0E64-6f1d-4a3a-9b0e-0a2f6f0b7f11"
	r := x.get(nurse, patients+"/"+tess.Digits(), nil, header("X-Request-ID", id), header("X-Correlation-ID", "a word"))
	if r.status != 200 || r.header.Get("X-Request-ID") != id || r.header.Get("X-Correlation-ID") != "a word" ||
		r.header.Get("ETag") != `W/"3"` ||
		r.header.Get("Content-Type") != fhir.MediaType {
		t.Errorf("retrieve: got status %d, headers %v; want 200 with both IDs and ETag", r.status, r.header)
	}

	for diagnostics, change := range map[string][2]string{
		"Invalid request with error - X-Request-ID header must be supplied to access this resource": {
			"X-Request-ID",
			"",
		},
		"Invalid value - '1234' in header 'X-Request-ID'":              {"X-Request-ID", "1234"},
		"Invalid value - '999000000000' in header 'NHSD-Session-URID'": {"NHSD-Session-URID", "999000000000"},
		"Empty Authorization header":                                   {"Authorization", ""},
		"Missing access token":                                         {"Authorization", "DPoP"},
		"Invalid Access Token":                                         {"Authorization", "DPoP x"},
	} {
		for _, path := range []string{patients + "/" + tess.Digits(), patients, patients + "/" + tess.Digits() +
			"/RelatedPerson"} {
			r := x.get(nurse, path, url.Values{}, header(change[0], change[1]))
			var o fhir.OperationOutcome
			r.into(t, &o)
			if r.status != 400 && r.status != 401 || !strings.HasPrefix(o.Diagnostics(), diagnostics) {
				t.Errorf("GET %s with %s %q: got status %d, body %s; want 400 or 401", path, change[0], change[1],
					r.status, r.body)
			}
		}
	}
}

func aSupersededRecordLeadsToTheCurrentOne(t *testing.T, open opener) {
	b := open(t)
	x := b.signIn()
	before, long, secret, void, lost := nhs.Number("9990000085"), nhs.Number("9990000093"), nhs.Number("9990000107"),
		nhs.Number("9990000115"), nhs.Number("9990000123")
	put := func(n nhs.Number, family string, by nhs.Number) {
		must(t,
			b.sqlite.PutPatients(t.Context(),
				[]store.Patient{superseded(record(t, patient(n, family, "Tess", "2016-03-04", "female", "U",
					"LS7 7AA")), by)}))
	}

	put(before, "Beforehand", merged)
	put(long, "Beforehand", before)
	put(secret, "Whereabouts", hidden)
	put(void, "Invalidated", invalid)
	put(lost, "Nowhere", absent)

	for _, c := range []struct {
		name, family string
		more         []string
		want         []nhs.Number
	}{
		{"by its own name, through others that were superseded", "Beforehand", nil, []nhs.Number{tess}},
		{"once, where both match", "Example", nil, []nhs.Number{tess}},
		{"as one match of those that are too many", "Beforehand", []string{"_max-results=1"}, []nhs.Number{tess}},
		{
			"by a postcode of the superseded record", "Beforehand",
			[]string{"address-postalcode=LS7 7AA"},
			[]nhs.Number{tess},
		},
		{"restricted", "Whereabouts", nil, []nhs.Number{hidden}},
		{"restricted, not by postcode", "Whereabouts", []string{"address-postalcode=LS7 7AA"}, nil},
		{"invalidated", "Invalidated", nil, nil},
		{"not on file", "Nowhere", nil, nil},
	} {
		for _, wider := range []string{"false", "true"} {
			if wider == "true" && c.family == "Example" {
				continue // a wider search also lists similar persons
			}

			query := append([]string{"family=" + c.family, "given=Tess", "birthdate=2016-03-04", "_fuzzy-match=" +
				wider}, c.more...)
			_, all := entries[fhir.Patient](t, x.found(query...))
			if got := numbers(all); !slices.Equal(got, c.want) {
				t.Errorf("%s, wider %s: got %v, want %v", c.name, wider, got, c.want)
			}

			trail := b.trail()
			if last := trail[len(trail)-1]; !slices.Equal(last.Patients, c.want) {
				t.Errorf("%s, wider %s: got patients %v in the audit, want %v", c.name, wider, last.Patients, c.want)
			}

			for _, p := range all {
				if p.ID == hidden.Digits() && (p.Address != nil || p.Telecom != nil) {
					t.Errorf("%s: got address or telecom of a restricted patient: %+v", c.name, p)
				}
			}
		}
	}
}
