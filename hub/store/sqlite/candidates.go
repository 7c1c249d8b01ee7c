package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
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
		born + " AS born, who FROM " + table + " WHERE ")
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
	switch family, given := len(b.Family) > 0, len(b.Given) > 0; {
	case b.Postcode != "":
		w.from("mark INDEXED BY mark_by_postcode CROSS JOIN sought USING (number)", "born")
		w.and("kind = 'postcode' AND value = ?", b.Postcode)
	case family && given:
		w.from("by_names", "born")
		in(w, "family", b.Family)
		in(w, " AND given", b.Given)
		w.and(" AND born BETWEEN ? AND ?", max(day(b.Born.From), 1), lastDay(b.Born.To))
	case len(b.Days) == 0:
		return fmt.Errorf("a block that no table serves")
	case family:
		w.near("by_family", "family", b.Days, b.Family, limit)
		return nil
	case given:
		w.near("by_given", "given", b.Days, b.Given, limit)
		return nil
	default:
		days := make([]int, len(b.Days))
		for i, d := range b.Days {
			days[i] = day(d)
		}
		w.from("by_day", "born")
		in(w, "born", days)
	}
	w.limit(limit)
	return nil
}

// limit ends a way in. A bare LIMIT ? would have SQLite prepare the statement anew each time, to plan for the value.
func (w *ways) limit(n int) { w.and(" LIMIT +?)", n) }

// near asks for days, month by month and day by day, each in several years.
func (w *ways) near(table, column string, days []nhs.Date, sounds []string, limit int) {
	var monthDays []int
	years := make(map[int][]int)
	for _, d := range days {
		year, monthDay := day(d)/10000, day(d)%10000
		if _, known := years[monthDay]; !known {
			monthDays = append(monthDays, monthDay)
		}
		years[monthDay] = append(years[monthDay], year)
	}
	for _, m := range monthDays {
		w.from(table, "year*10000+month_day")
		w.and("month_day = ?", m)
		in(w, " AND "+column, sounds)
		in(w, " AND year", years[m])
		w.limit(limit)
	}
}

// jsonList is a list as json_each reads it.
func jsonList[T any](values []T) string {
	text, err := json.Marshal(values)
	if err != nil {
		panic(err) // numbers and strings
	}
	return string(text)
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
	rows, err := s.people.QueryContext(ctx, `SELECT number, kind, value, ends FROM mark WHERE number IN (SELECT value FROM json_each(?))`, jsonList(asked))
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err below tells
	all := make(map[nhs.Number][]store.Mark, len(numbers))
	for rows.Next() {
		var (
			number int64
			ends   int
			m      store.Mark
		)
		if err := rows.Scan(&number, &m.Kind, &m.Value, &ends); err != nil {
			return nil, err
		}
		if ends != always {
			m.Ends = dateOf(ends)
		}
		n := digitsOf(number)
		all[n] = append(all[n], m)
	}
	return all, rows.Err()
}
