package tui

import "wardlight/internal/nhs"

// The actions that the screens of several steps ask for.
type (
	actBack     struct{}
	actRetrieve struct{ number nhs.Number }
	actReceipt  struct{} // the receipt of the check on the screen
	actFlag     struct{} // sets the patient's flag in the record system
)
