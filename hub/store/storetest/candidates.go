package storetest

import (
	"slices"
	"testing"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

func candidatesAreTakenIn(t *testing.T, b *bench) {
	spelt := func(p store.Patient, spelt string, ends nhs.Date, sounds ...store.Sound) store.Patient {
		p.Keys.Names = append(p.Keys.Names, store.NameKey{Family: spelt, Spelt: spelt, Ends: ends, Sounds: sounds})
		return p
	}
	nameless := func(n nhs.Number) store.Patient {
		p := person(n, "")
		p.Keys.Names = nil
		return p
	}
	first := spelt(nameless(tess), "example tess", nhs.Date{}, store.Sound{Family: "a251", Given: "t200"}, store.Sound{Family: "a251", Given: "m600"})
	first = spelt(first, "former tess", day(2020, 1, 1), store.Sound{Family: "f656", Given: "t200"})
	first.Keys.Died = day(2026, 1, 1)
	first.Keys.Marks = append(first.Keys.Marks, store.Mark{Kind: store.Postcode, Value: "m11aa", Ends: day(2020, 1, 1)})
	second := spelt(nameless(tom), "other tom", nhs.Date{}, store.Sound{Family: "a360", Given: "t500"})
	second.Confidential = true
	second.Keys.Born, second.Keys.Marks, second.Keys.Gender = day(2016, 4, 3), nil, ""
	gone, wrong := first, first
	gone.Number, gone.SupersededBy = old, tess
	gone.Keys.Born, gone.Keys.Marks = day(2001, 2, 3), nil
	wrong.Number, wrong.Invalidated = older, true
	must(t, b.PutPatients(b.ctx, []store.Patient{first, second, gone, wrong}))

	march, april := day(2016, 3, 4), day(2016, 4, 3)
	year := store.Span{From: day(2016, 1, 1), To: day(2016, 12, 31)}
	for _, c := range []struct {
		name   string
		blocks []store.Block
		want   []nhs.Number
	}{
		{"a birth date", []store.Block{{Days: []nhs.Date{march}}}, []nhs.Number{tess}},
		{"several birth dates", []store.Block{{Days: []nhs.Date{march, april, day(2017, 1, 1)}}}, []nhs.Number{tess, tom}},
		{"a birth date and a family sound", []store.Block{{Days: []nhs.Date{march, april}, Either: []string{"x000", "a360"}}}, []nhs.Number{tom}},
		{"a birth date and a former family's sound", []store.Block{{Days: []nhs.Date{march}, Either: []string{"f656"}}}, []nhs.Number{tess}},
		{"a birth date and the sound of a second given name", []store.Block{{Days: []nhs.Date{march}, Either: []string{"m600"}}}, []nhs.Number{tess}},
		{"a birth date and either's sound", []store.Block{{Days: []nhs.Date{march}, Either: []string{"a251", "t200"}}}, []nhs.Number{tess}},
		{"not a sound of another day", []store.Block{{Days: []nhs.Date{april, day(2015, 3, 4)}, Either: []string{"t200"}}}, nil},
		{"both sounds in a year", []store.Block{{Born: year, Family: []string{"a251"}, Given: []string{"t200", "q000"}}}, []nhs.Number{tess}},
		{"both sounds, but of two people", []store.Block{{Born: year, Family: []string{"a251"}, Given: []string{"t500"}}}, nil},
		{"both sounds from a day on", []store.Block{{Born: store.Span{From: april}, Family: []string{"a251", "a360"}, Given: []string{"t200", "t500"}}}, []nhs.Number{tom}},
		{"both sounds up to a day", []store.Block{{Born: store.Span{To: march}, Family: []string{"a251", "a360"}, Given: []string{"t200", "t500"}}}, []nhs.Number{old, tess}},
		{"both sounds in years when nobody was born", []store.Block{{Born: store.Span{From: day(2020, 1, 1)}, Family: []string{"a251"}, Given: []string{"t200"}}}, nil},
		{"not both sounds changed over", []store.Block{{Born: year, Family: []string{"t200"}, Given: []string{"a251"}}}, nil},
		{"one that was superseded, as it stands", []store.Block{{Days: []nhs.Date{day(2001, 2, 3)}}}, []nhs.Number{old}},
		{"a postcode", []store.Block{{Postcode: "ls14ap"}}, []nhs.Number{tess}},
		{"a former postcode", []store.Block{{Postcode: "m11aa"}}, []nhs.Number{tess}},
		{"two blocks, each person once", []store.Block{{Days: []nhs.Date{march}}, {Days: []nhs.Date{april}}, {Postcode: "ls14ap"}}, []nhs.Number{tess, tom}},
		{"no block", nil, nil},
	} {
		got, err := b.Candidates(b.ctx, c.blocks, 10)
		must(t, err)
		var numbers []nhs.Number
		for _, one := range got {
			numbers = append(numbers, one.Number)
		}
		if !slices.Equal(numbers, c.want) {
			t.Errorf("%s: %v, want %v", c.name, numbers, c.want)
		}
	}
	all, err := b.Candidates(b.ctx, []store.Block{{Days: []nhs.Date{march, april}}}, 10)
	must(t, err)
	if one := all[0]; one.Confidential || one.Gender != "female" || one.Born != march || one.Died != day(2026, 1, 1) ||
		!slices.Equal(one.Names, []store.SpeltName{{Spelt: "example tess"}, {Spelt: "former tess", Ends: day(2020, 1, 1)}}) {
		t.Errorf("%+v", one)
	}
	if other := all[1]; !other.Confidential || other.Gender != "" || !other.Died.IsZero() || len(other.Names) != 1 {
		t.Errorf("%+v", other)
	}
	if few, err := b.Candidates(b.ctx, []store.Block{{Days: []nhs.Date{march, april}}}, 1); err != nil || len(few) != 1 {
		t.Errorf("%d with a limit of one, %v", len(few), err)
	}
	if _, err := b.Candidates(b.ctx, []store.Block{{}}, 10); err == nil {
		t.Error("a block that asks for nothing took somebody in")
	}

	marks, err := b.Marks(b.ctx, []nhs.Number{tess, tom, old})
	must(t, err)
	if len(marks[tess]) != 2 || len(marks[tom]) != 0 || len(marks[old]) != 0 {
		t.Errorf("marks %v", marks)
	}
	for _, m := range marks[tess] {
		if m.Kind != store.Postcode || (m.Value == "ls14ap") != m.Ends.IsZero() {
			t.Errorf("mark %+v", m)
		}
	}

	must(t, b.PutPatients(b.ctx, []store.Patient{spelt(nameless(tess), "changed tess", nhs.Date{}, store.Sound{Family: "c523", Given: "t200"})}))
	if was, err := b.Candidates(b.ctx, []store.Block{{Days: []nhs.Date{march}, Either: []string{"a251", "f656"}}}, 10); err != nil || len(was) != 0 {
		t.Errorf("a replaced patient is found as before: %v, %v", was, err)
	}
}

func relatedPersonsAreKept(t *testing.T, b *bench) {
	p := person(tess, "example")
	p.Related = [][]byte{[]byte(`{"id":"R2"}`), []byte(`{"id":"R1"}`)}
	must(t, b.PutPatients(b.ctx, []store.Patient{p, person(tom, "example")}))
	got, err := b.RelatedPersons(b.ctx, tess)
	must(t, err)
	if len(got) != 2 || string(got[0]) != `{"id":"R2"}` || string(got[1]) != `{"id":"R1"}` {
		t.Errorf("%s", got)
	}
	for _, n := range []nhs.Number{tom, old} {
		if none, err := b.RelatedPersons(b.ctx, n); err != nil || len(none) != 0 {
			t.Errorf("%s: %s, %v", n, none, err)
		}
	}
	p.Related = p.Related[1:]
	must(t, b.PutPatients(b.ctx, []store.Patient{p}))
	if got, err := b.RelatedPersons(b.ctx, tess); err != nil || len(got) != 1 {
		t.Errorf("after the patient was replaced: %s, %v", got, err)
	}
}
