package sqlledger

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

// Table passes rows as one argument of a statement. The statement reads them with jsonb_each, which SQLite and
// PostgreSQL both have for an object. Each row is an array in it.
type Table struct {
	// Key is the number of values, from the first, that form a row's key. If several rows have the same key, the last
	// one is used, because a statement can't change a row twice.
	Key  int
	Rows [][]any // of strings and integers
}

// add adds a row.
func (t *Table) add(values ...any) { t.Rows = append(t.Rows, values) }

// JSON returns the rows as one object, with each text converted by text.
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

// Value returns the rows with unchanged texts, for an engine that can store every text.
func (t *Table) Value() (driver.Value, error) { return t.JSON(func(s string) string { return s }) }
