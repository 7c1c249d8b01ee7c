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

// Candidates returns the patients that one of the blocks selects.
func (s *Store) Candidates(ctx context.Context, blocks []store.Block, limit int) ([]store.Candidate, error) {
	if len(blocks) == 0 {
		return nil, nil
	}
	query, args, err := candidatesSQL(blocks, limit)
	if err != nil {
		return nil, err
	}
	var found []store.Candidate
	err = s.scans.Do(ctx, func(ctx context.Context) (err error) {
		found, err = s.candidates(ctx, query, args, limit)
		return err
	})
	return found, err
}

func (s *Store) candidates(ctx context.Context, query string, args []any, limit int) ([]store.Candidate, error) {
	rows, err := s.people.QueryContext(ctx, inOneStep(query), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err reports errors
	all := make([]candidateLine, 0, expectedCandidates)
	for rows.Next() {
		var lines sql.NullString // NULL if no patient matches
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

// expectedCandidates is an initial capacity that suffices for most searches.
const expectedCandidates = 64

// candidatesSQL returns the statement for blocks. It returns one row for each condition, with all of its candidates in
// one text, because a row costs the driver several times what a line costs SQLite. A list is passed as one JSON
// argument: SQLite parses it faster than the driver binds many arguments, and the statement depends only on the kinds
// of the blocks.
func candidatesSQL(blocks []store.Block, limit int) (string, []any, error) {
	c := candidateStatement{args: make([]any, 0, 8*len(blocks))}
	c.sql.Grow(expectedSQL)
	for _, b := range blocks {
		if err := c.add(b, limit); err != nil {
			return "", nil, err
		}
	}
	return c.sql.String(), c.args, nil
}

// expectedSQL is an initial capacity in bytes that suffices for most statements of candidatesSQL.
const expectedSQL = 4 << 10

// candidateStatement builds a statement and its arguments.
type candidateStatement struct {
	sql  strings.Builder
	args []any
}

// way adds a SELECT to the statement. born is the expression of the birth date. Each line is one number, composed of
// lineBase, NHS number and birth date, followed by who, so that SQLite does one conversion and one concatenation.
// LIMIT has a plus, because SQLite re-prepares a statement with a bare LIMIT ? for each value.
func (w *candidateStatement) way(born, from string, limit int, args ...any) {
	if w.sql.Len() > 0 {
		w.sql.WriteString(" UNION ALL ")
	}
	for _, part := range []string{
		"SELECT group_concat(line, '" + lineEnd + "') FROM (SELECT (" + lineBase + "+number*100000000+", born,
		")||who AS line FROM ", from, " LIMIT +?)",
	} {
		w.sql.WriteString(part)
	}
	w.args = append(append(w.args, args...), limit)
}

// inList is a condition for one of the values of a list, which is an argument.
const inList = " IN (SELECT value FROM json_each(?))"

// jsonOf returns a list as a JSON argument.
func jsonOf[T ~string | int | int64](values []T) string {
	text, err := json.Marshal(values)
	if err != nil {
		panic(err) // strings and numbers can always be encoded
	}
	return string(text)
}

// add adds the conditions of a block. It returns an error if no table serves the block.
func (w *candidateStatement) add(b store.Block, limit int) error {
	switch {
	case b.Postcode != "":
		w.way("born", "by_postcode WHERE postcode = ?", limit, b.Postcode)
	case b.FullName != store.FullName{}:
		w.way("sought.born", `name_key INDEXED BY name_by_full_name CROSS JOIN sought USING (number)
			WHERE family = ? AND first_given = ?`, min(limit, b.Max), b.FullName.Family, b.FullName.First)
	case len(b.Family) > 0 && len(b.Given) > 0 && !b.Born.IsZero():
		w.pairs(b, limit)
	case len(b.Days) > 0 && len(b.Keys) > 0:
		w.near(b, limit)
	default:
		return fmt.Errorf("a block that no table serves")
	}
	return nil
}

// pairs adds the conditions of a block with the sounds of both names. For a longer period it searches each year from
// the first to the last in which a patient was born.
func (w *candidateStatement) pairs(b store.Block, limit int) {
	fit := fitting(b.Born.From, b.Born.To)
	args := make([]any, 0, 16)
	bind := func(v int) string { args = append(args, v); return "?" }
	rest := func() string {
		where := fit.Condition("born", bind)
		if !b.Around.IsZero() {
			args = append(args, int(b.Around.Month), b.Around.Day)
			where += " AND (born/100%100 = ? OR born%100 = ? OR born%10000 = 101 OR born%100 = 0)"
		}
		return where
	}

	first, last := fit.First/10000, fit.Last/10000
	if first == last { // CROSS JOIN, because SQLite would build a temporary table for IN
		args = append(args, jsonOf(b.Family), jsonOf(b.Given), first)
		w.way("born", `json_each(?) AS f CROSS JOIN json_each(?) AS g CROSS JOIN by_names
			WHERE family = f.value AND year = ? AND given = g.value AND `+rest(), limit, args...)
		return
	}

	args = append(args, first, last, jsonOf(b.Family), jsonOf(b.Given))
	w.way("born", `(WITH RECURSIVE years (year) AS (
			SELECT max(?, (SELECT born FROM name_key WHERE born > 0 ORDER BY born LIMIT 1)/10000)
			UNION ALL SELECT year + 1 FROM years WHERE year < min(?, (SELECT born FROM name_key WHERE born > 0 ORDER BY born DESC LIMIT 1)/10000))
		SELECT year FROM years) CROSS JOIN by_names USING (year) WHERE family`+inList+" AND given"+inList+" AND "+rest(), limit, args...)
}

// near adds the conditions of a block of days: days in several years as stretches, and other days one by one.
func (w *candidateStatement) near(b store.Block, limit int) {
	stretches, single := stretchesOf(b.Days)
	keys := jsonOf(distinct(b.Keys))
	way := func(from string, args ...any) {
		if b.Ends != 0 {
			from, args = from+" AND ends & ? <> 0", append(args, int64(b.Ends))
		}
		w.way("year*10000+month_day", from, limit, args...)
	}
	for _, s := range stretches {
		way(`json_each(?) AS k CROSS JOIN by_key
			WHERE by_key.key = k.value AND month_day = ? AND year BETWEEN ? AND ? AND ? >> (year - ?) & 1`,
			keys, s.monthDay, s.first, s.last, s.years, s.first)
	}
	if len(single) > 0 {
		way(`json_each(?) AS k CROSS JOIN json_each(?) AS d CROSS JOIN by_key
			WHERE by_key.key = k.value AND month_day = d.value % 10000 AND year = d.value / 10000`, keys, jsonOf(single))
	}
}

// stretch is one day of the year in several years. years is a bit set whose lowest bit is the first year.
type stretch struct {
	monthDay, first, last int
	years                 int64
}

// A stretch is read from its first year to its last, and years that aren't wanted are skipped. That is faster than a
// look-up for each year, because even of ten million people few with one key are born on one day of the year. Years
// that are more than maxGap apart are in different stretches. A stretch has at most maxYears, the bits of an int64.
const (
	maxGap   = 20
	maxYears = 63
)

// stretchesOf returns the days that occur in several years as stretches, and the other days as stored, without
// duplicates.
func stretchesOf(days []nhs.Date) (all []stretch, single []int) {
	byDay := make([]int, len(days)) // month and day, then year
	for i, d := range days {
		byDay[i] = day(d)%10000*10000 + d.Year
	}

	byDay = distinct(byDay)
	for len(byDay) > 0 {
		s := stretch{monthDay: byDay[0] / 10000, first: byDay[0] % 10000, last: byDay[0] % 10000}
		n := 0
		for n < len(byDay) && byDay[n]/10000 == s.monthDay && byDay[n]%10000 <= s.last+maxGap &&
			byDay[n]%10000 < s.first+maxYears {
			s.last = byDay[n] % 10000
			s.years |= 1 << (s.last - s.first)
			n++
		}
		if byDay = byDay[n:]; n == 1 {
			single = append(single, s.first*10000+s.monthDay)
		} else {
			all = append(all, s)
		}
	}

	return all, single
}

// distinct sorts a list in place and removes duplicates.
func distinct[T cmp.Ordered](values []T) []T {
	return slices.Compact(slices.Sorted(slices.Values(values)))
}

// Marks returns the current and former marks of these kinds of the patients.
func (s *Store) Marks(ctx context.Context, numbers []nhs.Number,
	kinds []store.MarkKind,
) (map[nhs.Number][]store.Mark, error) {
	asked, err := numbersOf(numbers)
	if err != nil {
		return nil, err
	}
	all := make(map[nhs.Number][]store.Mark, len(numbers))
	for some := range slices.Chunk(asked, maxPerStatement) {
		if err := s.marks(ctx, some, kinds, all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// userIDs returns NHS numbers as stored.
func numbersOf(numbers []nhs.Number) ([]int64, error) {
	all := make([]int64, len(numbers))
	for i, n := range numbers {
		var err error
		if all[i], err = numberOf(n); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// maxPerStatement is the maximum number of patients in one statement.
const maxPerStatement = 256

const marksSQL = `SELECT number, kind, mark.value, ends FROM json_each(?) AS n CROSS JOIN json_each(?) AS k CROSS JOIN mark
	WHERE number = n.value AND kind = k.value`

func (s *Store) marks(ctx context.Context, numbers []int64, kinds []store.MarkKind,
	all map[nhs.Number][]store.Mark,
) error {
	ctx, err := withoutCancel(ctx)
	if err != nil {
		return err
	}

	rows, err := s.people.QueryContext(ctx, marksSQL, jsonOf(numbers), jsonOf(kinds))
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err reports errors

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
