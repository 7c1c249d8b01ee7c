package alert

// The actions of the opened alert and of printing.
type (
	ShowPreview   struct{} // shows the printout
	ChoosePrinter struct{}
	TakePrinter   struct{ Name string }
	Print         struct{}
	CancelPage    struct{} // cancels a page that is waiting in the queue
)
