package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// Check reads both files completely and returns an error that describes any damage.
func (s *Store) Check(ctx context.Context) error {
	for name, f := range map[string]*file{"people": s.people, "ledger": s.ledger} {
		if err := f.whole(ctx); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// whole returns an error that describes damage in the file, or rows with dangling references.
func (f *file) whole(ctx context.Context) error {
	line := func(r *sql.Rows) (line string, err error) { return line, r.Scan(&line) }
	found, err := list(ctx, f.read, line, `PRAGMA integrity_check`)
	if err != nil {
		return err
	}
	if len(found) != 1 || found[0] != "ok" {
		return fmt.Errorf("damaged: %s", strings.Join(found, "; "))
	}
	lost, err := list(ctx, f.read, line,
		`SELECT DISTINCT "table" || ' refers to ' || parent FROM pragma_foreign_key_check`)
	if err == nil && len(lost) > 0 {
		err = fmt.Errorf("damaged: %s is missing", strings.Join(lost, "; "))
	}
	return err
}
