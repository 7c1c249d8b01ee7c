package trace

import (
	"math/rand/v2"
	"net/url"
	"testing"

	"wardlight/hub/store"
	"wardlight/internal/bench/corrupt"
	"wardlight/internal/lab/people"
	"wardlight/internal/nhs"
)

// weighed returns the comparison of a patient with a query.
func weighed(t *testing.T, v variants, p store.Patient, typed url.Values) scored {
	t.Helper()
	q, err := ParseQuery(typed, nhs.Date{Year: 2026, Month: 7, Day: 15})
	if err != nil {
		t.Fatal(err)
	}
	c := store.Candidate{Number: p.Number, Gender: p.Keys.Gender, Born: p.Keys.Born, Died: p.Keys.Died}
	for _, n := range p.Keys.Names {
		c.Names = append(c.Names, store.SpeltName{Spelt: n.Spelt, Ends: n.Ends})
	}
	r := newResemblance(q, v)
	s := r.compare(&c)
	if len(q.Marks) > 0 {
		r.weigh(&s, p.Keys.Marks, false)
	}
	return s
}

func count(fit [pairs]bool) (n int) {
	for _, fits := range fit {
		if fits {
			n++
		}
	}
	return n
}

// A matching additional detail must never lower a score, and a wrong postcode must not remove anybody who is found
// without it.
func TestWhatIsAskedBesides(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	v := readVariants(diminutives)
	good := 0
	var names corrupt.Names
	for p := range people.Seeded(people.Options{Seed: 5, Count: 3000, Today: nhs.Date{Year: 2026, Month: 7, Day: 15}}) {
		record, err := Record(&p.Patient)
		if err != nil {
			t.Fatal(err)
		}

		name := p.Patient.Name[0]
		names.Family, names.Given = append(names.Family, name.Family), append(names.Given, name.Given[0])
		record.Keys.Marks = append(record.Keys.Marks, store.Mark{
			Kind: store.Postcode, Value: "m11aa",
			Ends: nhs.Date{Year: 2020, Month: 1, Day: 1},
		})

		typed := corrupt.Typed{Family: name.Family, Given: name.Given[0], Born: record.Keys.Born}
		corrupt.Heavily(r, &typed, names)
		if typed.Family == "" || typed.Given == "" || typed.Born.IsZero() {
			continue
		}

		base := url.Values{
			"_fuzzy-match": {"true"}, "family": {typed.Family}, "given": {typed.Given},
			"birthdate": {"eq" + typed.Born.FHIR()},
		}

		with := func(field, value string) url.Values {
			more := url.Values{field: {value}}
			for k, values := range base {
				more[k] = append(values[:len(values):len(values)], more[k]...)
			}
			return more
		}

		weaker := weighed(t, v, record, base)
		if weaker.good() {
			good++
		}

		right := map[string]url.Values{
			"postcode":        with("address-postalcode", p.Patient.Address[0].PostalCode),
			"former postcode": with("address-postalcode", "M1 1AA"),
			"practice":        with("general-practitioner", p.Patient.GeneralPractitioner[0].Identifier.Value),
		}

		if g := p.Patient.Gender; g != "" {
			right["gender"] = with("gender", g)
		}

		for what, query := range right {
			if more := weighed(t, v, record, query); more.score < weaker.score || weaker.good() && !more.good() {
				t.Errorf("%+v for %s %v: got score %v with the %s, want at least %v", typed, name.Family, name.Given,
					more.score, what, weaker.score)
			}
		}

		for what, query := range map[string]url.Values{
			"postcode": with("address-postalcode", "ZE1 0AA"),
			"practice": with("general-practitioner", "A99"),
		} {
			if more := weighed(t, v, record, query); weaker.good() && (!more.good() || more.score < minScore) ||
				count(more.fitting()) < count(weaker.fitting()) {
				t.Errorf("%+v for %s %v: got score %v with a wrong %s, without it %v; want the row still listed",
					typed, name.Family, name.Given, more.score, what, weaker.score)
			}
		}
	}

	if good < 2000 {
		t.Errorf("got %d good rows, want at least 2000", good)
	}
}

// The date of death in a query affects the order of the rows, but not which rows match (PDS FHIR R4 API, death-date).
func TestADateOfDeathCountsInTheScoreAlone(t *testing.T) {
	v := readVariants(diminutives)
	died := nhs.Date{Year: 2024, Month: 5, Day: 6}
	for i, c := range []struct {
		family, given, born string // what is typed for the first record
		postcode            string
	}{
		{"Example", "Tess", "2010-10-22", ""},
		{"Example", "Xq", "2010-10-22", ""},
		{"Exampel", "Tess", "2010-10-23", ""},
		{"Example", "Tess", "1950-01-05", ""},
		{"Example", "Xq", "2010-10-22", "ZE1 0AA"},
		{"Exmple", "Xq", "2010-10-22", "ls14ap"},
		{"Zennor", "Una", "2010-10-22", ""},
	} {
		typed := url.Values{"_fuzzy-match": {"true"}, "family": {c.family}, "given": {c.given}, "birthdate": {c.born}}
		if c.postcode != "" {
			typed.Set("address-postalcode", c.postcode)
		}

		record := store.Patient{Number: "9990000018", Keys: store.Keys{
			Born:  nhs.Date{Year: 2010, Month: 10, Day: 22},
			Names: []store.NameKey{{Family: "example", Given: []string{"tess"}, Spelt: "example tess"}},
			Marks: []store.Mark{{Kind: store.Postcode, Value: "ls14ap"}},
		}}

		dead := record
		dead.Keys.Died = died
		without := weighed(t, v, record, typed)
		typed["death-date"] = []string{"2024-05-06"}
		living, right := weighed(t, v, record, typed), weighed(t, v, dead, typed)
		typed["death-date"] = []string{"ge1990-01-01", "le1999-12-31"}
		if c.born != "1950-01-05" {
			typed["death-date"] = []string{"ge2012-01-01", "le2012-12-31"}
		}

		wrong := weighed(t, v, dead, typed)
		for what, with := range map[string]scored{"the living": living, "the right date": right, "a wrong one": wrong} {
			if with.good() != without.good() || with.baseScore != without.baseScore ||
				with.fitting() != without.fitting() {
				t.Errorf("%d: with %s got %+v, want the same match as without, %+v", i, what, with, without)
			}
		}

		if right.score < without.score || right.score <= living.score && living.score > minScore ||
			wrong.score >= right.score && wrong.score > minScore {
			t.Errorf("%d: score with right date %v, wrong %v, living %v, none %v; want the right one first",
				i, right.score, wrong.score, living.score, without.score)
		}
	}
}

// A single typing error leaves one end of a name unchanged, and few unrelated names share an end.
func TestEndsOfNames(t *testing.T) {
	for _, pair := range [][2]string{
		{"noah", "naoh"},
		{"robyn", "tobyn"},
		{"robyn", "roby"},
		{"hallgate", "hallgaye"},
		{"luca", "lufa"},
		{"ann", "anna"},
		{"li", "lii"},
		{"李", "李"},
	} {
		if endsOf(pair[0])&endsOf(pair[1]) == 0 {
			t.Errorf("%s and %s share no end, want a shared one", pair[0], pair[1])
		}
	}

	if endsOf("") != 0 || endsOf("tess") < 0 || allEnds < 0 || endsOf("tess")&allEnds != endsOf("tess") {
		t.Error("endsOf returned a value that a store can't compare")
	}

	shared, all := 0, 0
	var names []string
	for p := range people.Seeded(people.Options{Seed: 5, Count: 400, Today: nhs.Date{Year: 2026, Month: 7, Day: 15}}) {
		names = append(names, Fold(p.Patient.Name[0].Family))
	}

	for i, a := range names {
		for _, b := range names[:i] {
			if a != b {
				all++
				if endsOf(a)&endsOf(b) != 0 {
					shared++
				}
			}
		}
	}

	if shared*3 > all {
		t.Errorf("%d of %d pairs of unrelated names share an end, want at most a third", shared, all)
	}
}

// bestName compares every name of a candidate in both orders, without shortcuts.
func (r *comparison) bestName(c *store.Candidate) (family, given float64) {
	best := -1.0
	for _, n := range c.Names {
		stored := readSpelling(n.Spelt, nil)
		for _, order := range []struct {
			asked  spelling
			counts float64
		}{{r.q.asked, 1}, {r.turned, exchanged}} {
			if ended(n.Ends, r.q.Today) {
				order.counts *= formerly
			}
			f, g := r.v.familyLikeness(order.asked.family, stored.family), r.v.givenLikeness(order.asked.given,
				stored.given)
			if stored.family.whole == "" {
				f, g = r.v.onlyName(&order.asked, &stored)
			}
			if sum := order.counts * (weightFamily*f + weightGiven*g); sum > best {
				best, family, given = sum, order.counts*f, order.counts*g
			}
		}
	}

	return family, given
}

// What compare skips can't affect the rows: for every match, it returns the same names as bestName.
func TestCompare_NothingThatMattersIsLeftOut(t *testing.T) {
	today := nhs.Date{Year: 2026, Month: 7, Day: 15}
	r := rand.New(rand.NewPCG(7, 11))
	v := readVariants(diminutives)
	var candidates []store.Candidate
	var typed []corrupt.Typed
	kinds := corrupt.Kinds()
	for p := range people.Seeded(people.Options{Seed: 9, Count: 1200, Today: today}) {
		k, err := Record(&p.Patient)
		if err != nil {
			t.Fatal(err)
		}
		c := store.Candidate{Number: k.Number, Gender: k.Keys.Gender, Born: k.Keys.Born}
		for _, n := range k.Keys.Names {
			c.Names = append(c.Names, store.SpeltName{Spelt: n.Spelt, Ends: n.Ends})
		}
		candidates = append(candidates, c)
		if one, ok := kinds[len(candidates)%len(kinds)].Type(r, &p.Patient); ok && len(candidates)%4 == 0 {
			typed = append(typed, one)
		}
	}

	good, fit := 0, 0
	for _, one := range typed {
		q, err := ParseQuery(url.Values{
			"_fuzzy-match": {"true"}, "family": {one.Family}, "given": {one.Given},
			"birthdate": {"eq" + one.Born.FHIR()},
		}, today)
		if err != nil {
			t.Fatal(err)
		}

		compared := newResemblance(q, v)
		for i := range candidates {
			c := candidates[i]
			switch i % 3 { // random birth dates would leave too few matches to compare
			case 0:
				c.Born = one.Born
			case 1:
				c.Born = one.Born.AddDays(1)
			}

			got := compared.compare(&c)
			want := got
			want.family, want.given = compared.bestName(&c)
			sum := weightFamily*want.family + weightGiven*want.given + weightBirth*want.birth
			want.baseScore = round(sum / (weightFamily + weightGiven + weightBirth))
			want.mean, want.score = want.baseScore, want.baseScore
			want.demote()
			if got.good() != want.good() || got.fitting() != want.fitting() {
				t.Fatalf("%+v and %+v: got good %v, fitting %v; want %v, %v", one, c, got.good(), got.fitting(),
					want.good(), want.fitting())
			}

			if fits := got.fitting() != [pairs]bool{}; got.good() || fits {
				if got.score != want.score || got.family != want.family || got.given != want.given {
					t.Fatalf("%+v and %+v: got %v, %v, %v; want %v, %v, %v", one, c, got.score, got.family, got.given,
						want.score, want.family, want.given)
				}
				good++
				if fits {
					fit++
				}
			}
		}
	}

	if good < 1000 || fit < 1000 {
		t.Errorf("got %d good rows and %d with a fitting pair, want at least 1000 of each", good, fit)
	}
}
