package patient

// The actions of the patient's screens.
type (
	AskAgain   struct{} // the record or the lamp that could not be had
	Open       struct{}
	ShowOpened struct{}
	Copy       struct{} // the receipt to the terminal's clipboard
)
