package step

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
	WordOpen        = "open the alert"
	wordAgain       = "ask again"
	wordNextPatient = "next patient"
	wordFind        = "find"
	WordHelp        = "help"
	WordDiagnostics = "diagnostics"
	WordLock        = "lock"
	wordQuit        = "quit"
	wordSuspend     = "to the shell"
	wordYesQuit     = "quit"
	WordTakeRole    = "take the role"
	WordScroll      = "scroll"
	WordMove        = "move"
)

// Find and results.
const (
	WordName     = "Name"
	WordBorn     = "Born"
	WordNumber   = "NHS number"
	WordDied     = "Died"
	WordWithheld = "Withheld"
)

// Patient.
const (
	wordBornLabel    = "Born"
	wordGenderLabel  = "Gender"
	WordNHSNo        = "NHS No."
	wordAgeAtDeath   = "Age at Death"
	WordRecordAsked  = "Getting the record."
	WordRecordFailed = "Record not available"
)

// Questions, and errors that are none of ours.
const (
	WordSessionGone        = "The session has ended."
	WordUnknownError       = "Something went wrong in the program."
	wordUnknownErrorAdvice = "Try again; if it goes on, use the local procedure and tell support the code."
	codeUnknown            = "T02"
)

// The words about alerts, openings and plans. The four states themselves are client.State's.
const ()

// The words about searching.
const (
	wordMoreFields  = "more fields"
	wordEmptyField  = "empty the field"
	WordSearchWider = "search wider"
)

// Flags in the record system.
const (
	wordFlag            = "flag it"
	WordRemove          = "remove the marked one"
	WordYesRemove       = "remove"
	WordFlagsUnreadable = "Flags that were kept on this computer cannot be read."
)

// The words of the linear mode alone: what it asks for, and what a screen shows without words. All others are the
// panes'.
const (
	WordPlainPrompt = "Command: "
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
	wordSaveTable = "save as a table"
)

// WordsCode returns the code for support.
func WordsCode(code string) string { return "Code for support: " + code }

// WordsFlagDoes returns what the flagging key does.
func WordsFlagDoes(place string) string {
	return "flags it in " + place + ": says there that there is an alert."
}

// WordsFlagging returns that the flag is being written.
func WordsFlagging(place string) string { return "Setting the flag in " + place + "." }
