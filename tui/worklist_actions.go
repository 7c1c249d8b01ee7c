package tui

// The actions of the worklist.
type (
	actTakeKept    struct{}
	actLoadList    struct{ path string }
	actReplaceList struct{} // the file that was read takes the place of what is there
	actLeaveList   struct{} // it does not
	actForgetList  struct{}
	actListAgain   struct{} // asks again about everybody without an answer
)
