package postgres

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// name is one row of what Candidates reads.
type name struct {
	store.Candidate
	store.SpeltName
}

func scanName(r pgx.Row) (n name, err error) {
	var number int64
	var born, died, ends int
	err = r.Scan(&number, &n.Gender, &born, &died, &ends, &n.Confidential, &n.Spelt)
	n.Number, n.Born = digitsOf(number), dateOf(born)
	if died != 0 {
		n.Died = dateOf(died)
	}
	if ends != always {
		n.Ends = dateOf(ends)
	}
	return n, err
}

// Candidates gives everybody whom one of the blocks takes in.
func (s *Store) Candidates(ctx context.Context, blocks []store.Block, limit int) ([]store.Candidate, error) {
	if len(blocks) == 0 {
		return nil, nil
	}
	query, args, err := candidatesSQL(blocks, limit)
	if err != nil {
		return nil, err
	}
	names, err := list(ctx, s, scanName, query, args...)
	if err != nil {
		return nil, err
	}
	var all []store.Candidate
	for _, n := range names {
		if len(all) == 0 || all[len(all)-1].Number != n.Number {
			all = append(all, n.Candidate)
		}
		one := &all[len(all)-1]
		one.Names = append(one.Names, n.SpeltName)
	}
	return all, nil
}

// candidatesSQL is the statement for blocks. Its text depends only on the kinds of the blocks.
func candidatesSQL(blocks []store.Block, limit int) (string, []any, error) {
	var s statement
	parts := make([]string, len(blocks))
	for i, b := range blocks {
		var err error
		if parts[i], err = s.block(b); err != nil {
			return "", nil, err
		}
	}
	query := "SELECT number, gender, born, died, ends, confidential, spelt FROM name_key WHERE number IN (SELECT number FROM (" +
		strings.Join(parts, " UNION ") + ") AS taken_in LIMIT " + s.value(limit) + ") ORDER BY number, ordinal"
	return query, s.args, nil
}

// block is the part of the statement for one block. What PostgreSQL can't hold sounds like nobody.
func (s *statement) block(b store.Block) (string, error) {
	days := make([]int, len(b.Days))
	for i, d := range b.Days {
		days[i] = day(d)
	}
	among := func(texts []string) string {
		return " = ANY(" + s.value(slices.DeleteFunc(slices.Clone(texts), func(t string) bool { return !holds(t) })) + ")"
	}
	switch {
	case b.Postcode != "":
		return "SELECT number FROM mark WHERE kind = 'postcode' AND value = " + s.value(readable(b.Postcode)), nil
	case len(b.Family) > 0 && len(b.Given) > 0:
		return "SELECT number FROM sound WHERE family" + among(b.Family) + " AND given" + among(b.Given) +
			" AND born BETWEEN " + s.value(max(day(b.Born.From), 1)) + " AND " + s.value(lastDay(b.Born.To)), nil
	case len(days) > 0 && len(b.Either) > 0:
		on, sounds := "SELECT number FROM sound WHERE born = ANY("+s.value(days)+") AND ", among(b.Either)
		return on + "family" + sounds + " UNION " + on + "given" + sounds, nil
	case len(days) > 0:
		return "SELECT number FROM name_key WHERE born = ANY(" + s.value(days) + ")", nil
	default:
		return "", errors.New("a block that no index serves")
	}
}

// Marks gives what marks these patients have or had.
func (s *Store) Marks(ctx context.Context, numbers []nhs.Number) (map[nhs.Number][]store.Mark, error) {
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
	}, `SELECT number, kind, value, ends FROM mark WHERE number = ANY($1)`, among)
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
