package cardreader

// Kinds lists every kind in the order of its support code: for the runbook, and for tests that leave none out.
func Kinds() []Kind {
	return table.Kinds()
}
