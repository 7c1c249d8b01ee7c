package worklist

import "wardlight/internal/worklist"

// The actions of the worklist.
type (
	Show        struct{ Patient worklist.Patient } // the record of a line's NHS number
	TakeKept    struct{}
	Load        struct{ Path string }
	Replace     struct{} // the file that was read takes the place of what is there
	LeaveAsItIs struct{} // it does not
	Forget      struct{}
	AskAgain    struct{} // asks again about everybody without an answer
	Print       struct{ Order worklist.Order }
	Save        struct { // as a table in a file that is not there yet
		Path  string
		Order worklist.Order
	}
)
