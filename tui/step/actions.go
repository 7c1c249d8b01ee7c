package step

import "wardlight/internal/nhs"

// The actions that screens of several steps return.
type (
	Back        struct{}
	Retrieve    struct{ Number nhs.Number }
	ShowReceipt struct{} // shows the receipt of the check on the screen
	SetFlag     struct{} // sets the patient's flag in the record system
)
