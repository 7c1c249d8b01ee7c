package worklist

import "wardlight/internal/worklist"

// The actions of the worklist screen.
type (
	Show        struct{ Patient worklist.Patient } // shows the record of a row's NHS number
	UseSaved    struct{}
	Load        struct{ Path string }
	Replace     struct{} // replaces the list by the file that was read
	LeaveAsItIs struct{} // drops the file that was read
	Forget      struct{}
	AskAgain    struct{} // asks again about all patients without an answer
	Print       struct{ Order worklist.Order }
	Save        struct { // saves the list as a table in a new file
		Path  string
		Order worklist.Order
	}
)
