package tui

// The actions of the opened alert and of printing.
type (
	actPreview       struct{} // the paper on the screen
	actChoosePrinter struct{}
	actTakePrinter   struct{ name string }
	actPrint         struct{}
	actCancelPage    struct{} // that waits for its printer
)
