package step

import (
	"strings"

	"wardlight/rbac"
)

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
	WordBrowser     = "browser sign-in"
	WordLock        = "lock"
	wordQuit        = "quit"
	wordSuspend     = "to the shell"
	wordYesQuit     = "quit"
	WordTakeRole    = "take the role"
	WordScroll      = "scroll"
	WordReports     = "privacy reports"
	WordMove        = "move"
	WordSummary     = "summary"
)

// Search and results.
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

// Questions, and errors that have no package of their own.
const (
	WordSessionGone        = "The session has ended."
	WordUnknownError       = "Something went wrong in the program."
	wordUnknownErrorAdvice = "Try again; if it goes on, use the local procedure and tell support the code."
	codeUnknown            = "T02"
)

// Alerts, openings and plans. The words of the four states are in package client.
const ()

// Searching.
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

// Words used only in linear mode: questions, and words for what the screens show without words. All others are those
// of the panes.
const (
	WordPlainPrompt = "Command: "
)

// Printing. The words on the page are in package paper, and errors are in package cups.
const (
	wordPrint = "print"
)

// Receipts.
const (
	wordReceipt = "receipt"
)

// The worklist.
const (
	wordWorklist  = "worklist"
	wordSort      = "sort"
	wordOtherList = "another list"
	wordSave      = "save in a file"
)

// WordsCode returns a support code with its label.
func WordsCode(code string) string { return "Code for support: " + code }

// WordsFlagDoes returns what the flag key does.
func WordsFlagDoes(place string) string {
	return "flags it in " + place + ": says there that there is an alert."
}

// WordsFlagging returns the sentence shown while a flag is being written.
func WordsFlagging(place string) string { return "Setting the flag in " + place + "." }

// WordsLacks returns which codes a role lacks for an action, in parentheses after a blank, or "".
func WordsLacks(d rbac.Decision) string {
	if d.Allowed {
		return ""
	}
	var codes []string
	for _, c := range d.Missing {
		codes = append(codes, string(c))
	}
	return " (lacks " + strings.Join(codes, ", ") + ")"
}
