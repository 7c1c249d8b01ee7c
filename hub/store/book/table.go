package book

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

// Table is rows as one argument of a statement, which reads them with jsonb_each: SQLite and PostgreSQL both have it,
// for an object. Each row is an array there.
type Table struct {
	// Key is how many values of a row, from the first, no other row has. Of rows that have them in common the last one
	// counts, as one statement does not change a row twice.
	Key  int
	Rows [][]any // of texts and integers
}

// add adds a row.
func (t *Table) add(values ...any) { t.Rows = append(t.Rows, values) }

// JSON returns the rows as one object, with each text as text returns it.
func (t *Table) JSON(text func(string) string) (string, error) {
	object := make(map[string][]any, len(t.Rows))
	for _, r := range t.Rows {
		row := make([]any, len(r))
		for i, v := range r {
			if s, ok := v.(string); ok {
				v = text(s)
			}
			row[i] = v
		}
		key, err := json.Marshal(row[:t.Key])
		if err != nil {
			return "", fmt.Errorf("a row of %d values: %w", len(r), err)
		}
		object[string(key)] = row
	}
	all, err := json.Marshal(object)
	return string(all), err
}

// Value returns the rows with their texts as they are, for an engine that can hold every text.
func (t *Table) Value() (driver.Value, error) { return t.JSON(func(s string) string { return s }) }
