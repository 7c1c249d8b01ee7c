package tui

import (
	"fmt"

	"wardlight/internal/cups"
)

// The words of printing. What stands on the paper is package paper's, and what goes wrong is package cups's.
const (
	wordPrint         = "print"
	wordPrintNow      = "print"
	wordChoosePrinter = "choose a printer"
	wordOtherPrinter  = "another printer"
	wordTakePrinter   = "take this printer"
	wordCancelPage    = "cancel the page"
	wordBackToAlert   = "back to the alert"

	wordPrinter            = "Printer"
	wordNoPrinterYet       = "none chosen"
	wordLookingForPrinters = "Looking for printers."
	wordPrinting           = "Sending the page to the printer."
	wordCancelling         = "Cancelling the page."
	wordTakenBack          = "The page was cancelled. Look at the printer: the beginning of it may have come out."
	wordNothingPrinted     = "Nothing has been printed yet. This is how it will be on paper."
	wordWhichPrinter       = "Which printer? Choose one that you can stand beside."
	wordUsualPrinter       = "the usual one"
	titlePrinters          = "Printers"
)

func wordsPage(i, n int) string { return fmt.Sprintf("Page %d of %d", i, n) }

func wordsPages(n int) string {
	if n == 1 {
		return "1 page of A4"
	}
	return fmt.Sprintf("%d pages of A4", n)
}

func wordsFollowing(job string) string {
	if job == "" {
		return "Sent to the printer. Waiting until it has the page."
	}
	return "Sent to the printer as job " + job + ". Waiting until it has the page."
}

func wordsPrinted(job string) string {
	if job == "" {
		return "Sent to the printer. Fetch it now."
	}
	return "Sent to the printer as job " + job + ". Fetch it now."
}

// wordsQueue is what a printer does, and what it reported when it was last used: that may be mended since.
func wordsQueue(q cups.Queue) string {
	does := q.State.String()
	if q.Reason == "" || q.State == cups.Stopped {
		return does
	}
	if does != "" {
		does += ", "
	}
	return does + "when last used: " + q.Reason
}
