package printout

import "fmt"

// Texts of the printout, except those of plans (client) and fields (internal/nhs).
const (
	title      = "CHILD PROTECTION ALERT"
	titleFlags = "OTHER FLAGS"

	wordBorn   = "Born"
	wordGender = "Gender"
	wordNumber = "NHS No."
	wordDied   = "Died"

	wordNotified = "The opening was recorded, and the local authority will be notified."
	wordSilent   = "It was opened silently: nobody was notified."
	wordNoPlans  = "There is no plan to show any more. It may have ended since the alert was shown; ask the local " +
		"authority."

	wordStart     = "Start"
	wordEnd       = "End"
	wordEnded     = "ENDED"
	wordRunsNow   = "none: it ran when this was printed"
	wordAuthority = "Authority"
	wordDuty      = "At all other times: ring the emergency duty team"
	wordNotGiven  = "no number given"
	wordNoPhone   = "The local authority gave no number. Use the local procedure."

	wordNoAccesses   = "Nobody has looked in unscheduled care."
	wordNoAccessList = "The list of who has looked did not come. The plans are complete."
)

// wordEndOfSummary is the last line of a summary.
const wordEndOfSummary = "END OF THE SUMMARY CARE RECORD. Without this line, a page is missing."

// DefaultDestroy is the default text about how to dispose of the printout.
const DefaultDestroy = "CONFIDENTIAL. Keep out of sight. Not for the notes unless your policy says so. " +
	"When it has been used, shred it or put it into confidential waste, as your local policy says."

func officeAt(hours string) string { return hours + ", not on bank holidays: ring the office" }

func asOf(at string) string {
	return fmt.Sprintf("As it was when it was opened: %s. What has changed since then is not on this paper.", at)
}

func planOf(i, n int, kind string) string {
	if n == 1 {
		return "PLAN: " + kind
	}
	return fmt.Sprintf("PLAN %d of %d: %s", i, n, kind)
}

func lookers(n int) string {
	if n == 0 {
		return "WHO HAS LOOKED"
	}
	return fmt.Sprintf("WHO HAS LOOKED: the latest %d, newest first", n)
}

func printedBy(at, person, role, where string) string {
	return fmt.Sprintf("Printed %s by %s, %s, %s.", at, person, role, where)
}

func requestWords(id string) string { return "Wardlight, CP-IS. Request " + id }

func viewed(at string) string {
	return fmt.Sprintf("As it was when it was viewed: %s. What has changed since then is not on this paper.", at)
}

func continued(heading string) string { return "Continued: " + heading }

func allSections(n int) string {
	return fmt.Sprintf("All %d sections of the summary are printed, allergies first.", n)
}

func summaryRequestWords(id string) string { return "Wardlight, SCR. Request " + id }

func destroyBy(at string) string { return "DESTROY BY " + at + "." }

func pageOf(i, n int) string { return fmt.Sprintf("Page %d of %d", i, n) }
