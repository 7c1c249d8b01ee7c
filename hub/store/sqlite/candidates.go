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

// Candidates returns everybody whom one of the blocks takes in.
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
	defer rows.Close() //nolint:errcheck // Err below tells
	all := make([]seen, 0, expectedCandidates)
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

// expectedCandidates is as many as most searches find.
const expectedCandidates = 64

// candidatesSQL returns the statement for blocks: one row for each way in, with everybody it leads to in one text,
// because a row costs the driver several times what a line costs SQLite. A list is one argument, as JSON: an argument
// costs the driver more than SQLite takes to read it, and the statement depends on the kinds of the blocks alone.
func candidatesSQL(blocks []store.Block, limit int) (string, []any, error) {
	c := ways{args: make([]any, 0, 8*len(blocks))}
	c.sql.Grow(expectedSQL)
	for _, b := range blocks {
		if err := c.add(b, limit); err != nil {
			return "", nil, err
		}
	}
	return c.sql.String(), c.args, nil
}

// expectedSQL is how long most statements of candidatesSQL are, in bytes.
const expectedSQL = 4 << 10

// ways gathers the parts of a statement.
type ways struct {
	sql  strings.Builder
	args []any
}

// way adds a way in: born is what the birth date is called there. Each line is one number, which holds lineBase, the
// NHS number and the birth date, and then who: so it is one conversion and one concatenation for SQLite. A bare LIMIT
// ? would have SQLite prepare the statement anew each time, to plan for the value.
func (w *ways) way(born, from string, limit int, args ...any) {
	if w.sql.Len() > 0 {
		w.sql.WriteString(" UNION ALL ")
	}
	for _, part := range []string{
		"SELECT group_concat(line, '" + lineEnd + "') FROM (SELECT (" + lineBase + "+number*100000000+", born, ")||who AS line FROM ", from, " LIMIT +?)",
	} {
		w.sql.WriteString(part)
	}
	w.args = append(append(w.args, args...), limit)
}

// inList asks for one of the values of a list, which is an argument.
const inList = " IN (SELECT value FROM json_each(?))"

// jsonOf returns a list as an argument.
func jsonOf[T ~string | int | int64](values []T) string {
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

// pairs asks for both sounds. Of a longer time it looks at each year from the first to the last in which anybody on
// file was born.
func (w *ways) pairs(b store.Block, limit int) {
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
	if first == last { // two loops over the lists: IN would have SQLite make a table of each
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

// near asks for days: those that are wanted in several years as stretches, and the others one by one.
func (w *ways) near(b store.Block, limit int) {
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

// stretch is one day of the year in several years, which are bits, the first year the lowest.
type stretch struct {
	monthDay, first, last int
	years                 int64
}

// A stretch is read from its first year to its last, and the years that are wanted are taken out of it: to look each
// year up takes longer, as even in ten million people few of one key are born on one day of the year. Years that are
// further apart than maxGap are not in one stretch; the bits of one number are maxYears.
const (
	maxGap   = 20
	maxYears = 63
)

// stretchesOf returns the days that are wanted in several years as stretches, and the others, each once and as they
// are stored.
func stretchesOf(days []nhs.Date) (all []stretch, single []int) {
	byDay := make([]int, len(days)) // month and day before the year
	for i, d := range days {
		byDay[i] = day(d)%10000*10000 + d.Year
	}
	byDay = distinct(byDay)
	for len(byDay) > 0 {
		s := stretch{monthDay: byDay[0] / 10000, first: byDay[0] % 10000, last: byDay[0] % 10000}
		n := 0
		for n < len(byDay) && byDay[n]/10000 == s.monthDay && byDay[n]%10000 <= s.last+maxGap && byDay[n]%10000 < s.first+maxYears {
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

// distinct returns a list in order without what is in it twice.
func distinct[T cmp.Ordered](values []T) []T {
	return slices.Compact(slices.Sorted(slices.Values(values)))
}

// Marks returns what marks of these kinds the patients have or had.
func (s *Store) Marks(ctx context.Context, numbers []nhs.Number, kinds []store.MarkKind) (map[nhs.Number][]store.Mark, error) {
	asked, err := numbersOf(numbers)
	if err != nil {
		return nil, err
	}
	all := make(map[nhs.Number][]store.Mark, len(numbers))
	for some := range slices.Chunk(asked, mostAtOnce) {
		if err := s.marks(ctx, some, kinds, all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// numbersOf returns a list of NHS numbers as they are stored.
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

// mostAtOnce is how many patients one statement asks for.
const mostAtOnce = 256

const marksSQL = `SELECT number, kind, mark.value, ends FROM json_each(?) AS n CROSS JOIN json_each(?) AS k CROSS JOIN mark
	WHERE number = n.value AND kind = k.value`

func (s *Store) marks(ctx context.Context, numbers []int64, kinds []store.MarkKind, all map[nhs.Number][]store.Mark) error {
	ctx, err := brief(ctx)
	if err != nil {
		return err
	}
	rows, err := s.people.QueryContext(ctx, marksSQL, jsonOf(numbers), jsonOf(kinds))
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
