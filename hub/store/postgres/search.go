package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"wardlight/hub/store"
)

// FindPatients returns the patients that match.
func (s *Store) FindPatients(ctx context.Context, q store.PatientQuery) ([]store.Patient, error) {
	query, args := searchSQL(q)
	if q.Family.Wild() {
		// The best plan depends on the values, because they determine how many rows a range contains.
		args = append([]any{pgx.QueryExecModeCacheDescribe}, args...)
	}
	if q.LooksUp() {
		return list(ctx, s.searches, scanPatient, query, args...)
	}
	return scanned(ctx, s.searches, scanPatient, query, args...)
}

// scanned returns all rows like list, for a statement that may read many rows.
func scanned[T any](ctx context.Context, s *Store, scan func(pgx.Row) (T, error), query string,
	args ...any,
) ([]T, error) {
	var all []T
	err := s.scans.Do(ctx, func(ctx context.Context) (err error) {
		all, err = list(ctx, s, scan, query, args...)
		return err
	})
	return all, err
}

// statement builds SQL and its arguments.
type statement struct {
	where []string
	args  []any
}

// value adds an argument and returns its placeholder.
func (s *statement) value(v any) string {
	s.args = append(s.args, v)
	return fmt.Sprintf("$%d", len(s.args))
}

// number adds an integer argument and returns its placeholder.
func (s *statement) number(n int) string { return s.value(n) }

func (s *statement) and(format string, values ...any) {
	places := make([]any, len(values))
	for i, v := range values {
		places[i] = s.value(v)
	}
	s.where = append(s.where, fmt.Sprintf(format, places...))
}

// pattern adds the condition that a column matches the pattern. An index serves the range in it.
func (s *statement) pattern(column string, p store.Pattern) {
	if !p.Wild() {
		s.and(column+" = %s", string(p))
		return
	}
	s.and(column+" >= %s AND "+column+" < %s AND "+column+" LIKE %s", p.Prefix(), p.Prefix()+"\U0010FFFF", like(p))
}

func (s *statement) span(column string, span store.Span) {
	s.where = append(s.where, fitting(span.From, span.To).Condition(column, s.number))
}

// searchSQL returns the statement for a query. Its text depends only on which parameters are set, not on their values.
func searchSQL(q store.PatientQuery) (string, []any) {
	var s statement
	s.pattern("family", q.Family)
	s.span("born", q.Born)
	if !q.Died.IsZero() {
		s.span("died", q.Died)
	}

	if q.Gender != "" {
		s.and("gender = %s", q.Gender)
	}

	for _, g := range q.Given {
		if g.Wild() {
			s.pattern("first_given", g)
		} else {
			s.and("given LIKE %s", "% "+like(g)+" %")
		}
	}

	if !q.History {
		s.and("name_key.ends >= %s", day(q.Today))
	}

	if slices.ContainsFunc(q.Marks, store.MarkQuery.Locates) {
		s.and("NOT confidential")
	}

	for _, m := range q.Marks {
		s.mark(m, q)
	}

	limit := s.value(q.Limit)

	// The inner SELECT has no ORDER BY, so that the search stops at the limit. If there are too many matches, it
	// doesn't matter which ones are returned.
	return "SELECT " + patientColumns + " FROM patient WHERE number IN (SELECT DISTINCT number FROM name_key WHERE " +
		strings.Join(s.where, " AND ") + " LIMIT " + limit + ") ORDER BY number", s.args
}

func (s *statement) mark(m store.MarkQuery, q store.PatientQuery) {
	inner := statement{args: s.args}
	inner.and("kind = %s", string(m.Kind))
	if m.Value.Wild() {
		inner.and("value LIKE %s", like(m.Value))
	} else {
		inner.and("value = %s", string(m.Value))
	}
	if !q.History {
		inner.and("mark.ends >= %s", day(q.Today))
	}
	s.args = inner.args
	s.where = append(s.where, "EXISTS (SELECT 1 FROM mark WHERE mark.number = name_key.number AND "+
		strings.Join(inner.where, " AND ")+")")
}

// like returns the pattern as an SQL LIKE pattern, with LIKE's special characters escaped.
func like(p store.Pattern) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`, `*`, `%`).Replace(string(p))
}
