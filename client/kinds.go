package client

// Kinds returns all kinds in the order of their support codes, for the runbook and for tests.
func Kinds() []Kind {
	return table.Kinds()
}

// String returns the kind's name in JSON documents, such as "timed_out". Names don't change between versions.
func (k Kind) String() string { return table.Of(k, Unexpected).Name }

// stateNames are the names of states in JSON documents.
var stateNames = map[State]string{
	NotChecked: "not_checked", CouldNotCheck: "could_not_check", NoneRecorded: "none_recorded", Alert: "alert",
}

// Name returns the state's name in JSON documents, such as "none_recorded".
func (s State) Name() string {
	if name, known := stateNames[s]; known {
		return name
	}
	return stateNames[NotChecked]
}
