package patient

// The actions of the patient's screens.
type (
	AskAgain   struct{} // requests the record or the lamp again if it failed
	Open       struct{}
	ShowOpened struct{}
	AskSummary struct{} // asks why the Summary Care Record may be viewed
	Copy       struct{} // copies the receipt to the terminal's clipboard
	// SaveReceipt saves the receipt with its proof in a file.
	SaveReceipt struct{ RequestID string }
)
