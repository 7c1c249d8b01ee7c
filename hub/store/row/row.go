// Package row says how rows of the ledger are read, whatever engine keeps them: which columns, into what, and how
// many at a time.
package row

// Row is a row of an engine's driver.
type Row interface {
	Scan(dest ...any) error
}
