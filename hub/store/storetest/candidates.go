package storetest

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

func candidatesAreTakenIn(t *testing.T, b *fixture) {
	spelt := func(p store.Patient, spelt string, ends nhs.Date, sounds ...store.Sound) store.Patient {
		family, given, _ := strings.Cut(spelt, " ")
		p.Keys.Names = append(p.Keys.Names, store.NameKey{
			Family: family, Given: []string{given, "second"},
			Spelt: spelt, Ends: ends, Sounds: sounds,
		})
		return p
	}

	const begins, middle, last store.Ends = 1, 1 << 20, 1 << 53
	nameless := func(n nhs.Number) store.Patient {
		p := person(n, "")
		p.Keys.Names = nil
		return p
	}

	first := spelt(nameless(tess), "example tess", nhs.Date{}, store.Sound{Family: "a251", Given: "t200"},
		store.Sound{Family: "a251", Given: "m600"})
	first = spelt(first, "former tess", day(2020, 1, 1), store.Sound{Family: "f656", Given: "t200"})
	first.Keys.Near = []store.NearKey{
		{Key: "a251", Ends: begins | middle},
		{Key: "t200", Ends: last},
		{Key: "m600", Ends: last},
		{Key: "f656", Ends: begins},
		{Key: "李"},
	}

	first.Keys.Died = day(2026, 1, 1)
	first.Keys.Marks = append(first.Keys.Marks, store.Mark{Kind: store.Postcode, Value: "m11aa", Ends: day(2020, 1, 1)})
	second := spelt(nameless(tom), "other tom", nhs.Date{}, store.Sound{Family: "a360", Given: "t500"})
	second.Confidential = true
	second.Keys.Born, second.Keys.Marks, second.Keys.Gender = day(2016, 4, 3), nil, ""
	second.Keys.Near = []store.NearKey{{Key: "a360", Ends: last}, {Key: "t500", Ends: last}}
	gone, wrong := first, first
	gone.Number, gone.SupersededBy = old, tess
	gone.Keys.Born, gone.Keys.Marks = day(2001, 2, 3), nil
	wrong.Number, wrong.Invalidated = older, true
	month, year2014 := spelt(nameless("9990000042"), "partly tim", nhs.Date{},
		store.Sound{Family: "p634", Given: "t500"}), spelt(nameless("9990000050"), "partly tim", nhs.Date{},
		store.Sound{Family: "p634", Given: "t500"})
	for _, p := range []*store.Patient{&month, &year2014} {
		p.Keys.Marks, p.Keys.Near = nil, []store.NearKey{{Key: "p634", Ends: begins}}
	}

	month.Keys.Born, year2014.Keys.Born = nhs.Date{Year: 2014, Month: 5}, nhs.Date{Year: 2014}
	must(t, b.PutPatients(b.ctx, []store.Patient{first, second, gone, wrong, month, year2014}))

	march, april := day(2016, 3, 4), day(2016, 4, 3)
	year := store.Span{From: day(2016, 1, 1), To: day(2016, 12, 31)}
	for _, c := range []struct {
		name   string
		blocks []store.Block
		want   []nhs.Number
	}{
		{
			"a birth date and a family sound",
			[]store.Block{{Days: []nhs.Date{march, april}, Keys: []string{"x000", "a360"}}},
			[]nhs.Number{tom},
		},
		{
			"several birth dates",
			[]store.Block{{Days: []nhs.Date{march, april, day(2017, 1, 1)}, Keys: []string{"a251", "t500"}}},
			[]nhs.Number{tess, tom},
		},
		{
			"a birth date and a former family's sound",
			[]store.Block{{Days: []nhs.Date{march}, Keys: []string{"f656"}}},
			[]nhs.Number{tess},
		},
		{
			"a birth date and the sound of a second given name",
			[]store.Block{{Days: []nhs.Date{march}, Keys: []string{"m600"}}},
			[]nhs.Number{tess},
		},
		{
			"a birth date and several sounds of one person",
			[]store.Block{{Days: []nhs.Date{march}, Keys: []string{"a251", "t200"}}},
			[]nhs.Number{tess},
		},
		{
			"a birth date and a key of another script",
			[]store.Block{{Days: []nhs.Date{march}, Keys: []string{"李"}}},
			[]nhs.Number{tess},
		},
		{
			"not a sound of another day",
			[]store.Block{{Days: []nhs.Date{april, day(2015, 3, 4)}, Keys: []string{"t200"}}},
			nil,
		},
		{"a key with an end", []store.Block{{
			Days: []nhs.Date{march, april}, Keys: []string{"a251", "a360"},
			Ends: middle,
		}}, []nhs.Number{tess}},
		{
			"a key with the last of the ends",
			[]store.Block{{Days: []nhs.Date{march, april}, Keys: []string{"a251", "a360"}, Ends: last}},
			[]nhs.Number{tom},
		},
		{
			"a key with one of several ends",
			[]store.Block{{Days: []nhs.Date{march, april}, Keys: []string{"a251", "a360"}, Ends: begins | last}},
			[]nhs.Number{tess, tom},
		},
		{
			"not an end of another key",
			[]store.Block{{Days: []nhs.Date{march}, Keys: []string{"f656", "李"}, Ends: middle | last}},
			nil,
		},
		{
			"a birth date of which the month is known",
			[]store.Block{{Days: []nhs.Date{{Year: 2014, Month: 5}}, Keys: []string{"p634"}}},
			[]nhs.Number{"9990000042"},
		},
		{
			"a birth date of which the year is known",
			[]store.Block{{Days: []nhs.Date{{Year: 2014}}, Keys: []string{"p634"}, Ends: begins}},
			[]nhs.Number{"9990000050"},
		},
		{
			"not a partial birth date by its first day",
			[]store.Block{{Days: []nhs.Date{day(2014, 1, 1), day(2014, 5, 1)}, Keys: []string{"p634"}}},
			nil,
		},
		{
			"both sounds in a span that a partial birth date may lie in",
			[]store.Block{{
				Born: store.Span{From: day(2014, 5, 20), To: day(2014, 6, 1)}, Family: []string{"p634"},
				Given: []string{"t500"},
			}},
			[]nhs.Number{"9990000042", "9990000050"},
		},
		{
			"both sounds in a span of years",
			[]store.Block{{
				Born: store.Span{From: day(2010, 5, 20), To: day(2014, 4, 30)}, Family: []string{"p634"},
				Given: []string{"t500"},
			}},
			[]nhs.Number{"9990000050"},
		},
		{
			"both sounds in a span without the month",
			[]store.Block{{
				Born: store.Span{From: day(2014, 6, 1), To: day(2014, 7, 1)}, Family: []string{"p634"},
				Given: []string{"t500"},
			}},
			[]nhs.Number{"9990000050"},
		},
		{
			"a full name",
			[]store.Block{{FullName: store.FullName{Family: "example", First: "tess"}, Max: 4}},
			[]nhs.Number{old, tess},
		},
		{
			"a former full name",
			[]store.Block{{FullName: store.FullName{Family: "former", First: "tess"}, Max: 4}},
			[]nhs.Number{old, tess},
		},
		{
			"not a full name by the second given name",
			[]store.Block{{FullName: store.FullName{Family: "example", First: "second"}, Max: 4}},
			nil,
		},
		{"not the beginning of a full name", []store.Block{{
			FullName: store.FullName{Family: "examp", First: "tess"},
			Max:      4,
		}}, nil},
		{
			"both sounds in a year",
			[]store.Block{{Born: year, Family: []string{"a251"}, Given: []string{"t200", "q000"}}},
			[]nhs.Number{tess},
		},
		{
			"both sounds in a year around a day of its month",
			[]store.Block{{Born: year, Around: day(2016, 3, 19), Family: []string{"a251"}, Given: []string{"t200"}}},
			[]nhs.Number{tess},
		},
		{
			"both sounds in a year around its day of another month",
			[]store.Block{{Born: year, Around: day(2016, 11, 4), Family: []string{"a251"}, Given: []string{"t200"}}},
			[]nhs.Number{tess},
		},
		{
			"both sounds in a year, but around no such day",
			[]store.Block{{Born: year, Around: day(2016, 11, 5), Family: []string{"a251"}, Given: []string{"t200"}}},
			nil,
		},
		{
			"both sounds in a year around any day for a partial birth date",
			[]store.Block{{
				Born: store.Span{From: day(2014, 1, 1), To: day(2014, 12, 31)}, Around: day(2014, 11, 5),
				Family: []string{"p634"}, Given: []string{"t500"},
			}},
			[]nhs.Number{"9990000042", "9990000050"},
		},
		{
			"both sounds, but of two people",
			[]store.Block{{Born: year, Family: []string{"a251"}, Given: []string{"t500"}}},
			nil,
		},
		{"both sounds from a day on", []store.Block{{
			Born: store.Span{From: april}, Family: []string{"a251", "a360"},
			Given: []string{"t200", "t500"},
		}}, []nhs.Number{tom}},
		{"both sounds up to a day", []store.Block{{
			Born: store.Span{To: march}, Family: []string{"a251", "a360"},
			Given: []string{"t200", "t500"},
		}}, []nhs.Number{old, tess}},
		{
			"both sounds in years when nobody was born",
			[]store.Block{{Born: store.Span{From: day(2020, 1, 1)}, Family: []string{"a251"}, Given: []string{"t200"}}},
			nil,
		},
		{
			"not both sounds changed over",
			[]store.Block{{Born: year, Family: []string{"t200"}, Given: []string{"a251"}}},
			nil,
		},
		{
			"one that was superseded, as it stands",
			[]store.Block{{Days: []nhs.Date{day(2001, 2, 3)}, Keys: []string{"a251"}}},
			[]nhs.Number{old},
		},
		{"a postcode", []store.Block{{Postcode: "ls14ap"}}, []nhs.Number{tess}},
		{"a former postcode", []store.Block{{Postcode: "m11aa"}}, []nhs.Number{tess}},
		{"two blocks, each person once", []store.Block{
			{Days: []nhs.Date{march}, Keys: []string{"a251"}},
			{Days: []nhs.Date{april}, Keys: []string{"t500"}},
			{Postcode: "ls14ap"},
		}, []nhs.Number{tess, tom}},
		{"no block", nil, nil},
	} {
		got, err := b.Candidates(b.ctx, c.blocks, 10)
		must(t, err)
		var numbers []nhs.Number
		for _, one := range got {
			numbers = append(numbers, one.Number)
		}
		if !slices.Equal(numbers, c.want) {
			t.Errorf("%s: got candidates %v, want %v", c.name, numbers, c.want)
		}
	}

	both := []store.Block{{Days: []nhs.Date{march, april}, Keys: []string{"a251", "a360"}}}
	all, err := b.Candidates(b.ctx, both, 10)
	must(t, err)

	if one := all[0]; one.Confidential || one.Gender != "female" || one.Born != march || one.Died != day(2026, 1, 1) ||
		!slices.Equal(one.Names, []store.SpeltName{
			{Spelt: "example tess"},
			{Spelt: "former tess", Ends: day(2020, 1, 1)},
		}) {
		t.Errorf("first candidate: got %+v, want Tess with both names", one)
	}

	if other := all[1]; !other.Confidential || other.Gender != "" || !other.Died.IsZero() || len(other.Names) != 1 {
		t.Errorf("second candidate: got %+v, want a confidential one with one name", other)
	}

	if few, err := b.Candidates(b.ctx, both, 1); err != nil || len(few) != 1 {
		t.Errorf("Candidates with a limit of 1: got %d, error %v; want 1", len(few), err)
	}

	if few, err := b.Candidates(b.ctx, []store.Block{{
		FullName: store.FullName{Family: "partly", First: "tim"},
		Max:      1,
	}}, 10); err != nil || len(few) != 1 {
		t.Errorf("Candidates with Most 1: got %d, error %v; want 1", len(few), err)
	}

	if part, err := b.Candidates(b.ctx, []store.Block{{
		FullName: store.FullName{Family: "partly", First: "tim"},
		Max:      4,
	}}, 10); err != nil || len(part) != 2 ||
		part[0].Born != (nhs.Date{Year: 2014, Month: 5}) || part[1].Born != (nhs.Date{Year: 2014}) {
		t.Errorf("Candidates with partial birth dates: got %+v, error %v; want May 2014 and 2014", part, err)
	}

	for _, b2 := range []store.Block{
		{},
		{Days: []nhs.Date{march}},
		{Keys: []string{"a251"}},
		{Ends: begins},
		{Born: year, Family: []string{"a251"}},
	} {
		if _, err := b.Candidates(b.ctx, []store.Block{b2}, 10); err == nil {
			t.Errorf("Candidates(%+v) succeeded, want an error for an unsupported block", b2)
		}
	}

	records, err := b.Patients(b.ctx, []nhs.Number{tess, older, old, "9990000999"})
	must(t, err)
	if len(records) != 3 || records[old].SupersededBy != tess || records[tess].Number != tess {
		t.Errorf("Patients = %+v, want 3 records", records)
	}

	for n, p := range records {
		if one, err := b.Patient(b.ctx, n); err != nil || !reflect.DeepEqual(one, p) {
			t.Errorf("Patients returned %+v, Patient %+v, %v; want the same", p, one, err)
		}
	}

	if none, err := b.Patients(b.ctx, nil); err != nil || len(none) != 0 {
		t.Errorf("Patients without numbers = %+v, %v; want none", none, err)
	}

	if _, err := b.Patients(b.ctx, []nhs.Number{tess, "1"}); err == nil {
		t.Error("Patients with a number of one digit succeeded, want error")
	}

	for _, other := range [][]store.MarkKind{nil, {store.Practice, store.Email}} {
		if none, err := b.Marks(b.ctx, []nhs.Number{tess}, other); err != nil || len(none) != 0 {
			t.Errorf("Marks of kinds %v = %v, %v; want none", other, none, err)
		}
	}

	marks, err := b.Marks(b.ctx, []nhs.Number{tess, tom, old}, []store.MarkKind{store.Practice, store.Postcode})
	must(t, err)
	if len(marks[tess]) != 2 || len(marks[tom]) != 0 || len(marks[old]) != 0 {
		t.Errorf("Marks = %v, want two of Tess", marks)
	}

	for _, m := range marks[tess] {
		if m.Kind != store.Postcode || (m.Value == "ls14ap") != m.Ends.IsZero() {
			t.Errorf("got mark %+v, want a current and a former postcode", m)
		}
	}

	changed := spelt(nameless(tess), "changed tess", nhs.Date{}, store.Sound{Family: "c523", Given: "t200"})
	changed.Keys.Near = []store.NearKey{{Key: "c523", Ends: begins}, {Key: "t200", Ends: last}}
	must(t, b.PutPatients(b.ctx, []store.Patient{changed}))

	for _, was := range []store.Block{
		{Days: []nhs.Date{march}, Keys: []string{"a251", "f656", "m600", "李"}},
		{Born: store.Span{From: march, To: march}, Family: []string{"a251", "f656"}, Given: []string{"t200"}},
		{FullName: store.FullName{Family: "former", First: "tess"}, Max: 1},
		{Postcode: "m11aa"},
	} {
		if got, err := b.Candidates(b.ctx, []store.Block{was}, 10); err != nil ||
			slices.ContainsFunc(got, func(c store.Candidate) bool {
				return c.Number == tess
			}) {
			t.Errorf("replaced patient found by the former key %+v: %v, error %v", was, got, err)
		}
	}

	if got, err := b.Candidates(b.ctx, []store.Block{{Days: []nhs.Date{march}, Keys: []string{"c523"}}},
		10); err != nil || len(got) != 1 {
		t.Errorf("replaced patient by its current key: got %v, error %v; want one", got, err)
	}
}

func relatedPersonsAreStored(t *testing.T, b *fixture) {
	p := person(tess, "example")
	p.Related = [][]byte{[]byte(`{"id":"R2"}`), []byte(`{"id":"R1"}`)}
	must(t, b.PutPatients(b.ctx, []store.Patient{p, person(tom, "example")}))
	got, err := b.RelatedPersons(b.ctx, tess)
	must(t, err)
	if len(got) != 2 || string(got[0]) != `{"id":"R2"}` || string(got[1]) != `{"id":"R1"}` {
		t.Errorf("RelatedPersons = %s, want R2 and R1 in that order", got)
	}
	for _, n := range []nhs.Number{tom, old} {
		if none, err := b.RelatedPersons(b.ctx, n); err != nil || len(none) != 0 {
			t.Errorf("RelatedPersons(%s) = %s, %v; want none", n, none, err)
		}
	}
	p.Related = p.Related[1:]
	must(t, b.PutPatients(b.ctx, []store.Patient{p}))
	if got, err := b.RelatedPersons(b.ctx, tess); err != nil || len(got) != 1 {
		t.Errorf("RelatedPersons after a replacement = %s, %v; want one", got, err)
	}
}
