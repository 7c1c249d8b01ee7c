// Package row says how rows are read, whatever engine keeps them: which columns, into what, and how many at a time; and
// how values stand in their columns: NHS numbers and days as whole numbers, so that they compare as such in any engine,
// and instants in microseconds.
package row

// Row is a row of an engine's driver.
type Row interface {
	Scan(dest ...any) error
}
