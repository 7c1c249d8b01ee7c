package alert

import (
	"fmt"

	"wardlight/internal/cups"
)

// Keys.
const (
	wordChoosePlan    = "plan"
	wordOtherPane     = "other pane"
	wordBackToPatient = "back"
)

// Titles.
const (
	titlePlan = "Plan"
)

// Alerts, openings and plans. The words of the four states are in package client.
const (
	wordNoPlans = "There is no plan to show any more. It may have ended since the alert was shown; ask the " +
		"local authority."
	WordPlanEnded    = "This plan has ended. It is shown because it may still matter."
	wordStart        = "Start"
	wordEnd          = "End"
	wordEnded        = "ended"
	wordSince        = "since"
	wordRunsNow      = "none, it runs now"
	wordAuthority    = "Authority"
	WordRingNow      = "RING NOW"
	wordOtherwise    = "otherwise"
	wordDuty         = "Emergency duty team"
	wordNotGiven     = "gave no number"
	wordNoNumber     = "no number"
	WordMayNotAnswer = "The office may not answer at this hour. If nobody does, use the local procedure."
	wordNoPhone      = "The local authority gave no number. Use the local procedure."
	wordWhen         = "When"
	wordWho          = "Who"
	wordJobRole      = "Job role"
	wordWhere        = "Organisation"
	wordNoAccesses   = "Nobody has looked in unscheduled care."
	wordNoAccessList = "The list of who has looked did not come. The plans are complete."
)

// Printing. The words on the page are in package paper, and errors are in package cups.
const (
	wordPrintNow           = "print"
	wordChoosePrinter      = "choose a printer"
	wordOtherPrinter       = "another printer"
	wordTakePrinter        = "take this printer"
	wordCancelPage         = "cancel the page"
	wordBackToAlert        = "back"
	wordPrinter            = "Printer"
	wordNoPrinterYet       = "none chosen"
	wordLookingForPrinters = "Looking for printers."
	wordPrinting           = "Sending the page to the printer."
	wordCancelling         = "Cancelling the page."
	wordTakenBack          = "The page was cancelled. Look at the printer: the beginning of it may have come out."
	wordNothingPrinted     = "Nothing has been printed yet. This is how it will be on paper."
	wordWhichPrinter       = "Which printer? Choose one that you can stand beside."
	wordDefaultPrinter     = "the usual one"
	titlePrinters          = "Printers"
)

func wordsNotified(at string) string {
	return fmt.Sprintf("Opened %s. Recorded; the local authority will be notified.", at)
}

func wordsSilent(at string) string {
	return fmt.Sprintf("Opened %s, silently: nobody was notified.", at)
}

func wordsNothingThere(at string) string {
	return fmt.Sprintf("Opened %s. No plan was there, so nobody was notified.", at)
}

// wordsOffice returns the label of the office's number, with its hours.
func wordsOffice(hours string) string { return "Office, " + hours }

// wordsClosedToday returns the note that the office is closed today, for example because of a bank holiday.
func wordsClosedToday(why string) string {
	if why == "" {
		return "The office is closed today."
	}
	return "The office is closed today: " + why + "."
}

func wordsPlans(n int) string { return fmt.Sprintf("%d plans, newest first", n) }

// wordsRingAll returns the instruction to ring several authorities.
func wordsRingAll(n int) string {
	if n == 2 {
		return "2 authorities: ring both"
	}
	return fmt.Sprintf("%d authorities: ring all of them", n)
}

func wordsOpenedOf(heading string) string { return "Opened: " + heading }

// wordsLookersBy returns the line that replaces the access history if there is no space for it. key is the key that
// shows it.
func wordsLookersBy(n int, key string) string {
	return fmt.Sprintf("%s (%s shows them)", wordsAccesses(n), key)
}

func wordsAccesses(n int) string {
	if n == 0 {
		return "Who has looked"
	}
	return fmt.Sprintf("Who has looked: the latest %d", n)
}

func wordsAccessesFrom(from, to, n int) string {
	return fmt.Sprintf("Who has looked: %d to %d of the latest %d", from, to, n)
}

func wordsPlainPlan(i, n int, kind string) string {
	if n == 1 {
		return titlePlan + ": " + kind
	}
	return fmt.Sprintf("%s %d of %d: %s", titlePlan, i+1, n, kind)
}

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

// wordsQueue returns the state of a printer, and what it reported at its last use; that problem may be fixed since.
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
