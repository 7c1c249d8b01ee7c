package step

import "wardlight/internal/nhs"

// The actions that the screens of several steps ask for.
type (
	Back        struct{}
	Retrieve    struct{ Number nhs.Number }
	ShowReceipt struct{} // the receipt of the check on the screen
	SetFlag     struct{} // sets the patient's flag in the record system
)
