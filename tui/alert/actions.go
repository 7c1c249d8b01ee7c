package alert

// The actions of the opened alert and of printing.
type (
	ShowPreview   struct{} // the paper on the screen
	ChoosePrinter struct{}
	TakePrinter   struct{ Name string }
	Print         struct{}
	CancelPage    struct{} // that waits for its printer
)
