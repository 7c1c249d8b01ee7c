package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// Candidates gives everybody whom one of the blocks takes in.
func (s *Store) Candidates(ctx context.Context, blocks []store.Block, limit int) ([]store.Candidate, error) {
	if len(blocks) == 0 {
		return nil, nil
	}
	query, args, err := candidatesSQL(blocks, limit)
	if err != nil {
		return nil, err
	}
	if ctx, err = brief(ctx); err != nil {
		return nil, err
	}
	rows, err := s.people.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err below tells
	all := make([]seen, 0, usualCandidates)
	for rows.Next() {
		var lines sql.NullString // null where a block takes in nobody
		if err := rows.Scan(&lines); err != nil {
			return nil, err
		}
		if all, err = splitLines(all, lines.String); err != nil {
			return nil, err
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return candidatesOf(all, limit)
}

// usualCandidates is more than most searches take in.
const usualCandidates = 512

// candidatesSQL is the statement for blocks: one row for each way in, with everybody it leads to in one text, because a row
// costs the driver several times what a line costs SQLite. A list is one argument, as JSON: an argument costs the driver more than SQLite
// takes to read it, and the statement depends on the kinds of the blocks alone.
func candidatesSQL(blocks []store.Block, limit int) (string, []any, error) {
	var c ways
	for _, b := range blocks {
		if err := c.add(b, limit); err != nil {
			return "", nil, err
		}
	}
	return c.sql.String(), c.args, nil
}

// ways gathers the parts of a statement.
type ways struct {
	sql  strings.Builder
	args []any
}

// way adds a way in: born is what the birth date is called there. A bare LIMIT ? would have SQLite prepare the statement anew each time, to
// plan for the value.
func (w *ways) way(born, from string, limit int, args ...any) {
	if w.sql.Len() > 0 {
		w.sql.WriteString(" UNION ALL ")
	}
	w.sql.WriteString("SELECT group_concat(number||'" + fieldEnd + "'||born||'" + fieldEnd + "'||who,'" + lineEnd + "') FROM (SELECT number, " +
		born + " AS born, who FROM " + from + " LIMIT +?)")
	w.args = append(append(w.args, args...), limit)
}

// inList asks for one of the values of a list, which is an argument.
const inList = " IN (SELECT value FROM json_each(?))"

// add asks for a block.
func (w *ways) add(b store.Block, limit int) error {
	switch {
	case b.Postcode != "":
		w.way("born", "by_postcode WHERE postcode = ?", limit, b.Postcode)
	case b.FullName != store.FullName{}:
		w.way("sought.born", `name_key INDEXED BY name_by_full_name CROSS JOIN sought USING (number)
			WHERE family = ? AND first_given = ?`, min(limit, b.Most), b.FullName.Family, b.FullName.First)
	case len(b.Family) > 0 && len(b.Given) > 0:
		return w.pairs(b, limit)
	case len(b.Days) > 0 && len(b.Keys) > 0:
		return w.near(b, limit)
	default:
		return fmt.Errorf("a block that no table serves")
	}
	return nil
}

// pairs asks for both sounds. Of a longer time it looks at each year from the first to the last in which anybody on file was born. What
// is known of a birth date in part may be earlier than the first day in its digits only: its month or its year.
func (w *ways) pairs(b store.Block, limit int) error {
	family, err := json.Marshal(b.Family)
	if err != nil {
		return err
	}
	given, err := json.Marshal(b.Given)
	if err != nil {
		return err
	}
	from, to := max(day(b.Born.From), 1), lastDay(b.Born.To)
	const which = " family" + inList + " AND given" + inList + " AND (born BETWEEN ? AND ? OR born IN (?, ?))"
	args := []any{string(family), string(given), from, to, from / 100 * 100, from / 10000 * 10000}
	if from/10000 == to/10000 {
		w.way("born", "by_names WHERE year = ? AND"+which, limit, append([]any{from / 10000}, args...)...)
		return nil
	}
	w.way("born", `(WITH RECURSIVE years (year) AS (
			SELECT max(?, (SELECT born FROM name_key WHERE born > 0 ORDER BY born LIMIT 1)/10000)
			UNION ALL SELECT year + 1 FROM years WHERE year < min(?, (SELECT born FROM name_key WHERE born > 0 ORDER BY born DESC LIMIT 1)/10000))
		SELECT year FROM years) CROSS JOIN by_names USING (year) WHERE`+which, limit, append([]any{from / 10000, to / 10000}, args...)...)
	return nil
}

// near asks for days: each day of the year with the runs of years that it is wanted in, because looking a run up takes as long
// as looking a year up. A run is one number: the day, and four digits each for the first and the last year.
func (w *ways) near(b store.Block, limit int) error {
	var runs []int64
	for _, r := range runsOf(b.Days) {
		runs = append(runs, int64(r.monthDay)*1e8+int64(r.from)*1e4+int64(r.to))
	}
	days, err := json.Marshal(runs)
	if err != nil {
		return err
	}
	keys, err := json.Marshal(b.Keys)
	if err != nil {
		return err
	}
	from := "json_each(?) AS run CROSS JOIN by_key WHERE by_key.key" + inList +
		" AND month_day = run.value/100000000 AND year BETWEEN run.value/10000%10000 AND run.value%10000"
	args := []any{string(days), string(keys)}
	if b.Ends != 0 {
		from, args = from+" AND ends & ? <> 0", append(args, int64(b.Ends))
	}
	w.way("year*10000+month_day", from, limit, args...)
	return nil
}

// run is a day of the year in consecutive years.
type run struct{ monthDay, from, to int }

func runsOf(days []nhs.Date) []run {
	sorted := slices.SortedFunc(slices.Values(days), func(a, b nhs.Date) int {
		return cmp.Or(cmp.Compare(day(a)%10000, day(b)%10000), cmp.Compare(a.Year, b.Year))
	})
	var runs []run
	for _, d := range sorted {
		year, monthDay := d.Year, day(d)%10000
		if n := len(runs); n > 0 && runs[n-1].monthDay == monthDay && year <= runs[n-1].to+1 {
			runs[n-1].to = year
			continue
		}
		runs = append(runs, run{monthDay, year, year})
	}
	return runs
}

// Marks gives what marks these patients have or had.
func (s *Store) Marks(ctx context.Context, numbers []nhs.Number) (map[nhs.Number][]store.Mark, error) {
	asked := make([]int64, len(numbers))
	for i, n := range numbers {
		var err error
		if asked[i], err = numberOf(n); err != nil {
			return nil, err
		}
	}
	all := make(map[nhs.Number][]store.Mark, len(numbers))
	for some := range slices.Chunk(asked, mostAtOnce) {
		if err := s.marks(ctx, some, all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// mostAtOnce is how many patients one statement asks for.
const mostAtOnce = 256

func (s *Store) marks(ctx context.Context, numbers []int64, all map[nhs.Number][]store.Mark) error {
	asked, err := json.Marshal(numbers)
	if err != nil {
		return err
	}
	ctx, err = brief(ctx)
	if err != nil {
		return err
	}
	rows, err := s.people.QueryContext(ctx, "SELECT number, kind, value, ends FROM mark WHERE number"+inList, string(asked))
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // Err below tells
	for rows.Next() {
		var (
			number int64
			ends   int
			m      store.Mark
		)
		if err := rows.Scan(&number, &m.Kind, &m.Value, &ends); err != nil {
			return err
		}
		if ends != always {
			m.Ends = dateOf(ends)
		}
		n := digitsOf(number)
		all[n] = append(all[n], m)
	}
	return rows.Err()
}
