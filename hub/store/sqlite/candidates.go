package sqlite

import (
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

// jsonOf is a list as an argument.
func jsonOf[T string | int | int64](values []T) string {
	text, err := json.Marshal(values)
	if err != nil {
		panic(err) // texts and numbers
	}
	return string(text)
}

// add asks for a block.
func (w *ways) add(b store.Block, limit int) error {
	switch {
	case b.Postcode != "":
		w.way("born", "by_postcode WHERE postcode = ?", limit, b.Postcode)
	case b.FullName != store.FullName{}:
		w.way("sought.born", `name_key INDEXED BY name_by_full_name CROSS JOIN sought USING (number)
			WHERE family = ? AND first_given = ?`, min(limit, b.Most), b.FullName.Family, b.FullName.First)
	case len(b.Family) > 0 && len(b.Given) > 0 && !b.Born.IsZero():
		w.pairs(b, limit)
	case len(b.Days) > 0 && len(b.Keys) > 0:
		w.near(b, limit)
	default:
		return fmt.Errorf("a block that no table serves")
	}
	return nil
}

// pairs asks for both sounds. Of a longer time it looks at each year from the first to the last in which anybody on file was born.
func (w *ways) pairs(b store.Block, limit int) {
	fit := fitting(b.Born.From, b.Born.To)
	args := []any{jsonOf(b.Family), jsonOf(b.Given)}
	where := " family" + inList + " AND given" + inList + " AND " +
		fit.Condition("born", func(v int) string { args = append(args, v); return "?" })
	if !b.Around.IsZero() {
		where += " AND (born/100%100 = ? OR born%100 = ? OR born%10000 = 101 OR born%100 = 0)"
		args = append(args, int(b.Around.Month), b.Around.Day)
	}
	first, last := fit.First/10000, fit.Last/10000
	if first == last {
		w.way("born", "by_names WHERE year = ? AND"+where, limit, append([]any{first}, args...)...)
		return
	}
	w.way("born", `(WITH RECURSIVE years (year) AS (
			SELECT max(?, (SELECT born FROM name_key WHERE born > 0 ORDER BY born LIMIT 1)/10000)
			UNION ALL SELECT year + 1 FROM years WHERE year < min(?, (SELECT born FROM name_key WHERE born > 0 ORDER BY born DESC LIMIT 1)/10000))
		SELECT year FROM years) CROSS JOIN by_names USING (year) WHERE`+where, limit, append([]any{first, last}, args...)...)
}

// near asks for days. Those of one year are looked up one by one. A day of the year that is wanted in several years is one stretch from the
// first year to the last, out of which those years are taken: to look each year up would take longer, as even in ten million people
// few of one key are born on one day of the year.
func (w *ways) near(b store.Block, limit int) {
	years, days := make(map[int][]int), make(map[int][]int) // of a day of the year; of a year
	for _, d := range b.Days {
		monthDay := day(d) % 10000
		years[monthDay] = append(years[monthDay], d.Year)
	}
	way := func(where string, args ...any) {
		args = append([]any{jsonOf(b.Keys)}, args...)
		if b.Ends != 0 {
			where, args = where+" AND ends & ? <> 0", append(args, int64(b.Ends))
		}
		w.way("year*10000+month_day", "by_key WHERE key"+inList+where, limit, args...)
	}
	for day, years := range years {
		if len(years) == 1 {
			days[years[0]] = append(days[years[0]], day)
			continue
		}
		way(" AND month_day = ? AND year BETWEEN ? AND ? AND +year"+inList, day, slices.Min(years), slices.Max(years), jsonOf(years))
	}
	for year, days := range days {
		way(" AND month_day"+inList+" AND year = ?", jsonOf(days), year)
	}
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
	ctx, err := brief(ctx)
	if err != nil {
		return err
	}
	rows, err := s.people.QueryContext(ctx, "SELECT number, kind, value, ends FROM mark WHERE number"+inList, jsonOf(numbers))
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
