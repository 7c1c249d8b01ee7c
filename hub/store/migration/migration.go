// Package migration decides which scripts a database still needs. Scripts run in the order of their names, each once;
// one that was applied may not change afterwards, and a database that a newer hub has written is refused.
package migration

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
)

// Applied is a script as a database remembers it.
type Applied struct {
	Name     string
	Checksum string // SHA-256 of the script, lower-case hex
}

// Script is a script that this hub brings along.
type Script struct {
	Applied
	Ordinal int // from 1
	Text    string
}

// Scripts reads the scripts of a folder in order.
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

// Pending returns what is still to be applied, in order. book names the database in errors: one that knows more scripts
// than there are, or another script in the place of one of them.
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
