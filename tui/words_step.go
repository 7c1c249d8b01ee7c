package tui

// Keys.
const (
	wordGoOn        = "go on"
	wordBack        = "back"
	wordNextField   = "next field"
	wordPrevField   = "field before"
	wordUp          = "up"
	wordDown        = "down"
	wordPageUp      = "page up"
	wordPageDown    = "page down"
	wordLeft        = "left"
	wordRight       = "right"
	wordFirst       = "first"
	wordLast        = "last"
	wordOpen        = "open the alert"
	wordAgain       = "ask again"
	wordNextPatient = "next patient"
	wordFind        = "find"
	wordHelp        = "help"
	wordDiagnostics = "diagnostics"
	wordLock        = "lock"
	wordQuit        = "quit"
	wordSuspend     = "to the shell"
	wordYesQuit     = "quit"
	wordTakeRole    = "take the role"
	wordScroll      = "scroll"
	wordMove        = "move"
)

// Find and results.
const (
	wordName     = "Name"
	wordBorn     = "Born"
	wordNumber   = "NHS number"
	wordDied     = "Died"
	wordWithheld = "Withheld"
)

// Patient.
const (
	wordBornLabel    = "Born"
	wordGenderLabel  = "Gender"
	wordNHSNo        = "NHS No."
	wordAgeAtDeath   = "Age at Death"
	wordRecordAsked  = "Getting the record."
	wordRecordFailed = "Record not available"
)

// Questions, and errors that are none of ours.
const (
	wordSessionGone        = "The session has ended."
	wordSessionGoneAdvice  = "Sign in again."
	codeNoSession          = "T01"
	wordUnknownError       = "Something went wrong in the program."
	wordUnknownErrorAdvice = "Try again; if it goes on, use the local procedure and tell support the code."
	codeUnknown            = "T02"
)

// The words about alerts, openings and plans. The four states themselves are client.State's.
const (
	wordNoneRecordedMeans = "This does not prove that there is no plan: it leaves out Scotland, Wales, Northern Ireland, private placements, sensitive records and plans not yet sent."
)

// The words about searching.
const (
	wordMoreFields  = "more fields"
	wordSearchWider = "search wider"
)

// Flags in the record system.
const (
	wordFlag            = "flag it"
	wordRemove          = "remove the marked one"
	wordYesRemove       = "remove"
	wordFlagsUnreadable = "Flags that were kept on this computer cannot be read."
)

// The words of the linear mode alone: what it asks for, and what a screen shows without words. All others are the panes'.
const (
	wordPlainPrompt = "Command: "
)

// The words of printing. What stands on the paper is package paper's, and what goes wrong is package cups's.
const (
	wordPrint = "print"
)

// The words of receipts.
const (
	wordReceipt = "receipt"
)

// The words of the worklist.
const (
	wordWorklist  = "worklist"
	wordSort      = "sort"
	wordOtherList = "another list"
)

func wordsCode(code string) string { return "Code for support: " + code }

func wordsFlagDoes(place string) string {
	return "flags it in " + place + ": says there that there is an alert."
}

func wordsFlagging(place string) string { return "Setting the flag in " + place + "." }
