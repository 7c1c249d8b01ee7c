package worklist

import (
	"fmt"

	"wardlight/internal/worklist"
)

// Words used only in linear mode: questions, and words for what the screens show without words. All others are those
// of the panes.
const (
	wordPlainLine         = "Line of the patient: "
	wordPlainFile         = "Name of the file: "
	WordPlainSaved        = "Type go to go on with the kept list, or other to name a file."
	WordPlainToSaved      = "Type /other for the kept list."
	WordPlainWhenAnswered = "Each patient is said when there is an answer."
)

// The worklist.
const (
	titleWorklist    = "Worklist"
	wordLoadList     = "check this list"
	wordUseSaved     = "go on with the kept list"
	wordSwitch       = "other field"
	wordBackFromList = "back"
	wordShowPatient  = "this patient"
	wordAskAgainAll  = "ask again"
	wordRemoveList   = "remove the list"
	wordYesReplace   = "replace it"
	wordSaveTable    = "save as a table"
	wordSaveMeans    = "Saves the list as a table (CSV), with names and NHS numbers in clear: only where your " +
		"policy allows it."
	wordSaveHint        = "A file that is not there yet, such as waiting-room.csv."
	wordWritingTable    = "Saving the list."
	wordSaveIt          = "leave it"
	wordListFile        = "File"
	wordListFileHint    = "A table (CSV) with a column “NHS number”, or NHS numbers, one a line."
	wordListMeans       = "Asks for each patient whether there is an alert. Nobody is notified and nothing is opened."
	wordLookingForSaved = "Looking for a list that was kept."
	wordReadingList     = "Reading the list."
	wordNeedFile        = "Type the name of a file."
	wordSavedList       = "Kept list"
	wordSavedHidden     = "Somebody else's answers don't come along: everybody is asked about again, in your name."
	wordListAsking      = "Asking."
	wordHubWaits        = "The hub asks to wait a moment."
	WordStayHere        = "The rest stays not checked, and is checked when the hub is back."
	wordListStops       = "Nothing more is asked."
	WordSavedSafe       = "Kept encrypted."
	wordOnlyMemory      = "Only in memory: it is gone when you lock, quit or change role."
	wordState           = "State"
	wordAsOfTitle       = "As of"
	wordFlags           = "Flags"
	wordOld             = "old"
	wordAskingNow       = "asking"
	wordOpened          = "opened"
	wordNotValid        = "not a valid NHS number"
	wordNotNumber       = "not checked – " + wordNotValid + "."
	WordListName        = "The name is the list's own: check it on the patient's screen."
	WordRemoveAsk       = "Remove this list? What is not checked stays so."
)

func wordsPlainLine(n int) string { return fmt.Sprintf("Line %d", n) }

func wordsListTitle(n, from, shown int) string {
	patients := "patients"
	if n == 1 {
		patients = "patient"
	}
	if shown < n {
		return fmt.Sprintf("%s: %d %s, %d to %d", titleWorklist, n, patients, from+1, from+shown)
	}
	return fmt.Sprintf("%s: %d %s", titleWorklist, n, patients)
}

// wordsListDone returns the text for a finished check. It must not suggest that everybody has an answer if somebody
// has none.
func wordsListDone(t worklist.Tally) string {
	switch n := t.Unanswered(); n {
	case 0:
		return "Finished: everybody has an answer."
	case 1:
		return fmt.Sprintf("Finished: 1 of %d has no answer.", t.All)
	default:
		return fmt.Sprintf("Finished: %d of %d have no answer.", n, t.All)
	}
}

func wordsProgress(t worklist.Tally) string { return fmt.Sprintf("%d of %d", t.Finished(), t.All) }

func wordsSavedList(at string, t worklist.Tally) string {
	return fmt.Sprintf("Read %s: %d patients, %d of them not checked.", at, t.All, t.NotChecked)
}

func wordsReplaceAsk(t worklist.Tally) string {
	return fmt.Sprintf("Replace the list that is there? %d of it have no answer.", t.Unanswered())
}

func wordsLine(line int) string { return fmt.Sprintf("Line %d of the list.", line) }

// wordsRead returns what was skipped or guessed when the file was read, or "".
func wordsRead(l worklist.List) string {
	switch {
	case l.NoHeadings:
		return "No headings were found: the NHS numbers alone were read. No name is compared."
	case l.Skipped == 1:
		return "1 line above the headings was left out."
	case l.Skipped > 1:
		return fmt.Sprintf("%d lines above the headings were left out.", l.Skipped)
	default:
		return ""
	}
}

func wordsSaved(path string) string { return "Saved as " + path + "." }

func wordsOldAnswer(asOf string) string { return "This answer is old: as of " + asOf + "." }

func wordsSortBy(alertsFirst bool) string {
	if alertsFirst {
		return "in the file's order"
	}
	return "alerts first"
}
