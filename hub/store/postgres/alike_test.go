package postgres

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/url"
	"reflect"
	"slices"
	"testing"

	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/hub/trace"
	"wardlight/internal/bench/corrupt"
	"wardlight/internal/fhir"
	"wardlight/internal/lab/people"
	"wardlight/internal/nhs"
)

var today = nhs.Date{Year: 2026, Month: 7, Day: 15}

// both is a SQLite store and a PostgreSQL store whose results are compared.
type both struct {
	sqlite   *sqlite.Store
	postgres *Store
}

func newBoth(t *testing.T) both {
	t.Helper()
	b := both{postgres: open(t, place(t))}
	var err error
	if b.sqlite, err = sqlite.Open(t.Context(), t.TempDir()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.sqlite.Close() })
	return b
}

// each runs do with both stores.
func (b both) each(t *testing.T, do func(store.Store) error) {
	t.Helper()
	for _, s := range []store.Store{b.sqlite, b.postgres} {
		if err := do(s); err != nil {
			t.Fatalf("%T: %v", s, err)
		}
	}
}

// alike calls ask with both stores and fails the test if the results differ.
func alike[T any](t *testing.T, b both, what any, ask func(store.Store) (T, error)) T {
	t.Helper()
	want, err := ask(b.sqlite)
	got, err2 := ask(b.postgres)
	if err != nil || err2 != nil {
		t.Fatalf("%+v:\nsqlite: %v\npostgres: %v", what, err, err2)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v:\nsqlite returned %+v\npostgres returned %+v", what, want, got)
	}
	return want
}

// crowd stores generated patients in both stores, some with an e-mail address that contains special characters of
// LIKE.
func crowd(t *testing.T, b both, r *rand.Rand) (records []store.Patient, documents []fhir.Patient) {
	t.Helper()

	for p := range people.Seeded(people.Options{Seed: 11, Count: 500, Today: today}) {
		record, err := trace.Record(&p.Patient)
		if err != nil {
			t.Fatal(err)
		}

		if r.IntN(5) == 0 {
			address := []string{
				"a_b@x.example", "acb@x.example", "a%b@x.example", `a\b@x.example`,
				"ab@x.example",
			}[r.IntN(5)]
			record.Keys.Marks = append(record.Keys.Marks, store.Mark{
				Kind: store.Email, Value: address,
				Ends: sometimes(r, today.AddDays(-30)),
			})
		}

		for _, related := range p.Related {
			body, err := json.Marshal(related)
			if err != nil {
				t.Fatal(err)
			}
			record.Related = append(record.Related, body)
		}

		record.Invalidated = r.IntN(200) == 0
		if len(records) > 0 && r.IntN(100) == 0 {
			record.SupersededBy = records[r.IntN(len(records))].Number
		}

		records, documents = append(records, record), append(documents, p.Patient)
	}

	b.each(t, func(s store.Store) error { return s.PutPatients(t.Context(), records) })
	again := records[:len(records)/10] // these replace the first ones
	b.each(t, func(s store.Store) error { return s.PutPatients(t.Context(), append(slices.Clone(again), again...)) })
	return records, documents
}

func sometimes(r *rand.Rand, d nhs.Date) nhs.Date {
	if r.IntN(2) == 0 {
		return nhs.Date{}
	}
	return d
}

// wild inserts a wildcard into a text, usually at its end.
func wild(r *rand.Rand, text string) store.Pattern {
	letters := []rune(text)
	if len(letters) < 3 || r.IntN(3) > 0 {
		return store.Pattern(text)
	}
	at := 1 + r.IntN(len(letters)-1)
	if r.IntN(3) == 0 {
		return store.Pattern(string(letters[:at]) + "*" + string(letters[min(at+1, len(letters)):]))
	}
	return store.Pattern(string(letters[:at]) + "*")
}

// search returns a query that matches this patient and perhaps others.
func search(r *rand.Rand, p store.Patient) store.PatientQuery {
	name := p.Keys.Names[r.IntN(len(p.Keys.Names))]
	q := store.PatientQuery{
		Family: wild(r, name.Family), Born: store.Span{From: p.Keys.Born, To: p.Keys.Born}, History: r.IntN(2) == 0,
		Today: today, Limit: 10_000,
	}

	switch r.IntN(4) {
	case 0:
		q.Born = store.Span{From: p.Keys.Born.AddDays(-r.IntN(4000)), To: p.Keys.Born.AddDays(r.IntN(4000))}
	case 1:
		q.Born = store.Span{From: p.Keys.Born.AddDays(-r.IntN(400))}
	case 2:
		q.Born = store.Span{To: p.Keys.Born.AddDays(r.IntN(400))}
	}

	for _, g := range name.Given {
		if r.IntN(3) == 0 {
			q.Given = append(q.Given, wild(r, g))
		}
	}

	if r.IntN(3) == 0 {
		q.Gender = p.Keys.Gender
	}

	if !p.Keys.Died.IsZero() && r.IntN(2) == 0 {
		q.Died = store.Span{From: p.Keys.Died.AddDays(-r.IntN(2000))}
	}

	for _, m := range p.Keys.Marks {
		if r.IntN(5) == 0 {
			q.Marks = append(q.Marks, store.MarkQuery{Kind: m.Kind, Value: wild(r, m.Value)})
		}
	}

	return q
}

func TestBothStoresKeepTheSamePeople(t *testing.T) {
	b := newBoth(t)
	records, documents := crowd(t, b, rand.New(rand.NewPCG(1, 2)))
	t.Run("found", func(t *testing.T) { findAlike(t, b, records) })
	t.Run("taken in", func(t *testing.T) { takeInAlike(t, b, records) })
	t.Run("traced", func(t *testing.T) { traceAlike(t, b, records, documents) })
	t.Run("read", func(t *testing.T) { readAlike(t, b, records) })
}

func findAlike(t *testing.T, b both, records []store.Patient) {
	r := rand.New(rand.NewPCG(9, 10))
	found := 0
	for range 300 {
		q := search(r, records[r.IntN(len(records))])
		got := alike(t, b, q, func(s store.Store) ([]store.Patient, error) { return s.FindPatients(t.Context(), q) })
		found += min(len(got), 1)
	}
	if found < 150 {
		t.Errorf("%d of 300 searches found a patient, want at least 150", found)
	}
	for _, value := range []store.Pattern{"a_b*", "a%b*", `a\b*`, "a*@x.example", "a\x00b", "a\x00*", "\xff*"} {
		q := store.PatientQuery{
			Family: "*", Born: store.Span{From: nhs.Date{Year: 1900, Month: 1, Day: 1}}, History: true, Today: today,
			Limit: 10_000,
			Marks: []store.MarkQuery{{Kind: store.Email, Value: value}},
		}
		alike(t, b, q, func(s store.Store) ([]store.Patient, error) { return s.FindPatients(t.Context(), q) })
	}
}

func readAlike(t *testing.T, b both, records []store.Patient) {
	for _, p := range records[:100] {
		n := p.Number
		alike(t, b, n, func(s store.Store) (store.Patient, error) { return s.Patient(t.Context(), n) })
		alike(t, b, n, func(s store.Store) ([][]byte, error) { return s.RelatedPersons(t.Context(), n) })
		alike(t, b, n, func(s store.Store) ([]nhs.Number, error) { return s.Superseded(t.Context(), n) })
		alike(t, b, n, func(s store.Store) (map[nhs.Number][]store.Mark, error) {
			marks, err := s.Marks(t.Context(), []nhs.Number{n}, []store.MarkKind{
				store.Postcode, store.Practice,
				store.Email, store.Phone,
			})
			for _, m := range marks { // the order is not defined
				slices.SortFunc(m, func(a, b store.Mark) int {
					return slices.Compare([]string{string(a.Kind), a.Value}, []string{string(b.Kind), b.Value})
				})
			}
			return marks, err
		})
	}
}

func takeInAlike(t *testing.T, b both, records []store.Patient) {
	r := rand.New(rand.NewPCG(3, 4))
	taken := 0
	for range 200 {
		var blocks []store.Block
		for range 1 + r.IntN(4) {
			p := records[r.IntN(len(records))]
			name, near := p.Keys.Names[r.IntN(len(p.Keys.Names))], p.Keys.Near[r.IntN(len(p.Keys.Near))]
			sound := name.Sounds[r.IntN(len(name.Sounds))]
			days := []nhs.Date{p.Keys.Born, p.Keys.Born.AddDays(r.IntN(60))}
			blocks = append(blocks, []store.Block{
				{Days: days, Keys: []string{sound.Given, "a\x00"}},
				{Days: days, Keys: []string{sound.Family, "z999"}, Ends: near.Ends & -near.Ends},
				{
					Days: append(days, nhs.Date{Year: days[0].Year}), Keys: []string{near.Key},
					Ends: store.Ends(r.Int64N(1 << 54)),
				},
				{
					Born: store.Span{From: p.Keys.Born.AddDays(-40), To: p.Keys.Born.AddDays(40)}, Around: days[1],
					Family: []string{sound.Family}, Given: []string{sound.Given},
				},
				{FullName: store.FullName{Family: name.Family, First: name.Given[0]}, Max: 10_000},
				{
					Born:   store.Span{From: p.Keys.Born.AddDays(-400), To: sometimes(r, p.Keys.Born.AddDays(400))},
					Family: []string{sound.Family}, Given: []string{sound.Given},
				},
				{Postcode: "ls14ap\x00"},
			}[r.IntN(7)])

			if len(p.Keys.Marks) > 0 && p.Keys.Marks[0].Kind == store.Postcode {
				blocks = append(blocks, store.Block{Postcode: p.Keys.Marks[0].Value})
			}
		}

		got := alike(t, b, blocks, func(s store.Store) ([]store.Candidate, error) {
			return s.Candidates(t.Context(), blocks, 10_000)
		})

		taken += min(len(got), 1)
	}

	if taken < 120 {
		t.Errorf("%d of 200 blocks selected a patient, want at least 120", taken)
	}
}

func traceAlike(t *testing.T, b both, records []store.Patient, documents []fhir.Patient) {
	r := rand.New(rand.NewPCG(5, 6))
	services := map[bool]*trace.Service{false: trace.New(b.sqlite), true: trace.New(b.postgres)}
	kinds := corrupt.Kinds()
	asked, listed := 0, 0
	for try := 0; asked < 300 && try < 20_000; try++ {
		i := r.IntN(len(records))
		typed, ok := kinds[try%len(kinds)].Type(r, &documents[i])
		if !ok {
			continue
		}

		v := url.Values{"family": {typed.Family}, "given": {typed.Given}, "birthdate": {"eq" + typed.Born.FHIR()}}
		v.Set("_fuzzy-match", []string{"true", "false"}[asked%2])
		if typed.Postcode != "" {
			v.Set("address-postalcode", typed.Postcode)
		}

		if typed.Gender != "" {
			v.Set("gender", typed.Gender)
		}

		q, err := trace.ParseQuery(v, today)
		if err != nil {
			t.Fatal(err)
		}

		asked++

		rows := alike(t, b, v, func(s store.Store) ([]trace.Row, error) {
			rows, err := services[s == store.Store(b.postgres)].Search(t.Context(), q)
			if errors.Is(err, trace.ErrTooMany) {
				return []trace.Row{{Number: "too many"}}, nil
			}
			return rows, err
		})

		listed += min(len(rows), 1)
	}

	if asked < 300 || listed < 100 {
		t.Errorf("got %d searches and %d with rows, want at least 300 and 100", asked, listed)
	}
}
