package tui

import "fmt"

// The words about alerts, openings and plans. The four states themselves are client.State's.
const (
	wordLampAsked         = "Asking whether there is an alert."
	wordNotCheckedMeans   = "Nobody has asked yet whether there is an alert."
	wordThereIsAnAlert    = "There is a child protection alert for this patient."
	wordNoneRecordedSays  = "No authority in England has told of a plan for this NHS number that runs now or ended lately."
	wordNoneRecordedMeans = "This does not prove that there is no plan: it leaves out Scotland, Wales, Northern Ireland, private placements, sensitive records and plans not yet sent."
	wordUnchecked         = "Whether there is an alert is not known. Use the local procedure."
	wordOtherLamp         = "The hub answered about another patient."
	wordOtherOpened       = "The hub answered with another patient's plans."

	wordOpenNotifies  = "opens it: writes the access history and notifies the local authority."
	wordOpenSilent    = "opens it silently: scheduled care, nobody is notified."
	wordOpening       = "Opening. Wait for the answer."
	wordRecordFirst   = "It can be opened when the record is here."
	wordCouldNotOpen  = "could not check: the alert could not be opened."
	wordNotRecorded   = "Nothing was recorded and nobody was notified."
	wordMayBeRecorded = "It may have been recorded; then the local authority will be notified."
	wordOpeningCutOff = "An alert was being opened. That may have been recorded; then the local authority will be notified. Open it again: that notifies nobody a second time."
	wordSilentAnyway  = "Opening is silent in this role: nobody was notified."

	wordNoPlans   = "There is no plan to show any more. It may have ended since the alert was shown; ask the local authority."
	wordPlanEnded = "This plan has ended. It is shown because it may still matter."
	wordStart     = "Start"
	wordEnd       = "End"
	wordEnded     = "ended"
	wordSince     = "since"
	wordRunsNow   = "none, it runs now"
	wordAuthority = "Authority"

	wordRingNow   = "RING NOW"
	wordOtherwise = "otherwise"
	wordDuty      = "Emergency duty team"
	wordNotGiven  = "gave no number"

	wordMayNotAnswer = "The office may not answer at this hour. If nobody does, use the local procedure."
	wordNoPhone      = "The local authority gave no number. Use the local procedure."

	wordWhen         = "When"
	wordWho          = "Who"
	wordJobRole      = "Job role"
	wordWhere        = "Organisation"
	wordNoAccesses   = "Nobody has looked in unscheduled care."
	wordNoAccessList = "The list of who has looked did not come. The plans are complete."
)

func wordsAsOf(at string) string { return "as of " + at }

func wordsOpenedBefore(at string) string {
	return fmt.Sprintf("shows it again as it was opened %s. Nobody is notified again.", at)
}

func wordsNotified(at string) string {
	return fmt.Sprintf("Opened %s. Recorded; the local authority will be notified.", at)
}

func wordsSilent(at string) string {
	return fmt.Sprintf("Opened %s, silently: nobody was notified.", at)
}

func wordsNothingThere(at string) string {
	return fmt.Sprintf("Opened %s. No plan was there, so nobody was notified.", at)
}

// wordsOffice is whose number the office's is, and when it answers.
func wordsOffice(hours string) string { return "Office, " + hours }

// wordsClosedToday says that the office is closed although its week has hours on this day.
func wordsClosedToday(why string) string {
	if why == "" {
		return "The office is closed today."
	}
	return "The office is closed today: " + why + "."
}

func wordsPlans(n int) string { return fmt.Sprintf("%d plans, newest first", n) }

func wordsAccesses(n int) string {
	if n == 0 {
		return "Who has looked"
	}
	return fmt.Sprintf("Who has looked: the latest %d", n)
}

func wordsAccessesFrom(from, to, n int) string {
	return fmt.Sprintf("Who has looked: %d to %d of the latest %d", from, to, n)
}
