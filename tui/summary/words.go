package summary

import (
	"fmt"

	record "wardlight/internal/summary"
)

// The words of the Summary Care Record on the screens. Those of sections and states are in packages internal/summary
// and client.
const (
	titleAsk     = "Permission to view"
	wordQuestion = "Why may you view the Summary Care Record?"
	wordRecorded = "Your answer is recorded. Answers 2 to 5 alert your privacy officer."

	wordAgreed         = "The patient (or their decision maker) agreed"
	wordEmergency      = "Emergency: the patient cannot be asked"
	wordPublicInterest = "Law: public interest"
	wordStatute        = "Law: statute"
	wordCourtOrder     = "Law: court order"
	wordLacks          = "lacks"

	wordAnswer = "answer"
	wordView   = "view"
	wordCancel = "cancel"
	wordReason = "Reason"
	wordAsking = "Getting the Summary Care Record."

	titleSummary    = "Summary Care Record"
	wordNextSection = "next section"
	wordPrevSection = "section before"
	wordUnfold      = "unfold all"
	wordFold        = "fold"
)

// Words used only in linear mode.
const (
	wordPlainAnswer = "Number of the answer, or cancel: "
	wordPlainReason = "Reason in words: "
	wordAnswered    = "Your answer:"
	wordPlainMore   = "More lines follow: type page down."
)

// wordsFolded returns what a section that is not shown has.
func wordsFolded(s record.Section) string {
	switch {
	case s.State == record.Empty:
		return s.Heading() + ": empty"
	case s.State == record.Missing:
		return s.Heading() + ": not in the record"
	case s.Entries() == 1:
		return s.Heading() + ": 1 entry"
	default:
		return s.CountedHeading()
	}
}

// wordsShown returns which lines are shown, and the key for more.
func wordsShown(first, last, total int, key string) string {
	words := fmt.Sprintf("Lines %d to %d of %d.", first, last, total)
	if last < total {
		words += " MORE BELOW: " + key
	}
	return words
}

// wordsPage returns which lines linear mode says.
func wordsPage(first, last, total int) string {
	return fmt.Sprintf("Lines %d to %d of %d.", first, last, total)
}
