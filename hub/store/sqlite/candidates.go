package sqlite

import (
	"cmp"
	"context"
	"database/sql"
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
// costs the driver several times what a line costs SQLite. The statement depends on the kinds of the blocks, and on the
// lengths of their lists only by steps.
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

// from begins a way in: a table, and what its birth date is called there.
func (w *ways) from(table, born string) {
	if w.sql.Len() > 0 {
		w.sql.WriteString(" UNION ALL ")
	}
	w.sql.WriteString("SELECT group_concat(number||'" + fieldEnd + "'||born||'" + fieldEnd + "'||who,'" + lineEnd + "') FROM (SELECT number, " +
		born + " AS born, who FROM " + table)
}

// in asks for one of the values. Lists of 3 and of 4 make the same statement: the last value fills up.
func in[T any](w *ways, column string, values []T) {
	w.sql.WriteString(column + " IN (?")
	w.args = append(w.args, values[0])
	for n := 1; n < len(values) || n&(n-1) != 0; n++ {
		w.sql.WriteString(",?")
		w.args = append(w.args, values[min(n, len(values)-1)])
	}
	w.sql.WriteString(")")
}

func (w *ways) and(condition string, values ...any) {
	w.sql.WriteString(condition)
	w.args = append(w.args, values...)
}

// add asks for a block.
func (w *ways) add(b store.Block, limit int) error {
	switch {
	case b.Postcode != "":
		w.from("by_postcode", "born")
		w.and(" WHERE postcode = ?", b.Postcode)
	case len(b.Family) > 0 && len(b.Given) > 0:
		w.pairs(b)
	case len(b.Days) == 0:
		return fmt.Errorf("a block that no table serves")
	case len(b.Either) > 0:
		w.near(b.Days, b.Either)
	default:
		days := make([]int, len(b.Days))
		for i, d := range b.Days {
			days[i] = day(d)
		}
		w.from("by_day", "born")
		in(w, " WHERE born", days)
	}
	w.limit(limit)
	return nil
}

// pairs asks for both sounds. Of a longer time it looks at each year from the first to the last in which anybody on file was born.
func (w *ways) pairs(b store.Block) {
	from, to := max(day(b.Born.From), 1), lastDay(b.Born.To)
	if from/10000 == to/10000 {
		w.from("by_names", "born")
		w.and(" WHERE year = ?", from/10000)
	} else {
		w.from(`(WITH RECURSIVE years (year) AS (SELECT max(?, (SELECT born FROM by_day WHERE born > 0 ORDER BY born LIMIT 1)/10000)
			UNION ALL SELECT year + 1 FROM years WHERE year < min(?, (SELECT born FROM by_day WHERE born > 0 ORDER BY born DESC LIMIT 1)/10000))
			SELECT year FROM years) CROSS JOIN by_names USING (year)`, "born")
		w.args = append(w.args, from/10000, to/10000)
		w.and(" WHERE true")
	}
	in(w, " AND family", b.Family)
	in(w, " AND given", b.Given)
	w.and(" AND born BETWEEN ? AND ?", from, to)
}

// limit ends a way in. A bare LIMIT ? would have SQLite prepare the statement anew each time, to plan for the value.
func (w *ways) limit(n int) { w.and(" LIMIT +?)", n) }

// near asks for days: each day of the year with the runs of years that it is wanted in, because looking a run up takes as long
// as looking a year up.
func (w *ways) near(days []nhs.Date, sounds []string) {
	w.from("(VALUES (?,?,?)", "year*10000+month_day")
	runs := runsOf(days)
	w.args = append(w.args, runs[0].monthDay, runs[0].from, runs[0].to)
	for n := 1; n < len(runs) || n&(n-1) != 0; n++ {
		r := run{runs[0].monthDay, 1, 0} // fills up, and holds no year
		if n < len(runs) {
			r = runs[n]
		}
		w.and(",(?,?,?)", r.monthDay, r.from, r.to)
	}
	w.and(") CROSS JOIN by_sound WHERE month_day = column1")
	in(w, " AND sound", sounds)
	w.and(" AND year BETWEEN column2 AND column3")
}

// run is a day of the year in consecutive years.
type run struct{ monthDay, from, to int }

func runsOf(days []nhs.Date) []run {
	sorted := slices.SortedFunc(slices.Values(days), func(a, b nhs.Date) int {
		return cmp.Or(cmp.Compare(day(a)%10000, day(b)%10000), cmp.Compare(a.Year, b.Year))
	})
	var runs []run
	for _, d := range sorted {
		year, monthDay := day(d)/10000, day(d)%10000
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
	var w ways
	w.and("SELECT number, kind, value, ends FROM mark WHERE ")
	in(&w, "number", numbers)
	ctx, err := brief(ctx)
	if err != nil {
		return err
	}
	rows, err := s.people.QueryContext(ctx, w.sql.String(), w.args...)
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
