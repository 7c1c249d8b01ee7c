package flags

// Flags in the record system.
const (
	titleFlags        = "Flags not yet written"
	wordRetryFlags    = "write them now"
	wordSave          = "keep"
	wordReadingFlags  = "Reading the list."
	wordNoFlagsWait   = "All flags are written."
	wordNoAnswerYet   = "The program ended before there was an answer."
	wordAlertAsOf     = "Alert as of"
	wordSavedWhere    = "Kept"
	wordSavedOnDisk   = "here, encrypted"
	wordSavedInMemory = "until you quit"
)

// Words used only in linear mode: questions, and words for what the screens show without words. All others are those
// of the panes.
const (
	WordPlainFlag = "Command, or the number of a flag to remove it: "
)

func wordsFlagsWaitFor(place string) string {
	return "These flags have still to be written into " + place + ". Each is written once, however often it is tried."
}

func wordsRemoveFlag(number string) string {
	return "Remove the flag for " + number + " from this list? It will not be written."
}
