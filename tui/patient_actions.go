package tui

// The actions of the patient's screens.
type (
	actAskAgain   struct{} // the record or the lamp that could not be had
	actOpen       struct{}
	actShowOpened struct{}
	actCopy       struct{} // the receipt to the terminal's clipboard
)
