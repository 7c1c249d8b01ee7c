package worklist

// The actions of the worklist.
type (
	TakeKept    struct{}
	Load        struct{ Path string }
	Replace     struct{} // the file that was read takes the place of what is there
	LeaveAsItIs struct{} // it does not
	Forget      struct{}
	AskAgain    struct{} // asks again about everybody without an answer
)
