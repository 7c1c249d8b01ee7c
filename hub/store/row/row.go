// Package row reads rows in the same way for all engines: which columns are read, into which types, and how many rows
// at once. It also converts values to their stored form: NHS numbers and dates are integers, so that they compare in
// the same way in every engine, and times are in microseconds.
package row

// Row is a row of an engine's driver.
type Row interface {
	Scan(dest ...any) error
}
