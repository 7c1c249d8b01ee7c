package postgres

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
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
	return scanned(ctx, s.searches, scanCandidate, query, args...)
}

func scanCandidate(r pgx.Row) (c store.Candidate, err error) {
	var number int64
	var born int
	var who string
	if err := r.Scan(&number, &born, &who); err != nil {
		return c, err
	}
	c.Number, c.Born = digitsOf(number), dateOf(born)
	_, err = row.DecodeCandidate(&c, nil, who)
	return c, err
}

// candidatesSQL returns the statement for blocks. Its text depends only on the kinds of the blocks.
func candidatesSQL(blocks []store.Block, limit int) (string, []any, error) {
	var s statement
	parts := make([]string, len(blocks))
	for i, b := range blocks {
		var err error
		if parts[i], err = s.block(b); err != nil {
			return "", nil, err
		}
	}
	query := "SELECT number, born, who FROM sought WHERE number IN (SELECT number FROM (" +
		strings.Join(parts, " UNION ") + ") AS taken_in LIMIT " + s.value(limit) + ") ORDER BY number"
	return query, s.args, nil
}

// block returns the part of the statement for one block. A sound that PostgreSQL can't store matches nobody.
func (s *statement) block(b store.Block) (string, error) {
	among := func(texts []string) string {
		return " = ANY(" + s.value(slices.DeleteFunc(slices.Clone(texts), func(t string) bool {
			return !storable(t)
		})) + ")"
	}

	switch {
	case b.Postcode != "":
		return "SELECT number FROM mark WHERE kind = 'postcode' AND value = " + s.value(readable(b.Postcode)), nil
	case b.FullName != store.FullName{}:
		return "(SELECT number FROM name_key WHERE family = " + s.value(readable(b.FullName.Family)) +
			" AND first_given = " + s.value(readable(b.FullName.First)) + " LIMIT " + s.value(b.Max) + ")", nil
	case len(b.Family) > 0 && len(b.Given) > 0 && !b.Born.IsZero():
		part := "SELECT number FROM sound WHERE family" + among(b.Family) + " AND given" + among(b.Given) +
			" AND " + fitting(b.Born.From, b.Born.To).Condition("born", s.number)
		if !b.Around.IsZero() {
			part += " AND (born / 100 % 100 = " + s.value(int(b.Around.Month)) + " OR born % 100 = " +
				s.value(b.Around.Day) +
				" OR born % 10000 = 101 OR born % 100 = 0)"
		}
		return part, nil
	case len(b.Days) > 0 && len(b.Keys) > 0:
		days := make([]int, len(b.Days))
		for i, d := range b.Days {
			days[i] = day(d)
		}
		part := "SELECT number FROM near_key WHERE born = ANY(" + s.value(days) + ") AND key" + among(b.Keys)
		if b.Ends != 0 {
			part += " AND ends & " + s.value(int64(b.Ends)) + " <> 0"
		}
		return part, nil
	default:
		return "", errors.New("a block that no index serves")
	}
}

// Marks returns the current and former marks of these kinds of the patients.
func (s *Store) Marks(ctx context.Context, numbers []nhs.Number,
	kinds []store.MarkKind,
) (map[nhs.Number][]store.Mark, error) {
	among, err := numbersOf(numbers)
	if err != nil {
		return nil, err
	}

	type owned struct {
		number int64
		store.Mark
	}

	marks, err := list(ctx, s, func(r pgx.Row) (o owned, err error) {
		var ends int
		err = r.Scan(&o.number, &o.Kind, &o.Value, &ends)
		if ends != always {
			o.Ends = dateOf(ends)
		}
		return o, err
	}, `SELECT number, kind, value, ends FROM mark WHERE number = ANY($1) AND kind = ANY($2)`, among, kinds)
	if err != nil {
		return nil, err
	}

	all := make(map[nhs.Number][]store.Mark, len(numbers))
	for _, o := range marks {
		n := digitsOf(o.number)
		all[n] = append(all[n], o.Mark)
	}

	return all, nil
}
