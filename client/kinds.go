package client

// Kinds lists every kind in the order of its support code: for the runbook, and for tests that leave none out.
func Kinds() []Kind {
	return table.Kinds()
}

// String returns the kind's name in documents for programs: "timed_out". It stays the same from version to version.
func (k Kind) String() string { return table.Of(k, Unexpected).Name }

// stateNames are the states as documents have them.
var stateNames = map[State]string{
	NotChecked: "not_checked", CouldNotCheck: "could_not_check", NoneRecorded: "none_recorded", Alert: "alert",
}

// Name returns the state's name in documents for programs: "none_recorded".
func (s State) Name() string {
	if name, known := stateNames[s]; known {
		return name
	}
	return stateNames[NotChecked]
}
