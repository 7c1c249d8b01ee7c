package hub_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// found searches for patients with "name=value" parameters.
func (x *terminal) found(pairs ...string) response {
	x.b.t.Helper()
	query := url.Values{}
	for _, p := range pairs {
		name, value, _ := strings.Cut(p, "=")
		query.Add(name, value)
	}
	return x.get(nurse, patients, query)
}

func numbers(all []fhir.Patient) []nhs.Number {
	var n []nhs.Number
	for _, p := range all {
		n = append(n, nhs.Number(p.ID))
	}
	return n
}

func whatASearchFinds(t *testing.T, open opener) {
	b := open(t)
	x := b.signIn()
	former := patient("9990000093", "Newname", "Zoë-Mary", "2010-10-22", "other", "U", "LS1 6AE")
	former.Name[0].Given = []string{"Zoë-Mary", "Ann"}
	former.Name = append(former.Name, fhir.HumanName{Use: "maiden", Family: "Oldname", Given: []string{"Zoë"}},
		fhir.HumanName{
			Use: "nickname", Family: "Newname", Given: []string{"Zed"},
			Period: &fhir.Period{Start: "2019-01-01", End: "2020-01-01"},
		})

	former.DeceasedDateTime = "2024-05-06T10:00:00+00:00"
	past := &fhir.Period{Start: "2011-01-01", End: "2019-12-31"}
	former.Telecom = append(former.Telecom, fhir.ContactPoint{System: "email", Value: "Zoe@Example.com"},
		fhir.ContactPoint{System: "email", Value: "then@example.com", Period: past})
	former.Address = append(former.Address, fhir.Address{Use: "home", PostalCode: "LS7 7AA", Period: past})
	must(t, b.sqlite.PutPatients(t.Context(), []store.Patient{record(t, former)}))
	zoe := nhs.Number("9990000093")

	born := "birthdate=eq2016-03-04"
	for _, c := range []struct {
		name  string
		query []string
		want  []nhs.Number
	}{
		{"family and birth date", []string{"family=Example", born}, []nhs.Number{tess, plain}},
		{"in any case", []string{"family=eXAMPLE", born}, []nhs.Number{tess, plain}},
		{"a bare date", []string{"family=Example", "birthdate=2016-03-04"}, []nhs.Number{tess, plain}},
		{"another date", []string{"family=Example", "birthdate=eq2016-03-05"}, nil},
		{
			"a range",
			[]string{"family=Example", "birthdate=ge2016-03-01", "birthdate=le2016-03-31"},
			[]nhs.Number{tess, plain},
		},
		{"on or after", []string{"family=Example", "birthdate=ge2016-03-05"}, nil},
		{"on or before", []string{"family=Example", "birthdate=le2016-03-04"}, []nhs.Number{tess, plain}},
		{"gender", []string{"family=Example", born, "gender=male"}, []nhs.Number{plain}},
		{"given", []string{"family=Example", born, "given=tess"}, []nhs.Number{tess}},
		{"no apostrophe, no accent", []string{"family=OBRIEN NUNEZ", "birthdate=2015-01-02"}, []nhs.Number{hidden}},
		{"other apostrophe", []string{"family=o'brien-núñez", "birthdate=2015-01-02"}, []nhs.Number{hidden}},
		{
			"a letter for the apostrophe",
			[]string{"family=O\u02bcBrien Nunez", "birthdate=2015-01-02"},
			[]nhs.Number{hidden},
		},
		{
			"what prints nothing",
			[]string{"family=\u200eO\u2019Brien\u00ad-Nu\u200bnez\ufeff", "birthdate=2015-01-02"},
			[]nhs.Number{hidden},
		},
		{
			"what prints nothing is not counted",
			[]string{"family=Example" + strings.Repeat("\u200b", 35), born},
			[]nhs.Number{tess, plain},
		},
		{
			"phone with direction marks",
			[]string{"family=Example", born, "phone=\u202a+44 1632 960587\u202c"},
			[]nhs.Number{tess, plain},
		},
		{
			"postcode with a space",
			[]string{"family=Example", born, "address-postalcode=ls1 4ap"},
			[]nhs.Number{tess, plain},
		},
		{
			"postcode by its old name",
			[]string{"family=Example", born, "address-postcode=LS14AP"},
			[]nhs.Number{tess, plain},
		},
		{"postcode begun", []string{"family=Example", born, "address-postalcode=LS1*"}, []nhs.Number{tess, plain}},
		{"another postcode", []string{"family=Example", born, "address-postalcode=LS1 4AQ"}, nil},
		{"restricted, by postcode", []string{
			"family=OBrienNunez", "birthdate=2015-01-02",
			"address-postalcode=LS1 4AP",
		}, nil},
		{
			"restricted, by phone",
			[]string{"family=OBrienNunez", "birthdate=2015-01-02", "phone=01632960587"},
			[]nhs.Number{hidden},
		},
		{"restricted, by practice", []string{
			"family=OBrienNunez", "birthdate=2015-01-02",
			"general-practitioner=Y12345",
		}, nil},
		{"practice", []string{"family=Example", born, "general-practitioner=y12345"}, []nhs.Number{tess, plain}},
		{
			"phone with a country code",
			[]string{"family=Example", born, "phone=+44 1632 960587"},
			[]nhs.Number{tess, plain},
		},
		{
			"phone with the country code after two noughts",
			[]string{"family=Example", born, "phone=0044 1632 960587"},
			[]nhs.Number{tess, plain},
		},
		{
			"e-mail in any case",
			[]string{"family=Newname", "birthdate=2010-10-22", "email=zoe@EXAMPLE.com"},
			[]nhs.Number{zoe},
		},
		{"died", []string{"family=Newname", "birthdate=2010-10-22", "death-date=le2024-12-31"}, []nhs.Number{zoe}},
		{"died later", []string{"family=Newname", "birthdate=2010-10-22", "death-date=ge2024-12-31"}, nil},
		{"the living have no day of death", []string{"family=Example", born, "death-date=le2026-01-01"}, nil},

		{"wildcard", []string{"family=Exam*", born}, []nhs.Number{tess, plain}},
		{"wildcard after an apostrophe", []string{"family=O'*", "birthdate=2015-01-02"}, []nhs.Number{hidden}},
		{"wildcard after one letter, a year", []string{
			"family=O'*", "birthdate=ge2015-01-01",
			"birthdate=le2016-01-01",
		}, []nhs.Number{hidden}},
		{"wildcard in the middle", []string{"family=Ex*pl*", born}, []nhs.Number{tess, plain}},
		{"wildcard that does not end so", []string{"family=Ex*x", born}, nil},
		{"wildcard over a wide range", []string{"family=Exam*", "birthdate=ge1990-01-01"}, []nhs.Number{tess, plain}},
		{"wildcard given", []string{"family=Newname", "birthdate=2010-10-22", "given=Zoe*"}, []nhs.Number{zoe}},
		{"wildcard of a second given name", []string{"family=Newname", "birthdate=2010-10-22", "given=An*"}, nil},
		{"a second given name", []string{"family=Newname", "birthdate=2010-10-22", "given=ann"}, []nhs.Number{zoe}},
		{
			"two given names",
			[]string{"family=Newname", "birthdate=2010-10-22", "given=ann", "given=zoemary"},
			[]nhs.Number{zoe},
		},
		{"only exact ones, of the letters beside a wildcard", []string{"family=Exam*", born, "_exact-match=true"}, nil},
		{"only exact ones", []string{"family=Example", born, "_exact-match=true"}, []nhs.Number{tess, plain}},

		{"an old name", []string{"family=Oldname", "birthdate=2010-10-22"}, nil},
		{
			"an old name, with history",
			[]string{"family=Oldname", "birthdate=2010-10-22", "_history=true"},
			[]nhs.Number{zoe},
		},
		{"a nickname no longer used", []string{"family=Newname", "birthdate=2010-10-22", "given=zed"}, nil},
		{"neither superseded nor invalidated", []string{"family=Example", born, "given=wrong"}, nil},
		{"just as many as may be", []string{"family=Example", born, "_max-results=2"}, []nhs.Number{tess, plain}},
		{"a date that is to come", []string{"family=Example", "birthdate=eq2036-03-04"}, nil},
		{"a name as long as may be", []string{"family=" + strings.Repeat("é", 35), born}, nil},
		{
			"a postcode of the past",
			[]string{"family=Newname", "birthdate=2010-10-22", "address-postalcode=LS7 7AA"},
			nil,
		},
		{"a postcode of the past, with history", []string{
			"family=Newname", "birthdate=2010-10-22",
			"address-postalcode=LS7 7AA", "_history=true",
		}, []nhs.Number{zoe}},
		{"an e-mail of the past", []string{"family=Newname", "birthdate=2010-10-22", "email=then@example.com"}, nil},
		{"an e-mail of the past, with history", []string{
			"family=Newname", "birthdate=2010-10-22",
			"email=then@example.com", "_history=true",
		}, []nhs.Number{zoe}},
		{"e-mail and phone", []string{
			"family=Newname", "birthdate=2010-10-22", "email=zoe@example.com",
			"phone=01632960587",
		}, []nhs.Number{zoe}},
		{"e-mail and another phone", []string{
			"family=Newname", "birthdate=2010-10-22", "email=zoe@example.com",
			"phone=01632960588",
		}, nil},
		{
			"died on the day",
			[]string{"family=Newname", "birthdate=2010-10-22", "death-date=eq2024-05-06"},
			[]nhs.Number{zoe},
		},
		{"died in a range", []string{
			"family=Newname", "birthdate=2010-10-22", "death-date=ge2024-05-01",
			"death-date=le2024-05-31",
		}, []nhs.Number{zoe}},
		{"not fuzzy", []string{"family=Example", born, "_fuzzy-match=false"}, []nhs.Number{tess, plain}},
	} {
		t.Run(c.name, func(t *testing.T) {
			bundle, all := entries[fhir.Patient](t, x.found(c.query...))
			if got := numbers(all); !slices.Equal(got, c.want) || *bundle.Total != len(c.want) {
				t.Errorf("got %v, total %d; want %v", got, *bundle.Total, c.want)
			}
			for _, e := range bundle.Entry {
				exact := !strings.Contains(c.name, "wildcard") && c.name != "an old name, with history"
				if s := *e.Search.Score; s <= 0 || s > 1 || exact != (s == 1) {
					t.Errorf("got score %v, want 1 for an exact match and less for others", s)
				}
				if want := issuer + patients + "/"; !strings.HasPrefix(e.FullURL, want) {
					t.Errorf("got fullUrl %s, want one below %s", e.FullURL, want)
				}
			}
		})
	}
}

func whatASearchRefuses(t *testing.T, open opener) {
	b := open(t)
	x := b.signIn()
	const minimum = "Invalid search data provided - 'No searches were performed as the search criteria did not " +
		"meet the minimum requirements'"
	const noBirth = "Missing value - 'birth_date/birth_date_range_start/birth_date_range_end'"
	born := "birthdate=eq2010-10-22"
	for _, c := range []struct {
		query             []string
		code, diagnostics string
	}{
		{nil, "UNSUPPORTED_SERVICE", ""},
		{[]string{"manufacturer=Ford", "year=2003", "model=focus"}, "ADDITIONAL_PROPERTIES", "Invalid request with " +
			"error - Additional properties are not allowed ('manufacturer', 'model', 'year' were unexpected)"},
		{[]string{"family=Smith", born, "year=2003"}, "ADDITIONAL_PROPERTIES", "Invalid request with error - " +
			"Additional properties are not allowed ('year' was unexpected)"},
		{[]string{"email=j.smith@example.com", "phone=0163"}, "MISSING_VALUE", noBirth},
		{[]string{"family=Smith"}, "MISSING_VALUE", noBirth},
		{[]string{"gender=female"}, "MISSING_VALUE", noBirth},
		{[]string{born}, "INVALID_SEARCH_DATA", minimum},
		{
			[]string{"family=Smith", "given=jane", "gender=female", "birthdate=20101022"},
			"INVALID_VALUE",
			"Invalid value - '20101022' in field 'birthdate'",
		},
		{
			[]string{"family=Smith", "given=jane", "gender=female", "death-date=20101022"},
			"INVALID_VALUE",
			"Invalid value - '20101022' in field 'death-date'",
		},
		{
			[]string{"family=Smith", "birthdate=eq2010-02-30"},
			"INVALID_VALUE",
			"Invalid value - 'eq2010-02-30' in field 'birthdate'",
		},
		{[]string{"family=Smith", "birthdate=gt2010-02-03"}, "INVALID_VALUE", "in field 'birthdate'"},
		{[]string{"family=Smith", "birthdate=eq2010"}, "INVALID_VALUE", "in field 'birthdate'"},
		{[]string{"family=Smith", "birthdate="}, "INVALID_VALUE", "in field 'birthdate'"},
		{[]string{"family=Smith", born, "birthdate=eq2011-01-01"}, "INVALID_SEARCH_DATA", "birthdate"},
		{
			[]string{"family=Smith", "birthdate=ge2011-01-01", "birthdate=le2010-01-01"},
			"INVALID_SEARCH_DATA",
			"birthdate",
		},
		{[]string{"family=S*", born}, "INVALID_VALUE", "Invalid value - 'S*' in field 'family'"},
		{[]string{"family=*", born}, "INVALID_VALUE", "in field 'family'"},
		{[]string{"family=''*", born}, "INVALID_VALUE", "in field 'family'"},
		{
			[]string{"family=O'*", "birthdate=ge2015-01-01"},
			"INVALID_SEARCH_DATA",
			"A wildcard after one letter requires birth dates within one year",
		},
		{
			[]string{"family=O'*", "birthdate=ge2015-01-01", "birthdate=le2016-01-02"},
			"INVALID_SEARCH_DATA",
			"A wildcard after one letter requires birth dates within one year",
		},
		{
			[]string{"family=Smith", born, "address-postalcode=L *"},
			"INVALID_VALUE",
			"Invalid value - 'L *' in field 'address-postalcode'",
		},
		{[]string{"family=''", born}, "INVALID_VALUE", "in field 'family'"},
		{[]string{"family=" + strings.Repeat("a", 36), born}, "INVALID_VALUE", "in field 'family'"},
		{[]string{"family=a", "family=b", born}, "INVALID_SEARCH_DATA", "family"},
		{[]string{"family=Smith", "given=", born}, "INVALID_VALUE", "in field 'given'"},
		{[]string{"family=Smith", "gender=F", born}, "INVALID_VALUE", "Invalid value - 'F' in field 'gender'"},
		{[]string{"family=Smith", born, "_max-results=51"}, "INVALID_VALUE", "in field '_max-results'"},
		{[]string{"family=Smith", born, "_max-results=0"}, "INVALID_VALUE", "in field '_max-results'"},
		{[]string{"family=Smith", born, "_history=yes"}, "INVALID_VALUE", "in field '_history'"},
		{[]string{"family=Smith", born, "email=*"}, "INVALID_VALUE", "in field 'email'"},
		{
			[]string{"family=Smith", born, "address-postcode=LS1 4AP", "address-postalcode=LS1 4AP"},
			"INVALID_SEARCH_DATA", "both",
		},
		{[]string{"family=Smith", born, "_fuzzy-match=true"}, "INVALID_SEARCH_DATA", minimum},
		{[]string{"family=Smith", "given=Jane", "_fuzzy-match=true"}, "MISSING_VALUE", noBirth},
		{[]string{"family=Smith", born, "gender=female", "_fuzzy-match=true"}, "INVALID_SEARCH_DATA", minimum},
		{
			[]string{"given=Jane", born, "address-postalcode=LS1 4AP", "_fuzzy-match=true"},
			"INVALID_SEARCH_DATA",
			minimum,
		},
		{[]string{"given=Jane", born, "gender=female", "address-postalcode=LS1 4AP"}, "INVALID_SEARCH_DATA", minimum},
		{[]string{"family=Smi*", "given=Jane", born, "_fuzzy-match=true"}, "INVALID_SEARCH_DATA", "Wildcards"},
		{[]string{"family=Smith", "given=Ja*", born, "_fuzzy-match=true"}, "INVALID_SEARCH_DATA", "Wildcards"},
		{
			[]string{"family=Smith", "given=Jane", born, "address-postalcode=LS1*", "_fuzzy-match=true"},
			"INVALID_SEARCH_DATA", "Wildcards",
		},
		{[]string{"family=Smith", born, "_fuzzy-match=perhaps"}, "INVALID_VALUE", "in field '_fuzzy-match'"},
		{[]string{"family=Smith", born, "_max-results=1", "_max-results=2"}, "INVALID_SEARCH_DATA", "_max-results"},
		{[]string{"Family=Smith", born}, "ADDITIONAL_PROPERTIES", "('Family' was unexpected)"},
		{
			[]string{"family=Smith", "birthdate=eq2010-13-01"},
			"INVALID_VALUE",
			"Invalid value - 'eq2010-13-01' in field 'birthdate'",
		},
		{
			[]string{"family=Smith", "birthdate=2010-10"},
			"INVALID_VALUE",
			"Invalid value - '2010-10' in field 'birthdate'",
		},
		{[]string{"family=Smith", "birthdate=eq"}, "INVALID_VALUE", "Invalid value - 'eq' in field 'birthdate'"},
		{[]string{"family=Smith", "birthdate=EQ2010-10-22"}, "INVALID_VALUE", "in field 'birthdate'"},
		{[]string{"family=Smith", "birthdate=eq2010-10-22T00:00:00Z"}, "INVALID_VALUE", "in field 'birthdate'"},
		{
			[]string{"family=Smith", "birthdate=ge2010-10-22", "birthdate=le20111022"},
			"INVALID_VALUE",
			"Invalid value - 'le20111022' in field 'birthdate'",
		},
		{[]string{"family=Smith", born, "birthdate=ge2010-10-22"}, "INVALID_SEARCH_DATA", "birthdate"},
		{
			[]string{"family=Smith", "birthdate=ge2010-10-22", "birthdate=ge2010-10-23"},
			"INVALID_SEARCH_DATA",
			"birthdate",
		},
		{
			[]string{"family=Smith", "birthdate=ge2010-10-22", "birthdate=le2010-10-23", "birthdate=le2010-10-24"},
			"INVALID_SEARCH_DATA", "birthdate",
		},
		{[]string{"family=Smith", born, "death-date="}, "INVALID_VALUE", "Invalid value - '' in field 'death-date'"},
		{
			[]string{"family=Smith", born, "death-date=ge2011-01-01", "death-date=le2010-01-01"},
			"INVALID_SEARCH_DATA",
			"death-date",
		},
		{
			[]string{"family=Smith", born, "death-date=eq2010-02-30"},
			"INVALID_VALUE",
			"Invalid value - 'eq2010-02-30' in field 'death-date'",
		},
		{
			[]string{"family=Smith", born, "death-date=gt2012-01-01"},
			"INVALID_VALUE",
			"Invalid value - 'gt2012-01-01' in field 'death-date'",
		},
		{
			[]string{"family=Smith", born, "death-date=2012"},
			"INVALID_VALUE",
			"Invalid value - '2012' in field 'death-date'",
		},
		{
			[]string{"family=Smith", born, "death-date=2012-01-01", "death-date=2012-01-02"},
			"INVALID_SEARCH_DATA",
			"death-date",
		},
		{
			[]string{"family=Smith", born, "death-date=eq2010-10-21"},
			"INVALID_SEARCH_DATA",
			"Invalid search data provided - 'death-date is before birthdate'",
		},
		{
			[]string{"family=Smith", born, "death-date=le2010-10-21"},
			"INVALID_SEARCH_DATA",
			"death-date is before birthdate",
		},
		{
			[]string{"family=Smith", "birthdate=ge2010-10-22", "death-date=ge2009-01-01", "death-date=le2009-12-31"},
			"INVALID_SEARCH_DATA", "death-date is before birthdate",
		},
		{
			[]string{"family=Smith", "given=Jane", born, "death-date=2010-10-21", "_fuzzy-match=true"},
			"INVALID_SEARCH_DATA", "death-date is before birthdate",
		},
		{[]string{"family=Smith", born, "gender="}, "INVALID_VALUE", "Invalid value - '' in field 'gender'"},
		{
			[]string{"family=Smith", born, "gender=FEMALE"},
			"INVALID_VALUE",
			"Invalid value - 'FEMALE' in field 'gender'",
		},
		{[]string{"family=Smith", born, "gender=female", "gender=female"}, "INVALID_SEARCH_DATA", "gender"},
		{[]string{"family=*mith", born}, "INVALID_VALUE", "Invalid value - '*mith' in field 'family'"},
		{[]string{"family=S*ith", born}, "INVALID_VALUE", "Invalid value - 'S*ith' in field 'family'"},
		{[]string{"family=Smith", "given=J*", born}, "INVALID_VALUE", "Invalid value - 'J*' in field 'given'"},
		{[]string{"family=Smith", "given=" + strings.Repeat("é", 36), born}, "INVALID_VALUE", "in field 'given'"},
		{
			[]string{"family=Smith", "given=Jane", "given=", born},
			"INVALID_VALUE",
			"Invalid value - '' in field 'given'",
		},
		{
			[]string{"family=Smith", born, "address-postalcode="},
			"INVALID_VALUE",
			"Invalid value - '' in field 'address-postalcode'",
		},
		{
			[]string{"family=Smith", born, "address-postcode="},
			"INVALID_VALUE",
			"Invalid value - '' in field 'address-postcode'",
		},
		{
			[]string{"family=Smith", born, "address-postalcode=L*"},
			"INVALID_VALUE",
			"Invalid value - 'L*' in field 'address-postalcode'",
		},
		{
			[]string{"family=Smith", born, "address-postcode=*1 4AP"},
			"INVALID_VALUE",
			"Invalid value - '*1 4AP' in field 'address-postcode'",
		},
		{
			[]string{"family=Smith", born, "address-postalcode=LS1 4AP", "address-postalcode=LS1 4AP"},
			"INVALID_SEARCH_DATA", "address-postalcode",
		},
		{
			[]string{"family=Smith", born, "general-practitioner="},
			"INVALID_VALUE",
			"Invalid value - '' in field 'general-practitioner'",
		},
		{
			[]string{"family=Smith", born, "general-practitioner=Y1*"},
			"INVALID_VALUE",
			"Invalid value - 'Y1*' in field 'general-practitioner'",
		},
		{[]string{"family=Smith", born, "email="}, "INVALID_VALUE", "Invalid value - '' in field 'email'"},
		{[]string{"family=Smith", born, "phone="}, "INVALID_VALUE", "Invalid value - '' in field 'phone'"},
		{[]string{"family=Smith", born, "phone=0163*"}, "INVALID_VALUE", "Invalid value - '0163*' in field 'phone'"},
		{[]string{"family=Smith", born, "phone=nobody"}, "INVALID_VALUE", "Invalid value - 'nobody' in field 'phone'"},
		{[]string{"family=Smith", born, "_history="}, "INVALID_VALUE", "Invalid value - '' in field '_history'"},
		{
			[]string{"family=Smith", born, "_exact-match=TRUE"},
			"INVALID_VALUE",
			"Invalid value - 'TRUE' in field '_exact-match'",
		},
		{
			[]string{"family=Smith", born, "_max-results="},
			"INVALID_VALUE",
			"Invalid value - '' in field '_max-results'",
		},
		{
			[]string{"family=Smith", born, "_max-results=x"},
			"INVALID_VALUE",
			"Invalid value - 'x' in field '_max-results'",
		},
		{
			[]string{"family=Smith", born, "_max-results=1.5"},
			"INVALID_VALUE",
			"Invalid value - '1.5' in field '_max-results'",
		},
		{
			[]string{"family=Smith", born, "_max-results=+5"},
			"INVALID_VALUE",
			"Invalid value - '+5' in field '_max-results'",
		},
		{
			[]string{"family=Smith", born, "_max-results=-1"},
			"INVALID_VALUE",
			"Invalid value - '-1' in field '_max-results'",
		},
		{
			[]string{"family=Smith", born, "_max-results=99999999999999999999"},
			"INVALID_VALUE",
			"in field '_max-results'",
		},
		{
			[]string{"family=Smith", "given=Jane", born, "address-postcode=LS*", "_fuzzy-match=true"},
			"INVALID_SEARCH_DATA", "Wildcards",
		},
	} {
		r := x.found(c.query...)
		var o fhir.OperationOutcome
		r.into(t, &o)
		if r.status != 400 || o.SpineCode() != c.code || !strings.Contains(o.Diagnostics(), c.diagnostics) ||
			o.Issue[0].Severity != "error" {
			t.Errorf("search for %v: got status %d, body %s; want 400 %s with %q", c.query, r.status, r.body, c.code,
				c.diagnostics)
		}
	}

	if r := b.do(x.request(nurse, patients, nil, func(r *http.Request) {
		r.URL.RawQuery = "family=Example&birthdate=2016-03-04&gender=%zz"
	})); r.status != 400 {
		t.Errorf("search with an undecodable filter: got status %d, body %s; want 400", r.status, r.body)
	}
}

func tooManyMatchesIsNoError(t *testing.T, open opener) {
	b := open(t)
	r := b.signIn().found("family=Example", "birthdate=2016-03-04", "_max-results=1")
	var o fhir.OperationOutcome
	r.into(t, &o)
	if r.status != 200 || o.SpineCode() != "TOO_MANY_MATCHES" || o.Issue[0].Severity != "information" ||
		o.Issue[0].Code != "multiple-matches" {
		t.Errorf("search with too many matches: got status %d, body %s; want 200 TOO_MANY_MATCHES", r.status, r.body)
	}
	if last := b.trail()[len(b.trail())-1]; last.Reason != "TOO_MANY_MATCHES" || len(last.Patients) != 0 {
		t.Errorf("last audit record: got %+v, want TOO_MANY_MATCHES without patients", last)
	}
}

func exactMatchesAloneCountTowardsTooMany(t *testing.T, open opener) {
	b := open(t)
	former := patient("9990000093", "Newname", "Tess", "2016-03-04", "female", "U", "")
	former.Name = append(former.Name, fhir.HumanName{Use: "old", Family: "Example", Given: []string{"Tess"}})
	must(t, b.sqlite.PutPatients(t.Context(), []store.Patient{record(t, former)}))
	x := b.signIn()
	query := []string{"family=Example", "given=Tess", "birthdate=2016-03-04", "_history=true", "_max-results=1"}
	if r := x.found(query...); !strings.Contains(r.body, "TOO_MANY_MATCHES") {
		t.Fatalf("search for two matches with a limit of one: got status %d, body %s; want TOO_MANY_MATCHES", r.status,
			r.body)
	}
	if _, all := entries[fhir.Patient](t, x.found(append(query, "_exact-match=true")...)); !slices.Equal(numbers(all),
		[]nhs.Number{tess}) {
		t.Errorf("search with _exact-match: got %v, want the exact match only", numbers(all))
	}
}

func retrieving(t *testing.T, open opener) {
	b := open(t)
	x := b.signIn()
	for _, c := range []struct {
		id     string
		status int
		code   string
	}{
		{tess.Digits(), 200, ""},
		{merged.Digits(), 200, ""},
		{absent.Digits(), 404, "RESOURCE_NOT_FOUND"},
		{invalid.Digits(), 404, "INVALIDATED_RESOURCE"},
		{"9990000019", 400, "INVALID_RESOURCE_ID"},
		{"999000001", 400, "INVALID_RESOURCE_ID"},
		{"999 000 0018", 400, "INVALID_RESOURCE_ID"},
		{"0000000000", 400, "INVALID_RESOURCE_ID"},
		{"rubbish", 400, "INVALID_RESOURCE_ID"},
	} {
		r := x.get(nurse, patients+"/"+url.PathEscape(c.id), nil)
		var o fhir.OperationOutcome
		r.into(t, &o)
		if r.status != c.status || o.SpineCode() != c.code {
			t.Errorf("retrieve %s: got status %d, body %s; want %d %s", c.id, r.status, r.body, c.status, c.code)
		}
		if c.status == 200 {
			var p fhir.Patient
			r.into(t, &p)
			if p.ID != tess.Digits() || p.Address == nil {
				t.Errorf("retrieve %s: got %s, want the current record", c.id, r.body)
			}
		}
	}

	if r := x.get(nurse, patients+"/"+tess.Digits(), url.Values{"_format": {"json"}}); r.status != 400 {
		t.Errorf("retrieve with an unknown parameter: got status %d, want 400", r.status)
	}
}

func aRestrictedRecordShowsNoWhereabouts(t *testing.T, open opener) {
	b := open(t)
	x := b.signIn()
	var p fhir.Patient
	x.get(nurse, patients+"/"+hidden.Digits(), nil).into(t, &p)
	_, rows := entries[fhir.Patient](t, x.found("family=OBrienNunez", "birthdate=2015-01-02"))
	for _, p := range append(rows, p) {
		if p.ID != hidden.Digits() || p.Confidentiality() != "R" || p.Address != nil || p.Telecom != nil ||
			p.GeneralPractitioner != nil || p.Name == nil {
			t.Errorf("restricted patient: got %+v, want name without address, telecom and GP", p)
		}
	}
}

func aSearchRowShowsOnlyWhatIsCurrent(t *testing.T, open opener) {
	b := open(t)
	p := patient("9990000093", "Newname", "Zoe", "2010-10-22", "other", "U", "LS1 6AE")
	p.Name = append(p.Name, fhir.HumanName{Use: "maiden", Family: "Oldname"},
		fhir.HumanName{Use: "usual", Family: "Before", Period: &fhir.Period{Start: "2019-01-01", End: "2020-01-01"}},
		fhir.HumanName{Use: "usual", Family: "Hereafter", Period: &fhir.Period{Start: "2030-01-01"}})
	p.Address = append(p.Address, fhir.Address{Use: "temp", PostalCode: "LS1 1AA"},
		fhir.Address{Use: "home", PostalCode: "LS1 2AA", Period: &fhir.Period{Start: "2019-01-01", End: "2020-01-01"}})
	must(t, b.sqlite.PutPatients(t.Context(), []store.Patient{record(t, p)}))
	x := b.signIn()
	_, rows := entries[fhir.Patient](t, x.found("family=Newname", "birthdate=2010-10-22"))
	if len(rows) != 1 || len(rows[0].Name) != 1 || rows[0].Name[0].Family != "Newname" || len(rows[0].Address) != 1 ||
		rows[0].Address[0].PostalCode != "LS1 6AE" {
		t.Errorf("search row: got %+v, want only the current name and address", rows)
	}
	var whole fhir.Patient
	x.get(nurse, patients+"/9990000093", nil).into(t, &whole)
	if len(whole.Name) != 4 || len(whole.Address) != 3 {
		t.Errorf("retrieved record: got %+v, want all names and addresses", whole)
	}
}

// PDS pads an address to five lines with blank ones, which FHIR doesn't allow.
func anAddressHasNoBlankLines(t *testing.T, open opener) {
	b := open(t)
	p := patient("9990000093", "Example", "Blanche", "2010-10-22", "female", "U", "LS1 6AE")
	p.Name[0].Given, p.Name[0].Suffix = []string{"Blanche", " "}, []string{""}
	p.Address[0].Line = []string{"", "4 Made Up Row", "", "Leeds", " "}
	p.Address = append(p.Address, fhir.Address{Use: "temp", Line: []string{"", "", "", "", ""}, PostalCode: "ZZ99 3VZ"})
	must(t, b.sqlite.PutPatients(t.Context(), []store.Patient{record(t, p)}))
	x := b.signIn()
	var whole fhir.Patient
	x.get(nurse, patients+"/9990000093", nil).into(t, &whole)
	_, rows := entries[fhir.Patient](t, x.found("family=Example", "birthdate=2010-10-22"))
	for _, got := range append(rows, whole) {
		if !slices.Equal(got.Address[0].Line, []string{"4 Made Up Row", "Leeds"}) ||
			!slices.Equal(got.Name[0].Given, []string{"Blanche"}) || got.Name[0].Suffix != nil {
			t.Errorf("got %+v, want no blank lines or names", got)
		}
	}

	if len(p.Address[0].Line) != 5 || len(whole.Address) != 2 || whole.Address[1].Line != nil {
		t.Errorf("got addresses %+v of %+v, want the original unchanged and the second without lines", whole.Address,
			p.Address)
	}
}

func aMinimalPatientIsAPatient(t *testing.T, open opener) {
	b := open(t)
	must(t,
		b.sqlite.PutPatients(t.Context(),
			[]store.Patient{record(t, &fhir.Patient{ResourceType: "Patient", ID: "9990000107"})}))
	r := b.signIn().get(nurse, patients+"/9990000107", nil)
	if r.status != 200 || r.body != `{"resourceType":"Patient","id":"9990000107"}` || r.header.Get("ETag") != "" {
		t.Errorf("retrieve of an empty record: got status %d, body %s; want it unchanged and without an ETag",
			r.status, r.body)
	}
}

// slow is a store whose searches and reports exceed their time limit.
type slow struct{ store.Store }

func (slow) FindPatients(context.Context, store.PatientQuery) ([]store.Patient, error) {
	return nil, store.ErrTooLong
}

func (slow) Candidates(context.Context, []store.Block, int) ([]store.Candidate, error) {
	return nil, store.ErrTooLong
}

func (slow) AuditRecords(context.Context, store.AuditQuery) ([]store.AuditRecord, error) {
	return nil, store.ErrTooLong
}

func TestSearch_TakesTooLong(t *testing.T) {
	b := newFixture(t, over(func(s store.Store) store.Store { return slow{s} }))
	x := b.signIn()
	for _, query := range [][]string{
		{"family=Ex*", "birthdate=ge2016-03-04"},
		{"family=Example", "given=Tess", "birthdate=2016-03-04", "_fuzzy-match=true"},
	} {
		r := x.found(query...)
		var o fhir.OperationOutcome
		r.into(t, &o)
		if r.status != 200 || o.SpineCode() != "TOO_MANY_MATCHES" {
			t.Errorf("search for %v: got status %d, body %s; want 200 TOO_MANY_MATCHES", query, r.status, r.body)
		}
	}
}
