package cardreader

// Kinds returns all kinds in the order of their support codes, for the runbook and for tests.
func Kinds() []Kind {
	return table.Kinds()
}
