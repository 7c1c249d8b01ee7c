package sqlite

import (
	"database/sql"
	"errors"
	"strings"
	"testing"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// everyBlock has the blocks that a store serves.
func everyBlock(days int) []store.Block {
	var all []nhs.Date
	for i := range days {
		all = append(all, nhs.Date{Year: 2016 - i, Month: 3, Day: 4 + min(i, 1)})
	}
	sounds := []string{"s530", "j520", "x000"}[:min(3, days)]
	return []store.Block{
		{Days: all, Keys: sounds},
		{Days: all, Keys: sounds, Ends: 5},
		{Born: store.Span{From: all[0], To: all[0].AddDays(9)}, Family: sounds, Given: sounds},
		{Born: store.Span{From: all[0], To: all[0].AddDays(9)}, Around: all[0], Family: sounds, Given: sounds},
		{Born: store.Span{From: all[0]}, Family: sounds, Given: sounds},
		{FullName: store.FullName{Family: "smith", First: "john"}, Most: 2},
		{Postcode: "ls14ap"},
	}
}

func TestAWiderSearchScansNothing(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close() //nolint:errcheck // the test is over
	for _, b := range everyBlock(3) {
		query, args, err := candidatesSQL([]store.Block{b}, 10)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := list(t.Context(), s.people.read, func(r *sql.Rows) (line string, err error) {
			var a, b, c int
			return line, r.Scan(&a, &b, &c, &line)
		}, "EXPLAIN QUERY PLAN "+query, args...)
		if err != nil {
			t.Fatal(err)
		}
		searched := 0
		for _, line := range plan {
			switch {
			case strings.HasPrefix(line, "SEARCH "):
				searched++
			case strings.HasPrefix(line, "SCAN by_"), strings.HasPrefix(line, "SCAN name_key"), strings.HasPrefix(line, "SCAN sought"):
				t.Errorf("%+v:\n%s", b, strings.Join(plan, "\n"))
			}
		}
		if searched == 0 {
			t.Errorf("%+v:\n%s", b, strings.Join(plan, "\n"))
		}
	}
}

// A list that is longer must not be another statement: each is prepared and kept.
func TestAWiderSearchHasFewStatements(t *testing.T) {
	texts := make(map[string]bool)
	for days := 1; days <= 100; days++ {
		query, args, err := candidatesSQL(everyBlock(days), 10)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(query, "?") != len(args) {
			t.Errorf("%d arguments for %s", len(args), query)
		}
		texts[query] = true
	}
	if len(texts) > 3 { // days in one year, a day in several, and both
		t.Errorf("%d statements", len(texts))
	}
}

// SQLite prepares a statement anew for each value of a bare LIKE ? or LIMIT ?, which takes longer than the search.
func TestNoSearchIsPreparedForItsValues(t *testing.T) {
	day := nhs.Date{Year: 2016, Month: 3, Day: 4}
	query, _ := searchSQL(store.PatientQuery{
		Family: "sm*", Given: []store.Pattern{"tess", "ma*"}, Born: store.Span{From: day, To: day},
		Marks: []store.MarkQuery{{Kind: store.Postcode, Value: "ls*"}},
	}, 51)
	candidates, _, err := candidatesSQL(everyBlock(3), 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{query, candidates} {
		if strings.Contains(q, "LIKE ?") || strings.Contains(q, "LIMIT ?") {
			t.Error(q)
		}
	}
}

func TestANameThatWouldBreakItsLineIsRefused(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close() //nolint:errcheck // the test is over
	for _, change := range []func(*store.Patient){
		func(p *store.Patient) { p.Keys.Names[0].Spelt = "example\ttess" },
		func(p *store.Patient) { p.Keys.Gender = "fe\nmale" },
		func(p *store.Patient) { p.Keys.Names[0].Sounds[0].Family = "a\n251" },
		func(p *store.Patient) { p.Keys.Near[0].Key = "a 251" },
		func(p *store.Patient) { p.Keys.Near[0].Key = "" },
	} {
		all := people(2)
		change(&all[0])
		if err := s.PutPatients(t.Context(), all); err == nil {
			t.Error("was put")
		}
		if _, err := s.Patient(t.Context(), all[0].Number); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("is there: %v", err)
		}
	}
}
