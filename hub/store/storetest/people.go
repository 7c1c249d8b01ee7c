package storetest

import (
	"slices"
	"testing"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

func person(n nhs.Number, family string, given ...string) store.Patient {
	return store.Patient{
		Number: n, Body: []byte(`{"resourceType":"Patient","id":"` + n.Digits() + `"}`),
		Keys: store.Keys{
			Names: []store.NameKey{{Family: family, Given: given}}, Gender: "female", Born: day(2016, 3, 4),
			Marks: []store.Mark{{Kind: store.Postcode, Value: "ls14ap"}},
		},
	}
}

func patientsArePut(t *testing.T, b *fixture) {
	p := person(old, "example", "tess")
	p.Confidential = true
	must(t, b.PutPatients(b.ctx, []store.Patient{p}))
	got, err := b.Patient(b.ctx, old)
	must(t, err)
	if got.Number != old || !got.Confidential || got.Invalidated || got.SupersededBy != "" ||
		string(got.Body) != string(p.Body) {
		t.Errorf("Patient = %+v, want the stored record", got)
	}

	p.Keys.Names[0].Family = "changed"
	p.Keys.Marks = nil
	must(t, b.PutPatients(b.ctx, []store.Patient{p}))

	for family, want := range map[store.Pattern]int{"example": 0, "changed": 1} {
		found, err := b.FindPatients(b.ctx, ask(family))
		must(t, err)
		if len(found) != want {
			t.Errorf("family %s: got %d patients, want %d", family, len(found), want)
		}
	}

	_, err = b.Patient(b.ctx, tess)
	mustBe(t, err, store.ErrNotFound)
	_, err = b.Patient(b.ctx, "rubbish")
	mustBe(t, err, store.ErrNotFound)
}

// ask returns a query for a family name and Tess's birth date.
func ask(family store.Pattern, change ...func(*store.PatientQuery)) store.PatientQuery {
	q := store.PatientQuery{
		Family: family, Born: store.Span{From: day(2016, 3, 4), To: day(2016, 3, 4)}, Today: nhs.DateOf(now), Limit: 51,
	}
	for _, c := range change {
		c(&q)
	}
	return q
}

func patientsAreFound(t *testing.T, b *fixture) {
	former := person(tess, "example", "tess", "mary")
	former.Keys.Names = append(former.Keys.Names, store.NameKey{
		Family: "former", Given: []string{"tess"},
		Ends: day(2020, 1, 1),
	})

	former.Keys.Died = day(2026, 1, 1)
	former.Keys.Marks = append(former.Keys.Marks, store.Mark{
		Kind: store.Postcode, Value: "m11aa",
		Ends: day(2020, 1, 1),
	},
		store.Mark{Kind: store.Email, Value: "a_b@x.y"})

	restricted := person(tom, "example", "tom")
	restricted.Confidential, restricted.Keys.Gender = true, "male"
	restricted.Keys.Marks = append(restricted.Keys.Marks, store.Mark{Kind: store.Phone, Value: "01632"})
	gone, wrong := person(old, "merged"), person(older, "wrong")
	gone.SupersededBy, wrong.Invalidated = tess, true
	must(t, b.PutPatients(b.ctx, []store.Patient{former, restricted, gone, wrong}))

	mark := func(kind store.MarkKind, value store.Pattern) func(*store.PatientQuery) {
		return func(q *store.PatientQuery) { q.Marks = append(q.Marks, store.MarkQuery{Kind: kind, Value: value}) }
	}

	history := func(q *store.PatientQuery) { q.History = true }
	given := func(p ...store.Pattern) func(*store.PatientQuery) {
		return func(q *store.PatientQuery) { q.Given = p }
	}

	born := func(from, to nhs.Date) func(*store.PatientQuery) {
		return func(q *store.PatientQuery) { q.Born = store.Span{From: from, To: to} }
	}

	died := func(from, to nhs.Date) func(*store.PatientQuery) {
		return func(q *store.PatientQuery) { q.Died = store.Span{From: from, To: to} }
	}

	for _, c := range []struct {
		name string
		q    store.PatientQuery
		want []nhs.Number
	}{
		{"by family and birth date", ask("example"), []nhs.Number{tess, tom}},
		{"not by part of the family", ask("exam"), nil},
		{"by a wildcard", ask("exa*"), []nhs.Number{tess, tom}},
		{"by two wildcards", ask("ex*m*e"), []nhs.Number{tess, tom}},
		{"not by a wildcard that ends otherwise", ask("ex*m"), nil},
		{"by a wildcard over any birth date", ask("exa*", born(day(1900, 1, 1), nhs.Date{})), []nhs.Number{tess, tom}},
		{"by an open end", ask("example", born(nhs.Date{}, day(2016, 3, 4))), []nhs.Number{tess, tom}},
		{"not the day before", ask("example", born(day(2016, 3, 1), day(2016, 3, 3))), nil},
		{"by gender", ask("example", func(q *store.PatientQuery) { q.Gender = "male" }), []nhs.Number{tom}},
		{"by a given name", ask("example", given("mary")), []nhs.Number{tess}},
		{"by two given names", ask("example", given("mary", "tess")), []nhs.Number{tess}},
		{"not by part of a given name", ask("example", given("mar")), nil},
		{"by a wildcard of the first given name", ask("example", given("te*")), []nhs.Number{tess}},
		{"not by one of the second", ask("example", given("ma*")), nil},
		{"by the day of death", ask("example", func(q *store.PatientQuery) {
			q.Died = store.Span{To: day(2026, 1, 1)}
		}), []nhs.Number{tess}},
		{"by a range of days of death", ask("example", died(day(2025, 12, 1), day(2026, 1, 31))), []nhs.Number{tess}},
		{"by the day of death and a wildcard", ask("exa*", died(day(2026, 1, 1), day(2026, 1, 1))), []nhs.Number{tess}},
		{"by the day of death over any birth date", ask("exa*", born(day(1900, 1, 1), nhs.Date{}),
			died(day(2026, 1, 1), nhs.Date{})), []nhs.Number{tess}},
		{
			"by the day of death, with history", ask("former", history, died(day(2026, 1, 1), day(2026, 1, 1))),
			[]nhs.Number{tess},
		},
		{"not before the day of death", ask("example", died(nhs.Date{}, day(2025, 12, 31))), nil},
		{"not after the day of death", ask("example", died(day(2026, 1, 2), nhs.Date{})), nil},
		{"not the living by a day of death", ask("example", given("tom"), died(day(1900, 1, 1), day(2100, 1, 1))), nil},
		{"not by a name that ended", ask("former"), nil},
		{"by a name that ended, with history", ask("former", history), []nhs.Number{tess}},
		{"by postcode, but nobody restricted", ask("example", mark(store.Postcode, "ls14ap")), []nhs.Number{tess}},
		{"by a wildcard of the postcode", ask("example", mark(store.Postcode, "ls*")), []nhs.Number{tess}},
		{"not by a postcode that ended", ask("example", mark(store.Postcode, "m11aa")), nil},
		{
			"by a postcode that ended, with history", ask("example", mark(store.Postcode, "m11aa"), history),
			[]nhs.Number{tess},
		},
		{"by phone, restricted or not", ask("example", mark(store.Phone, "01632")), []nhs.Number{tom}},
		{"not by a mark of another kind", ask("example", mark(store.Phone, "ls14ap")), nil},
		{"by e-mail to the letter", ask("example", mark(store.Email, "a_b@x.y")), []nhs.Number{tess}},
		{"not by e-mail as a pattern", ask("example", mark(store.Email, "acb@x.y")), nil},
		{"each once, however many names", ask("*", history), []nhs.Number{old, tess, tom}},
		{"one that was superseded, as it stands", ask("merged"), []nhs.Number{old}},
		{"but none that was invalidated", ask("wrong"), nil},
	} {
		found, err := b.FindPatients(b.ctx, c.q)
		must(t, err)
		var got []nhs.Number
		for _, p := range found {
			got = append(got, p.Number)
			if len(p.Body) == 0 || p.Confidential != (p.Number == tom) ||
				p.SupersededBy != map[nhs.Number]nhs.Number{old: tess}[p.Number] {
				t.Errorf("%s: got %+v, want body, restriction and superseding number as stored", c.name, p)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}

	few, err := b.FindPatients(b.ctx, ask("example", func(q *store.PatientQuery) { q.Limit = 1 }))
	must(t, err)
	if len(few) != 1 {
		t.Errorf("FindPatients with a limit of 1: got %d, want 1", len(few))
	}
}

// A partial birth date or date of death matches every day that it may stand for.
func partialDatesFitEveryDayInThem(t *testing.T, b *fixture) {
	born := func(n nhs.Number, d nhs.Date) store.Patient {
		p := person(n, "example")
		p.Keys.Born, p.Keys.Died = d, nhs.Date{Year: 2026}
		return p
	}

	must(t, b.PutPatients(b.ctx, []store.Patient{
		born(tess, day(2016, 3, 4)), born(tom, nhs.Date{Year: 2016, Month: 3}), born(old, nhs.Date{Year: 2016}),
		born(older, nhs.Date{}),
	}))

	for _, c := range []struct {
		from, to nhs.Date
		want     []nhs.Number
	}{
		{day(2016, 3, 4), day(2016, 3, 4), []nhs.Number{tess, tom, old}},
		{day(2016, 3, 1), day(2016, 3, 1), []nhs.Number{tom, old}},
		{day(2016, 3, 31), day(2016, 3, 31), []nhs.Number{tom, old}},
		{day(2016, 2, 29), day(2016, 2, 29), []nhs.Number{old}},
		{day(2016, 1, 1), day(2016, 1, 1), []nhs.Number{old}},
		{day(2016, 12, 31), day(2016, 12, 31), []nhs.Number{old}},
		{day(2015, 12, 31), day(2015, 12, 31), nil},
		{day(2017, 1, 1), day(2017, 1, 1), nil},
		{day(2016, 3, 10), day(2016, 3, 20), []nhs.Number{tom, old}},
		{day(2016, 2, 10), day(2016, 3, 4), []nhs.Number{tess, tom, old}},
		{day(2016, 4, 1), day(2016, 5, 1), []nhs.Number{old}},
		{day(2016, 12, 31), day(2018, 1, 1), []nhs.Number{old}},
		{day(2015, 1, 1), day(2016, 1, 1), []nhs.Number{old}},
		{day(2016, 3, 31), nhs.Date{}, []nhs.Number{tom, old}},
		{day(2017, 1, 1), nhs.Date{}, nil},
		{nhs.Date{}, day(2016, 3, 1), []nhs.Number{tom, old}},
		{nhs.Date{}, day(2016, 1, 1), []nhs.Number{old}},
		{nhs.Date{}, day(2015, 12, 31), nil},
	} {
		for _, family := range []store.Pattern{"example", "exa*"} {
			found, err := b.FindPatients(b.ctx, ask(family, func(q *store.PatientQuery) {
				q.Born, q.Died = store.Span{From: c.from, To: c.to},
					store.Span{From: day(2026, 5, 6), To: day(2026, 5, 6)}
			}))
			must(t, err)
			var got []nhs.Number
			for _, p := range found {
				got = append(got, p.Number)
			}
			want := slices.Sorted(slices.Values(c.want))
			if !slices.Equal(got, want) {
				t.Errorf("%s, born %s to %s: got %v, want %v", family, c.from.FHIR(), c.to.FHIR(), got, want)
			}
		}
	}
}

// A limit counts people, not the names by which they are found.
func patientsAreCountedOnce(t *testing.T, b *fixture) {
	everybody := []nhs.Number{older, old, tess, tom}
	slices.Sort(everybody)

	for _, n := range everybody {
		p := person(n, "example", "tess")
		for _, also := range []string{"exampled", "examplea", "exampleb"} {
			p.Keys.Names = append(p.Keys.Names, store.NameKey{Family: also, Given: []string{"tess"}})
		}
		must(t, b.PutPatients(b.ctx, []store.Patient{p}))
	}

	for limit := 1; limit <= 20; limit++ {
		found, err := b.FindPatients(b.ctx, ask("exa*", func(q *store.PatientQuery) { q.Limit = limit }))
		must(t, err)
		var got []nhs.Number
		for _, p := range found {
			got = append(got, p.Number)
		}
		if len(got) != min(limit, len(everybody)) || !slices.IsSorted(got) ||
			len(slices.Compact(slices.Clone(got))) != len(got) {
			t.Errorf("limit %d: got %v, want that many different patients in order", limit, got)
		}
	}
}

func patientsAreAllOrNone(t *testing.T, b *fixture) {
	if err := b.PutPatients(b.ctx, []store.Patient{person(tess, "example"), person("12", "example")}); err == nil {
		t.Fatal("PutPatients with a number of two digits succeeded, want error")
	}
	_, err := b.Patient(b.ctx, tess)
	mustBe(t, err, store.ErrNotFound)
}

func supersededAreListed(t *testing.T, b *fixture) {
	a, c := person(old, "example"), person(older, "example")
	a.SupersededBy, c.SupersededBy = tess, tess
	must(t, b.PutPatients(b.ctx, []store.Patient{person(tess, "example"), a, c}))
	got, err := b.Superseded(b.ctx, tess)
	must(t, err)
	if !slices.Equal(got, []nhs.Number{old, older}) {
		t.Errorf("Superseded = %v, want both old numbers", got)
	}
	p, err := b.Patient(b.ctx, old)
	must(t, err)
	if p.SupersededBy != tess {
		t.Errorf("Patient = %+v, want it superseded", p)
	}
	if none, err := b.Superseded(b.ctx, tom); err != nil || len(none) != 0 {
		t.Errorf("Superseded of a current record = %v, %v; want none", none, err)
	}
}
