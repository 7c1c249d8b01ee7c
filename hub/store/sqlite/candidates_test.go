package sqlite

import (
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// everyBlock returns blocks of each kind that the store supports.
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
		{FullName: store.FullName{Family: "smith", First: "john"}, Max: 2},
		{Postcode: "ls14ap"},
	}
}

// Each condition must be a range of one index that uses all known columns.
func TestAWiderSearchScansNothing(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close() //nolint:errcheck // the test is over

	const (
		day       = "SEARCH by_key USING PRIMARY KEY (key=? AND month_day=? AND year=?)"
		years     = "SEARCH by_key USING PRIMARY KEY (key=? AND month_day=? AND year>? AND year<?)"
		names     = "SEARCH by_names USING PRIMARY KEY (family=? AND year=? AND given=?)"
		first     = "SEARCH name_key USING COVERING INDEX name_by_born (born>?)"
		fullName  = "SEARCH name_key USING COVERING INDEX name_by_full_name (family=? AND first_given=?)"
		sought    = "SEARCH sought USING INTEGER PRIMARY KEY (rowid=?)"
		postcodes = "SEARCH by_postcode USING PRIMARY KEY (postcode=?)"
	)

	wants := [][]string{
		{years, day},
		{years, day},
		{names},
		{names},
		{first, first, names},
		{fullName, sought},
		{postcodes},
	}

	for i, b := range everyBlock(3) {
		query, args, err := candidatesSQL([]store.Block{b}, 10)
		if err != nil {
			t.Fatal(err)
		}
		searchesOnly(t, s, wants[i], query, args...)
	}

	searchesOnly(t, s, []string{"SEARCH mark USING PRIMARY KEY (number=? AND kind=?)"}, marksSQL, "[1]", `["postcode"]`)
	searchesOnly(t, s, []string{"SEARCH patient USING INTEGER PRIMARY KEY (rowid=?)"}, patientsSQL, "[1]")
}

// A date of death filters the matches of family name and birth date. It has no index of its own, and is in the index
// used, so that no row of the table is read.
func TestADateOfDeathIsNoWayIn(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close() //nolint:errcheck // the test is over
	const (
		byFamily = "SEARCH name_key USING COVERING INDEX name_by_family (family=? AND born>? AND born<?)"
		byPrefix = "SEARCH name_key USING COVERING INDEX name_by_family (family>? AND family<?)"
		byBorn   = "SEARCH name_key USING COVERING INDEX name_by_born (born>? AND born<?)"
		record   = "SEARCH patient USING INTEGER PRIMARY KEY (rowid=?)"
	)

	day := nhs.Date{Year: 2016, Month: 3, Day: 4}
	year := store.Span{From: day, To: day.AddDays(364)}
	for _, c := range []struct {
		q    store.PatientQuery
		want string
	}{
		{store.PatientQuery{Family: "smith", Born: year}, byFamily},
		{store.PatientQuery{Family: "sm*", Born: year}, byBorn},
		{store.PatientQuery{Family: "sm*", Born: store.Span{From: day, To: day.AddDays(3 * 366)}}, byPrefix},
	} {
		c.q.Today = day
		for _, died := range []store.Span{{}, {From: day, To: day}, {From: day}, {To: day}} {
			c.q.Died = died
			query, args := searchSQL(c.q, 51)
			searchesOnly(t, s, []string{c.want, record}, query, args...)
		}
	}
}

// searchesOnly checks that SQLite's query plan reads tables only in these ways, apart from lists and temporary
// results.
func searchesOnly(t *testing.T, s *Store, want []string, query string, args ...any) {
	t.Helper()
	plan, err := list(t.Context(), s.people.read, func(r *sql.Rows) (line string, err error) {
		var a, b, c int
		return line, r.Scan(&a, &b, &c, &line)
	}, "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatal(err)
	}

	var got []string
	for _, line := range plan {
		switch {
		case strings.HasPrefix(line, "SCAN") && (strings.Contains(line, "VIRTUAL TABLE") ||
			strings.HasPrefix(line, "SCAN (subquery") ||
			slices.Contains([]string{"SCAN years", "SCAN CONSTANT ROW"}, line)):
		case strings.HasPrefix(line, "SEARCH"), strings.HasPrefix(line, "SCAN"):
			got = append(got, line)
		}
	}

	if !slices.Equal(got, want) {
		t.Errorf("query plan of %s: got\n%s\nwant %s", query, strings.Join(plan, "\n"), strings.Join(want, "; "))
	}
}

// The length of a list must not change the text of the statement, because every statement is prepared and cached.
func TestAWiderSearchHasFewStatements(t *testing.T) {
	texts := make(map[string]bool)
	for days := 1; days <= 100; days++ {
		query, args, err := candidatesSQL(everyBlock(days), 10)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(query, "?") != len(args) {
			t.Errorf("got %d arguments for %s, want one for each ?", len(args), query)
		}
		texts[query] = true
	}
	if len(texts) > 3 { // single days; in addition a day in several years, or in more years than one stretch has
		t.Errorf("got %d different statements, want at most 3", len(texts))
	}
}

func TestStretchesOf(t *testing.T) {
	d := func(year, month, day int) nhs.Date { return nhs.Date{Year: year, Month: time.Month(month), Day: day} }
	var century []nhs.Date
	for year := 1920; year < 2020; year++ {
		century = append(century, d(year, 2, 29))
	}

	for _, c := range []struct {
		name      string
		days      []nhs.Date
		stretches []stretch
		single    []int
	}{
		{"no day", nil, nil, nil},
		{
			"days of one year and another",
			[]nhs.Date{d(2016, 3, 4), d(2016, 4, 3), d(2015, 3, 5)},
			nil,
			[]int{20160304, 20150305, 20160403},
		},
		{"a day twice", []nhs.Date{d(2016, 3, 4), d(2016, 3, 4)}, nil, []int{20160304}},
		{"partial days", []nhs.Date{d(2016, 0, 0), d(2016, 3, 0)}, nil, []int{20160000, 20160300}},
		{
			"years in any order",
			[]nhs.Date{d(2018, 3, 4), d(2016, 3, 4), d(2015, 3, 4)},
			[]stretch{{304, 2015, 2018, 0b1011}},
			nil,
		},
		{
			"as far apart as may be",
			[]nhs.Date{d(2000, 3, 4), d(2020, 3, 4)},
			[]stretch{{304, 2000, 2020, 1<<20 | 1}},
			nil,
		},
		{
			"too far apart",
			[]nhs.Date{d(1999, 3, 4), d(2020, 3, 4), d(2021, 3, 4)},
			[]stretch{{304, 2020, 2021, 0b11}},
			[]int{19990304},
		},
		{"more years than bits", century, []stretch{{229, 1920, 1982, 1<<63 - 1}, {229, 1983, 2019, 1<<37 - 1}}, nil},
	} {
		stretches, single := stretchesOf(c.days)
		if !slices.Equal(stretches, c.stretches) || !slices.Equal(single, c.single) {
			t.Errorf("%s: got %+v and %v, want %+v and %v", c.name, stretches, single, c.stretches, c.single)
		}
	}
}

// SQLite re-prepares a statement for each value of a bare LIKE ? or LIMIT ?, which takes longer than the search.
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
			t.Error("PutPatients succeeded, want error")
		}
		if _, err := s.Patient(t.Context(), all[0].Number); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Patient after the failed PutPatients: got error %v, want ErrNotFound", err)
		}
	}
}
