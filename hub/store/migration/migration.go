// Package migration determines which migrations a database needs. They run in the order of their names, each once. A
// migration must not change after it was applied, and a database that a newer hub has migrated is refused.
package migration

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
)

// Applied is an applied migration as recorded in the database.
type Applied struct {
	Name     string
	Checksum string // SHA-256 of the script in lower-case hexadecimal
}

// Script is a migration of this version of the hub.
type Script struct {
	Applied
	Ordinal int // from 1
	Text    string
}

// Scripts returns the migrations in a folder in order.
func Scripts(files fs.FS, folder string) ([]Script, error) {
	names, err := fs.Glob(files, path.Join(folder, "*.sql"))
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	all := make([]Script, len(names))
	for i, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("migrations: %w", err)
		}
		sum := sha256.Sum256(text)
		all[i] = Script{Applied{path.Base(name), hex.EncodeToString(sum[:])}, i + 1, string(text)}
	}
	return all, nil
}

// Pending returns the migrations that are still to be applied, in order. It returns an error if the database has other
// or more migrations. book is the database's name in errors.
func Pending(book string, scripts []Script, applied []Applied) ([]Script, error) {
	if len(applied) > len(scripts) {
		return nil, fmt.Errorf("migrations: %s was written by a newer hub (%s)", book, applied[len(applied)-1].Name)
	}
	for i, a := range applied {
		if a != scripts[i].Applied {
			return nil, fmt.Errorf("migrations: %s is not the script that was applied as %s", scripts[i].Name, a.Name)
		}
	}
	return scripts[len(applied):], nil
}
