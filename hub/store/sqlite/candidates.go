package sqlite

import (
	"context"
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
	stmt, err := s.people.reading(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err below tells
	var all []store.Candidate
	last := int64(-1)
	for rows.Next() {
		var (
			c                           store.Candidate
			name                        store.SpeltName
			number                      int64
			born, died, ends            int
			spelt, gender, confidential = &name.Spelt, &c.Gender, &c.Confidential
		)
		if err := rows.Scan(&number, gender, &born, &died, &ends, confidential, spelt); err != nil {
			return nil, err
		}
		if ends != always {
			name.Ends = dateOf(ends)
		}
		if number != last {
			last, c.Number, c.Born = number, digitsOf(number), dateOf(born)
			if died != 0 {
				c.Died = dateOf(died)
			}
			all = append(all, c)
		}
		one := &all[len(all)-1]
		one.Names = append(one.Names, name)
	}
	return all, rows.Err()
}

// candidatesSQL is the statement for blocks. Its text depends only on the kinds of the blocks; lists go in as JSON.
func candidatesSQL(blocks []store.Block, limit int) (string, []any, error) {
	var (
		parts []string
		args  []any
	)
	for _, b := range blocks {
		part, values, err := blockSQL(b)
		if err != nil {
			return "", nil, err
		}
		parts, args = append(parts, part), append(args, values...)
	}
	return "SELECT number, gender, born, died, ends, confidential, spelt FROM name_key WHERE number IN (SELECT number FROM (" +
		strings.Join(parts, " UNION ") + ") LIMIT ?) ORDER BY number, ordinal", append(args, limit), nil
}

// blockSQL names the index of each kind of block: a planner that took another would read a million rows.
func blockSQL(b store.Block) (string, []any, error) {
	const in = " IN (SELECT value FROM json_each(?))"
	days := make([]int, len(b.Days))
	for i, d := range b.Days {
		days[i] = day(d)
	}
	switch family, given := len(b.Family) > 0, len(b.Given) > 0; {
	case b.Postcode != "":
		return "SELECT number FROM mark INDEXED BY mark_by_postcode WHERE kind = 'postcode' AND value = ?", []any{b.Postcode}, nil
	case family && given:
		return "SELECT number FROM sound WHERE family" + in + " AND given" + in + " AND born BETWEEN ? AND ?",
			[]any{jsonList(b.Family), jsonList(b.Given), max(day(b.Born.From), 1), lastDay(b.Born.To)}, nil
	case family:
		return "SELECT number FROM sound INDEXED BY sound_by_family WHERE born" + in + " AND family" + in, []any{jsonList(days), jsonList(b.Family)}, nil
	case given:
		return "SELECT number FROM sound INDEXED BY sound_by_given WHERE born" + in + " AND given" + in, []any{jsonList(days), jsonList(b.Given)}, nil
	case len(days) > 0:
		return "SELECT number FROM name_key INDEXED BY name_by_born WHERE born" + in, []any{jsonList(days)}, nil
	default:
		return "", nil, fmt.Errorf("a block that no index serves")
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
	stmt, err := s.people.reading(ctx, `SELECT number, kind, value, ends FROM mark WHERE number IN (SELECT value FROM json_each(?))`)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(ctx, jsonList(asked))
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
